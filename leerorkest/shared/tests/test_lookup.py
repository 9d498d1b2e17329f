"""A field for one of many rows: a select while they are few, words beyond that."""

import pytest
from django import forms
from django.http import QueryDict
from django.urls import reverse

from leerorkest.network.models import Site
from leerorkest.shared import lookup
from tests import make
from tests.pages import check_page, sign_in

pytestmark = pytest.mark.django_db


class Where(forms.Form):
    site = lookup.Lookup(Site.objects.none(), by=("name", "town"), label="Where")

    def __init__(self, data: str | None = None) -> None:
        super().__init__(None if data is None else QueryDict(data))
        self.fields["site"].queryset = Site.objects.all()


@pytest.fixture
def many(cast, monkeypatch):
    """More places than a select shows."""
    monkeypatch.setattr(lookup, "FEW", 3)
    for name in ("De Klokkenberg", "De Klokkenlaan", "De Klokken"):
        make.make_site(name, organisation=cast.amsterdam)
    return cast


def test_few_rows_are_a_select(cast):
    assert "<select" in Where()["site"].as_widget()
    form = Where(f"site={cast.depot.pk}")
    assert form.is_valid()
    assert form.cleaned_data["site"] == cast.depot


def test_many_rows_are_a_box_for_words_and_cost_one_query(many, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        html = Where()["site"].as_widget()
    assert 'name="site_words"' in html
    assert "Klokken" not in html


def test_a_part_of_the_name_is_enough_when_one_row_fits(many):
    form = Where("site_words=klokkenb")
    assert form.is_valid()
    assert form.cleaned_data["site"].name == "De Klokkenberg"


def test_a_row_with_just_this_name_goes_before_longer_names(many):
    form = Where("site_words=de klokken")
    assert form.is_valid()
    assert form.cleaned_data["site"].name == "De Klokken"


def test_several_that_fit_come_back_to_choose_from(many):
    form = Where("site_words=klokken")
    assert "More than one fits" in str(form.errors)
    html = form["site"].as_widget()
    assert html.count('type="radio"') == 3
    berg = Site.objects.get(name="De Klokkenberg")
    chosen = Where(f"site_words=klokken&site_for=klokken&site={berg.pk}")
    assert chosen.is_valid()
    assert chosen.cleaned_data["site"] == berg
    assert 'value="De Klokkenberg"' in chosen["site"].as_widget()


def test_who_types_other_words_after_all_gets_what_those_say(many):
    berg, laan = (Site.objects.get(name=name) for name in ("De Klokkenberg", "De Klokkenlaan"))
    form = Where(f"site_words=klokkenlaan&site_for=klokken&site={berg.pk}")
    assert form.is_valid()
    assert form.cleaned_data["site"] == laan


@pytest.mark.parametrize("data", ["site_words=nergens", "site_words=", "", "site=999999", "site=x", "site_words=%"])
def test_what_fits_nothing_is_said_so(many, data):
    form = Where(data)
    assert not form.is_valid()
    assert form.errors["site"]


def test_rows_behind_no_door_are_not_found(many):
    form = Where("site_words=klokkenberg")
    form.fields["site"].queryset = Site.objects.exclude(name="De Klokkenberg")
    assert not form.is_valid()


def test_a_link_with_a_key_shows_the_name(many):
    assert f'value="{many.depot.name}"' in Where(f"site={many.depot.pk}")["site"].as_widget()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_buttons_are_accessible_and_work_by_keyboard(page, live_server, many):
    sign_in(page.context, live_server, many.joost)
    page.goto(f"{live_server.url}{reverse('depot:instruments')}?state=")  # the choices stand open
    page.get_by_label("Kept by").fill("klokken")
    page.keyboard.press("Enter")
    page.get_by_label("De Klokkenberg").wait_for()
    check_page(page)
    page.get_by_label("De Klokkenberg").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**keeper=**")
    assert page.get_by_label("Kept by").input_value() == "De Klokkenberg"
