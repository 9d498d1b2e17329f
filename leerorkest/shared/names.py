"""Words of a vocabulary that stand in the database in each language."""

from typing import Any

from django.utils.translation import get_language


def own_name(row: Any) -> str:
    """Of `name_nl`, `name_en`, `name_pap_aw` and `name_pap_cw` the one in the reader's language; else the Dutch one."""
    language = (get_language() or "nl").replace("-", "_")
    return str(getattr(row, f"name_{language}", row.name_nl))
