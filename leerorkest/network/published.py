"""The holidays that governments publish, read from the `holidays` package. Islands publish no school holidays."""

from collections.abc import Iterable

import holidays

from .rules import PUBLIC, SCHOOL, Free, runs

SOURCE = f"holidays {holidays.__version__}"
NL_REGIONS = ("Noord", "Midden", "Zuid")
BQ_ISLANDS = ("BON", "SAB", "STA")
COUNTRIES = ("NL", "AW", "CW", "BQ", "SX")
# The name as the region itself writes it; the package speaks another Papiamentu on each island.
LOCAL = {
    ("AW", "pap-aw"): "pap_AW",
    ("CW", "pap-cw"): "pap_CW",
    ("BQ", "pap-cw"): "pap_BQ",
    ("BQ", "en"): "en_BQ",
    ("SX", "en"): "en_US",
}


def published_holidays(*, country: str, region: str, language: str, years: Iterable[int]) -> list[Free]:
    """Public holidays of a country, and its school holidays where they are published, in these calendar years."""
    wanted = sorted(set(years))
    if country not in COUNTRIES or not wanted:
        return []
    spoken = LOCAL.get((country, language), "nl")
    subdivision = region if country == "BQ" and region in BQ_ISLANDS else None
    public = holidays.country_holidays(country, subdiv=subdivision, years=wanted, language=spoken)
    found = [Free(" / ".join(public.get_list(day))[:80], PUBLIC, day, day) for day in sorted(public)]
    if country == "NL" and region in NL_REGIONS:
        around = range(wanted[0] - 1, wanted[-1] + 2)  # Christmas runs over the turn of the year
        days = holidays.country_holidays("NL", subdiv=region, years=around, language="nl", categories=(SCHOOL,))
        found += [
            free
            for free in runs({day: days.get_list(day)[0] for day in days})
            if free.first_on.year in wanted or free.last_on.year in wanted
        ]
    return sorted(found, key=lambda free: (free.first_on, free.name))
