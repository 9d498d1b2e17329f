"""Pupil exports of any size, invented."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from bench.names import FIRST_NAME, LAST_NAME

PER_GROUP = 25


@dataclass(frozen=True)
class Invented:
    key: str
    first_name: str
    prefix: str
    last_name: str
    group: int
    grade: str


def pupils(count: int) -> Iterator[Invented]:
    for n in range(count):
        group = n // PER_GROUP
        yield Invented(
            key=f"p{n:07}",
            first_name=FIRST_NAME[n * 7 % len(FIRST_NAME)],
            prefix="van der" if n % 11 == 0 else "",
            last_name=LAST_NAME[(n * 13 + group) % len(LAST_NAME)],
            group=group,
            grade=str(group % 8 + 1),
        )


def edexml(count: int) -> bytes:
    """EDEXML 2.1 with fields that must be dropped in it, as real exports have them."""
    groups = "".join(
        f'<groep key="g{n}"><naam>{n % 8 + 1}-{n}</naam><jaargroep>{n % 8 + 1}</jaargroep></groep>'
        for n in range(-(-count // PER_GROUP))
    )
    children = "".join(
        f'<leerling key="{one.key}"><achternaam>{one.last_name}</achternaam>'
        + (f"<voorvoegsel>{one.prefix}</voorvoegsel>" if one.prefix else "")
        + f"<roepnaam>{one.first_name}</roepnaam><geboortedatum>2016-01-19</geboortedatum><geslacht>2</geslacht>"
        f'<jaargroep>{one.grade}</jaargroep><groep key="g{one.group}"/></leerling>'
        for one in pupils(count)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><EDEX><school><schooljaar>2026-2027</schooljaar>'
        "<brincode>99XX</brincode><dependancecode>00</dependancecode><schoolkey>s1</schoolkey>"
        "<aanmaakdatum>2026-11-24T08:00:00</aanmaakdatum><auteur>bench</auteur><xsdversie>2.1</xsdversie></school>"
        f"<groepen>{groups}</groepen><leerlingen>{children}</leerlingen></EDEX>"
    ).encode()


def table(count: int) -> bytes:
    """The same children as CSV."""
    text = io.StringIO()
    write = csv.writer(text, delimiter=";").writerow
    write(["Leerlingnummer", "Roepnaam", "Tussenvoegsel", "Achternaam", "Groep", "Leerjaar", "Geboortedatum"])
    for one in pupils(count):
        write([one.key, one.first_name, one.prefix, one.last_name, f"{one.grade}-{one.group}", one.grade, "2016-01-19"])
    return text.getvalue().encode()
