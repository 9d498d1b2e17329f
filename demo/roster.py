"""The pupil export of an invented school, in EDEXML 2.1: the demo loads its children as a school would send them."""

import random
from xml.sax.saxutils import escape

from . import names


def edexml(*, code: str, school_year: str, groups: tuple[str, ...], is_island: bool, size: int, seed: int) -> bytes:
    """A file with `size` children in every group. The same seed gives the same file."""
    chance = random.Random(seed)
    first = names.ISLAND_FIRST_NAMES if is_island else names.FIRST_NAMES
    last = names.ISLAND_LAST_NAMES if is_island else names.LAST_NAMES
    identity = (
        f"<schoolkey>{escape(code)}</schoolkey>"
        if is_island
        else f"<brincode>{code[:4]}</brincode><dependancecode>{code[4:]}</dependancecode>"
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<EDEX><school><schooljaar>{school_year}</schooljaar>{identity}<xsdversie>2.1</xsdversie></school><groepen>",
    ]
    for number, name in enumerate(groups):
        grade = "C" if "/" in name else name[0]
        lines.append(f'<groep key="g{number}"><naam>{escape(name)}</naam><jaargroep>{grade}</jaargroep></groep>')
    lines.append("</groepen><leerlingen>")
    pupil = 0
    for number, name in enumerate(groups):
        grades = [part[0] for part in name.split("/")]
        called: set[str] = set()
        while len(called) < size:
            first_name = chance.choice(first)
            if first_name in called:
                continue
            called.add(first_name)
            prefix, last_name = split(chance.choice(last))
            pupil += 1
            lines.append(
                f'<leerling key="{code}-{pupil}"><achternaam>{escape(last_name)}</achternaam>'
                + (f"<voorvoegsel>{escape(prefix)}</voorvoegsel>" if prefix else "")
                + f"<roepnaam>{escape(first_name)}</roepnaam><jaargroep>{chance.choice(grades)}</jaargroep>"
                f'<groep key="g{number}"/></leerling>'
            )
    lines.append("</leerlingen></EDEX>")
    return "\n".join(lines).encode()


def split(name: str) -> tuple[str, str]:
    """('van den', 'Berg') from 'van den Berg'."""
    prefix = next((prefix for prefix in names.PREFIXES if name.startswith(f"{prefix} ")), "")
    return prefix, name.removeprefix(prefix).strip()
