"""What stands above a column: how it is compared, and how it may be repeated."""

import re
import unicodedata

# Zero width and direction marks: they make two names look alike or a page read backwards.
INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])


def bare(column: str) -> str:
    """ "Leerling-nr." → "leerlingnr": how a column is compared."""
    plain = unicodedata.normalize("NFKD", column.casefold())
    return re.sub(r"[^a-z0-9]", "", plain)[:100]


def safe_field_name(name: str, place: int) -> str:
    """A field's name as we may repeat it. In a table without a header row the "names" are a child's data."""
    name = " ".join(name.translate(INVISIBLE).split())
    if not name or len(name) > 60 or not name.isprintable() or "@" in name or re.search(r"\d{4}", name):
        return f"#{place}"
    return name
