"""`python -m planner.benchmarks [FOLDER] [--full]`: how strong the planner is, a JSON line per row."""

import sys

from planner.benchmarks.table import main

raise SystemExit(main(sys.argv[1:]))
