"""Reading a school's pupil export: EDEXML, OneRoster, CSV and XLSX. Plain Python, no Django, nothing on disk.

`reading.read(content)` gives a Roster; `difference.plan(roster, present)` says what it would change.
"""
