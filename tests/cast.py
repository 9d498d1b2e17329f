"""The cast of every test: Noor teaches at De Regenboog, Sam coordinates, Joost keeps the depot, Amina plays the violin.

Hanna heads De Regenboog. Eva teaches at another school, Luca coordinates another organisation: they should see none of
it. Bram is workshop master, Yara learns to repair in Atelier Oost. Wim taught 5A until last spring; Ola runs the
office.
"""

from dataclasses import dataclass
from datetime import date

from leerorkest.depot.models import Instrument
from leerorkest.lessons.models import Lesson
from leerorkest.network.models import Organisation, Site
from leerorkest.people.models import Account, Child
from leerorkest.people.rules import Role
from leerorkest.schools.models import Group, School, Teaching

from . import make


@dataclass(frozen=True)
class Cast:
    amsterdam: Organisation
    curacao: Organisation
    regenboog: School
    koraal: School
    kadushi: School  # on Curaçao
    depot: Site
    workshop: Site
    group: Group  # 5A of De Regenboog
    amina: Child
    dilan: Child
    stranger: Child  # a child of 't Koraal
    islander: Child  # a child on Curaçao
    noor: Account
    sam: Account
    joost: Account
    hanna: Account
    ola: Account
    eva: Account
    luca: Account
    wim: Account
    bram: Account
    yara: Account
    noors_teaching: Teaching
    lesson: Lesson
    violin: Instrument


def make_cast() -> Cast:
    amsterdam = make.make_organisation()
    curacao = make.make_organisation(
        "curacao",
        country="CW",
        holiday_region="",
        languages=["pap-cw", "nl"],
        time_zone="America/Curacao",
        currency="XCG",
    )
    regenboog = make.make_school("De Regenboog", organisation=amsterdam, code="99ZZ00")
    koraal = make.make_school("’t Koraal", organisation=amsterdam)
    kadushi = make.make_school("Kadushi", organisation=curacao)
    depot = make.make_site("Depot Noord", organisation=amsterdam, sort=Site.DEPOT)
    workshop = make.make_site("Atelier Oost", organisation=amsterdam, sort=Site.WORKSHOP)
    group, other, island = (
        make.make_group(regenboog),
        make.make_group(koraal, "6B", grade="6"),
        make.make_group(kadushi),
    )
    people = {
        name: make.make_account(full, f"{name}@example.org")
        for name, full in {
            "noor": "Noor de Wit",
            "sam": "Sam Visser",
            "joost": "Joost Bos",
            "hanna": "Hanna Smit",
            "ola": "Ola Kok",
            "eva": "Eva Prins",
            "luca": "Luca Martina",
            "wim": "Wim Mol",
            "bram": "Bram Vos",
            "yara": "Yara Haile",
        }.items()
    }
    noor = make.make_posting(people["noor"], Role.TEACHER, amsterdam)
    make.make_posting(people["sam"], Role.COORDINATOR, amsterdam)
    make.make_posting(people["joost"], Role.DEPOT_KEEPER, amsterdam)
    make.make_posting(people["hanna"], Role.SCHOOL_HEAD, regenboog.site)
    make.make_posting(people["ola"], Role.OFFICE, amsterdam)
    make.make_teaching(make.make_posting(people["eva"], Role.TEACHER, amsterdam), other)
    make.make_posting(people["luca"], Role.COORDINATOR, curacao)
    make.make_posting(people["bram"], Role.WORKSHOP_MASTER, amsterdam)
    make.make_posting(people["yara"], Role.TRAINEE, workshop)
    ended = make.make_posting(
        people["wim"], Role.TEACHER, amsterdam, from_on=date(2025, 8, 1), until_on=date(2026, 5, 1)
    )
    make.make_teaching(ended, group, from_on=date(2025, 8, 1))
    amina = make.make_child(group, "Amina", "Bakker")
    make.make_playing(amina)
    teaching = make.make_teaching(noor, group)
    dilan = make.make_child(group, "Dilan", "Yilmaz")
    return Cast(
        amsterdam=amsterdam,
        curacao=curacao,
        regenboog=regenboog,
        koraal=koraal,
        kadushi=kadushi,
        depot=depot,
        workshop=workshop,
        group=group,
        amina=amina,
        dilan=dilan,
        stranger=make.make_child(other, "Zoë", "Rietveld"),
        islander=make.make_child(island, "Jaylen", "Pieternella"),
        noors_teaching=teaching,
        lesson=make.make_lesson(group, teaching=teaching),
        violin=make.make_instrument(depot, number="17"),
        **people,
    )
