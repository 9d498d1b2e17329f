"""The planning engines: who plays what, which class has its hour when, who stands in. Plain data in, plain data out.

Nothing here reads a clock, a file, a database or the network; `planner/__main__.py` alone opens the file it is given.
"""

VERSION = "1"
