from leerorkest.formats.common import *  # noqa: F403

DATE_FORMAT = r"j \d\i F Y"  # 24 di november 2026
SHORT_DATE_FORMAT = "j b Y"
MONTH_DAY_FORMAT = r"j \d\i F"
DATETIME_FORMAT = r"j \d\i F Y H:i"
SHORT_DATETIME_FORMAT = "j b Y H:i"
