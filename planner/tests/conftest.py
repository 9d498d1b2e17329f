"""The inner loops run as they are: on problems this small, compiling them would take longer than running them."""

import os

os.environ.setdefault("LEERORKEST_PLANNER_COMPILED", "0")
