from leerorkest.formats.common import *  # noqa: F403
