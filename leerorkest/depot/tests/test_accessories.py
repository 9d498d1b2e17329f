"""What goes with an instrument."""

import pytest
from django.utils import translation

from leerorkest.depot.actions.accessories import load_accessories
from leerorkest.depot.models import AccessoryFit, AccessoryKind
from leerorkest.depot.queries.accessories import accessories_for, accessories_of
from leerorkest.depot.vocabulary import ACCESSORIES, FITS
from leerorkest.music.models import InstrumentKind, Size
from leerorkest.schools.forms.programme import PlayingForm
from tests import make

pytestmark = pytest.mark.django_db


def test_the_accessories_are_there_after_migrating_and_a_correction_stays():
    assert AccessoryKind.objects.count() == len(ACCESSORIES)
    AccessoryKind.objects.filter(code="rosin").update(name_pap_cw="Rezin")
    AccessoryFit.objects.filter(accessory="case", kind="violin").update(is_standard=False)
    load_accessories()
    assert AccessoryKind.objects.get(code="rosin").name_pap_cw == "Rezin"
    assert not AccessoryFit.objects.get(accessory="case", kind="violin").is_standard


def test_every_accessory_has_a_name_in_every_language_and_fits_something():
    for language in ("nl", "en", "pap-aw", "pap-cw"):
        with translation.override(language):
            assert len({row.name for row in AccessoryKind.objects.all()}) == len(ACCESSORIES), language
    assert {fit.accessory for of_kind in FITS.values() for fit in of_kind} == {row.code for row in ACCESSORIES}
    assert set(FITS) <= set(InstrumentKind.objects.values_list("code", flat=True))


def test_a_small_violin_goes_out_with_a_sponge_and_a_large_one_with_a_shoulder_rest(cast, django_assert_num_queries):
    kind = InstrumentKind.objects.get(code="violin")
    sizes = {size.code: size for size in Size.objects.filter(kind=kind)}
    small, large = (make.make_instrument(cast.depot, kind=kind, size=sizes[code]) for code in ("1/8", "4/4"))
    with django_assert_num_queries(1):
        found = accessories_of([small, large])
    assert [row.code for row in found[small.pk]] == ["case", "bow", "sponge", "rosin"]
    assert [row.code for row in found[large.pk]] == ["case", "bow", "shoulder-rest", "rosin"]
    assert "cloth" in {row.code for row in accessories_for(large, all_that_fit=True)}


def test_a_bow_is_no_instrument_that_a_child_plays():
    found = PlayingForm().found
    assert "violin:1/2" in found
    assert not any(code.startswith(("violin-bow", "case")) for code in found)
