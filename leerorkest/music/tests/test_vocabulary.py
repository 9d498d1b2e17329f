import csv

import pytest
from django.utils import translation

from leerorkest.music.actions import load_vocabulary
from leerorkest.music.models import FAMILIES, InstrumentKind, Size
from leerorkest.music.queries import plain, vocabulary
from leerorkest.music.vocabulary import KINDS

pytestmark = pytest.mark.django_db


def test_the_vocabulary_is_there_after_migrating():
    assert InstrumentKind.objects.count() == len(KINDS) >= 60
    assert {kind.family for kind in InstrumentKind.objects.all()} == {family for family, _ in FAMILIES}
    assert list(Size.objects.filter(kind="violin").values_list("label", flat=True)) == [
        "1/16", "1/10", "⅛", "¼", "½", "¾", "⅞", "4/4",
    ]  # fmt: skip


def test_loading_again_changes_nothing_that_a_person_corrected():
    InstrumentKind.objects.filter(code="violin").update(name_pap_cw="Biolin")
    InstrumentKind.objects.filter(code="gong").delete()
    load_vocabulary()
    load_vocabulary()
    assert InstrumentKind.objects.get(code="violin").name_pap_cw == "Biolin"
    assert InstrumentKind.objects.filter(code="gong").exists()
    assert InstrumentKind.objects.count() == len(KINDS)


def test_every_kind_has_its_own_name_in_every_language():
    for language in ("nl", "en", "pap-aw", "pap-cw"):
        with translation.override(language):
            names = [kind.name for kind in InstrumentKind.objects.all()]
        assert all(names)
        assert len(set(names)) == len(names)


def test_island_instruments_are_there():
    codes = {kind.code for kind in KINDS}
    assert {"tambu", "wiri", "benta", "chapi", "cuatro", "marimbula", "steel-pan", "agan"} <= codes


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Viool", "violin"), ("VIOLEN", "violin"), ("violin", "violin"), ("Alt-viool", "viola"), ("Trompetten", None),
        ("Violins", "violin"), ("contrabas", "double-bass"), ("Tambú", "tambu"), ("Klarinèt", "clarinet"),
        ("Steel drum", "steel-pan"), ("zingende zaag", None),
    ],
)  # fmt: skip
def test_a_kind_is_found_by_any_of_its_names(written, code):
    found = vocabulary().kind(written)
    assert (found.code if found else None) == code


@pytest.mark.parametrize("written", ["1/2", "½", " 1 / 2", "half", "0,5", "0.5", "1⁄2"])
def test_a_size_is_found_however_it_is_written(written):
    known = vocabulary()
    assert known.size(known.kind("viool"), written).label == "½"


def test_a_viola_is_measured_in_inches():
    known = vocabulary()
    for written in ("14", '14"', "14 inch", "14″", "14.0", "14 duim"):
        assert known.size(known.kind("altviool"), written).label == "14″"
    assert known.size(known.kind("altviool"), "15,5").code == "15.5"
    assert known.size(known.kind("trompet"), "1/2") is None


def test_the_classes_agree_with_the_source(shared_data):
    with (shared_data / "instruments" / "orkest-selectie.tsv").open(encoding="utf-8") as file:
        source = {plain(row["nl"]): row["hs_codes"].split("|") for row in csv.DictReader(file, delimiter="\t")}
    compared = 0
    for kind in KINDS:
        codes = source.get(plain(kind.nl), [""])
        if kind.hornbostel_sachs and codes != [""] and kind.code not in ("horn",):
            compared += 1
            assert kind.hornbostel_sachs in codes, kind.code
    assert compared >= 25
