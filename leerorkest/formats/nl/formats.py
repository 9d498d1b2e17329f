from leerorkest.formats.common import *  # noqa: F403

SHORT_DATE_FORMAT = "j b Y"  # 24 nov 2026: no capital
SHORT_DATETIME_FORMAT = "j b Y H:i"
