"""A stocktake with two phones: one films real labels, the other loses its signal; finishing waits for it."""

import time

import pytest
from playwright.sync_api import expect

from leerorkest.depot.models import Stocktake, StocktakeScan
from tests import make
from tests.camera import film, label_png, phone_that_films
from tests.cast import make_cast
from tests.pages import look, sign_in, watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def scan(page, text):
    page.wait_for_load_state()  # before its script listens the form is posted, which shows another page
    page.get_by_label("Code on the label").focus()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def says(page):
    return page.locator("[data-scanner] .scanner-says")


def test_two_phones_count_a_depot_and_one_is_offline(browser_type, browser_type_launch_args, live_server, tmp_path):
    cast = make_cast()
    also, missing = make.make_instrument(cast.depot, number="18"), make.make_instrument(cast.depot, number="19")
    stray = make.make_instrument(cast.regenboog.site, number="7")
    path = film(tmp_path, label_png(f"{live_server.url}/i/{cast.violin.tag}"))
    with phone_that_films(browser_type, browser_type_launch_args, path) as of_joost:
        sign_in(of_joost, live_server, cast.joost)
        joost = of_joost.new_page()
        watch(joost)
        joost.goto(f"{live_server.url}/depot/stocktakes/")
        look(joost, "stocktakes")
        joost.get_by_role("link", name="Start a stocktake").click()
        joost.get_by_label("Which place").select_option("Depot Noord")
        look(joost, "open-stocktake")
        joost.get_by_role("button", name="Start", exact=True).click()
        joost.get_by_role("button", name="Open the camera").click()
        expect(says(joost)).to_have_text("Violin 17 is here.", timeout=20_000)
        expect(joost.get_by_text("1 of 3 are here.")).to_be_visible()
        look(joost, "stocktake")
        joost.get_by_role("button", name="Close the camera").click()
        counting = Stocktake.objects.get()

        of_sam = of_joost.browser.new_context(viewport={"width": 360, "height": 740}, service_workers="block")
        sign_in(of_sam, live_server, cast.sam)
        sam = of_sam.new_page()
        with sam.expect_response("**/expected/"), sam.expect_response("**/phone/"):
            sam.goto(f"{live_server.url}/depot/stocktakes/{counting.pk}/")
        of_sam.set_offline(True)
        scan(sam, also.tag)
        expect(says(sam)).to_have_text("Violin 18 is here.")  # without a signal
        expect(says(sam)).to_have_attribute("data-said", "right")
        scan(sam, stray.tag)
        expect(says(sam)).to_contain_text("is not expected here. Put it aside.")
        expect(says(sam)).to_have_attribute("data-said", "wrong")
        scan(sam, also.tag[:-1] + ("2" if also.tag[-1] != "2" else "3"))
        expect(says(sam)).to_contain_text("was not read well.")
        expect(sam.locator("#outbox")).to_contain_text("3 scans are not sent yet.", timeout=10_000)
        watch(sam)
        look(sam, "stocktake-offline")
        assert StocktakeScan.objects.count() == 1

        # Sam's phone cannot say what it holds: it is silent, and that is enough to wait for it.
        counting.phones.filter(by=cast.sam).update(heard_at=make.NOW)
        joost.reload()
        joost.get_by_text("Finish this stocktake").click()
        joost.get_by_role("button", name="Finish", exact=True).click()
        expect(joost.get_by_text("Not every scan has arrived: Sam Visser.")).to_be_visible()
        look(joost, "stocktake-refused")

        of_sam.set_offline(False)
        expect(sam.get_by_text("2 of 3 are here. Put aside: 1.")).to_be_visible(timeout=15_000)
        expect(sam.locator("#latest-list")).to_contain_text("belongs at De Regenboog. Put it aside.")
        scan(sam, cast.violin.tag)  # Joost scanned it: only the server knows
        expect(says(sam)).to_have_text("Violin 17 was scanned already. Go on with the next one.")
        expect(says(sam)).to_have_attribute("data-said", "again")
        expect(sam.locator("#outbox")).to_be_hidden()
        sam.goto(f"{live_server.url}/depot/stocktakes/")  # the page says goodbye
        for _ in range(50):
            if counting.phones.get(by=cast.sam).left_at:
                break
            time.sleep(0.1)

        joost.get_by_text("Finish this stocktake").click()
        joost.get_by_role("button", name="Finish", exact=True).click()
        expect(joost.get_by_text("Nothing in it changes any more.")).to_be_visible()
        expect(joost.get_by_role("link", name="Violin 19")).to_be_visible()
        look(joost, "stocktake-missing")
        joost.get_by_label("Violin 19").check()
        joost.get_by_role("button", name="Mark as lost").click()
        expect(joost.get_by_text("They are marked as lost.")).to_be_visible()
        joost.get_by_role("link", name="Misplaced").click()
        expect(joost.get_by_text("Belongs at De Regenboog")).to_be_visible()
        joost.set_viewport_size({"width": 1280, "height": 800})
        look(joost, "stocktake-misplaced-wide")
        assert missing.tag
        assert sorted(StocktakeScan.objects.values_list("outcome", flat=True)) == [
            *["again", "damaged", "here", "here", "misplaced"]
        ]


def test_a_thousand_scans_an_hour_wait_for_nothing(page, live_server, record_property):
    cast = make_cast()
    tags = [make.make_instrument(cast.depot, number=str(200 + number)).tag for number in range(30)]
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page.context, live_server, cast.joost)
    page.goto(f"{live_server.url}/depot/stocktakes/new/")
    page.get_by_label("Which place").select_option("Depot Noord")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("0 of 31 are here.")).to_be_visible()
    start = time.monotonic()
    for number, tag in enumerate(tags):
        scan(page, tag)
        expect(says(page)).to_have_text(f"Violin {200 + number} is here.")
    each = (time.monotonic() - start) / len(tags)
    expect(page.get_by_text("30 of 31 are here.")).to_be_visible(timeout=15_000)
    assert StocktakeScan.objects.filter(outcome="here").count() == 30
    record_property("figure", f"stocktake: a hand scanner is answered after {each * 1000:.0f} ms by script")
