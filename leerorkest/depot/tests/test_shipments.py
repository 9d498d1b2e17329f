"""From a request to the receipt at the other end; who answers on the way; two cities that stay apart."""

import uuid
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from leerorkest.depot import actions
from leerorkest.depot.actions import places, refusals, requests, shipments
from leerorkest.depot.actions.reservations import NotEnough, Wanted
from leerorkest.depot.models import (
    Custody,
    Handover,
    Instrument,
    InstrumentRequest,
    Loan,
    Reservation,
    ShipmentExtra,
    ShipmentItem,
)
from leerorkest.depot.queries.reservations import stock_of
from leerorkest.depot.rules import Level, Spot, Terms, Where
from leerorkest.network.models import Site
from leerorkest.people.rules import Role
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.counting import queries_of
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db
BY = System("test")
MAY, JULY = date(2027, 5, 1), date(2027, 7, 1)
FLUTE = ("flute", None)


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=3))


@pytest.fixture
def flute():
    return make.make_kind("flute")


@pytest.fixture
def island(cast):
    """The depot on Curaçao, five weeks away."""
    site = make.make_site("Depósito", organisation=cast.curacao, sort=Site.DEPOT)
    shipments.set_freight_time(organisation=cast.curacao, site=None, weeks=5, by=BY, at=NOW)
    return site


@pytest.fixture
def flutes(cast, flute):
    return [make.make_instrument(cast.depot, kind=flute, number=str(n)) for n in range(1, 7)]


def ask(cast, site, flute, number=4, terms=Terms.LOAN, needed_on=MAY, until_on=JULY, **more):
    return requests.ask(
        asked_of=cast.amsterdam,
        site=site,
        wanted=[Wanted(flute, None, number)],
        terms=terms,
        needed_on=needed_on,
        until_on=until_on,
        by=BY,
        at=NOW,
        request_id=more.pop("request_id", None) or uuid.uuid4(),
    )


def answer(request, *numbers, reason="we have no more"):
    grants = [
        requests.Grant(line, number, line.size, "" if number == line.number else reason)
        for line, number in zip(request.lines.order_by("pk"), numbers, strict=True)
    ]
    return requests.answer(request=request, grants=grants, by=BY, at=NOW, reservation_id=uuid.uuid4())


def send(rows, site, terms=Terms.LOAN, due_on=JULY, **more):
    return shipments.send(
        instruments=rows,
        to_site=site,
        terms=terms,
        due_on=due_on if terms is Terms.LOAN else None,
        by=BY,
        at=more.pop("at", NOW),
        shipment_id=more.pop("shipment_id", None) or uuid.uuid4(),
        **more,
    )


def unpack(shipment, *rows, **more):
    for row in rows:
        shipments.unpack(shipment=shipment, tag=row.tag, by=BY, at=NOW, **more)


def receive(shipment, handover_id=None, at=NOW):
    return shipments.receive(shipment=shipment, by=BY, at=at, handover_id=handover_id or uuid.uuid4())


def borrow(rows, site, at=NOW):
    there = send(rows, site, at=at)
    unpack(there, *rows)
    receive(there, at=at)


def keeper(row):
    return Instrument.objects.with_parties().get(pk=row.pk).keeper


def free(organisation, day):
    return stock_of(organisation.pk, [FLUTE], TODAY)[FLUTE].free_on(day)


# --- asking and answering -------------------------------------------------------------------------------
def test_what_is_granted_is_reserved_from_the_day_it_has_to_leave(cast, flute, flutes, island):
    asked = answer(ask(cast, island, flute), 3)
    assert asked.reservation.from_on == MAY - timedelta(weeks=5)
    assert asked.reservation.until_on == JULY
    (line,) = asked.lines.all()
    assert (line.granted, line.reason) == (3, "we have no more")
    assert free(cast.amsterdam, MAY) == 3
    with pytest.raises(requests.AlreadyAnswered):
        answer(asked, 1)
    with pytest.raises(requests.AlreadyAnswered):
        requests.withdraw(request=asked, by=BY, at=NOW)


def test_more_than_there_is_cannot_be_granted_and_nothing_is_answered(cast, flute, flutes, island):
    asked = ask(cast, island, flute, number=9)
    with pytest.raises(NotEnough):
        answer(asked, 9)
    asked.refresh_from_db()
    assert asked.answered_at is None
    assert asked.lines.get().granted is None
    assert not Reservation.objects.exists()
    with pytest.raises(requests.NeedsAReason):
        answer(asked, 0, reason="")
    assert answer(asked, 0).reservation is None


def test_a_loan_to_another_city_needs_an_end_and_within_one_city_it_is_an_issue(cast, flute, flutes, island):
    with pytest.raises(requests.LoanNeedsAnEnd):
        ask(cast, island, flute, until_on=None)
    assert ask(cast, island, flute, terms=Terms.GIFT, until_on=None).terms == "gift"
    assert ask(cast, cast.regenboog.site, flute, until_on=None).terms == "issue"
    one = uuid.uuid4()
    assert ask(cast, island, flute, request_id=one) == ask(cast, island, flute, request_id=one)
    with pytest.raises(actions.OtherContent):
        ask(cast, island, flute, number=1, request_id=one)


def test_what_was_asked_and_answered_is_not_rewritten(cast, flute, flutes, island):
    line = answer(ask(cast, island, flute), 4).lines.get()
    for change in ({"number": 9}, {"granted": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(line).objects.filter(pk=line.pk).update(**change)


# --- on the way -----------------------------------------------------------------------------------------
def test_who_sent_it_answers_for_it_until_it_is_received(cast, flutes, island):
    shipment = send(flutes[:2], island)
    assert shipment.expected_on == TODAY + timedelta(weeks=5)
    assert keeper(flutes[0]) == cast.depot
    assert flutes[0].placements.open().get().spot == Spot(Where.TRANSIT, island.pk)
    assert free(cast.amsterdam, MAY) == 4
    assert free(cast.amsterdam, JULY) == 6  # a loan comes back
    for act in (
        lambda row: actions.lend(instrument=row, child=cast.amina, by=BY, at=NOW, handover_id=uuid.uuid4()),
        lambda row: actions.issue_class_set(
            instruments=[row], site=cast.regenboog.site, by=BY, at=NOW, handover_id=uuid.uuid4()
        ),
        lambda row: actions.retire(instrument=row, because="lost", by=BY, at=NOW),
        lambda row: send([row], island),
    ):
        with pytest.raises(refusals.UnderWay) as refused:
            act(Instrument.objects.get(pk=flutes[0].pk))
    assert "on its way to Depósito" in str(refused.value)
    with pytest.raises(refusals.ReceiptStays):
        actions.reverse(handover=shipment.sent_with, by=BY, at=NOW, handover_id=uuid.uuid4())


def test_the_receipt_makes_them_the_other_citys_and_the_lender_sees_only_where_they_are(cast, flutes, island, client):
    make.make_instrument(island, kind=flutes[0].kind, number="1")  # they have a number 1 already
    shipment = send(flutes[:2], island)
    unpack(shipment, *flutes[:2])
    one = uuid.uuid4()
    assert receive(shipment, one) == receive(shipment, one)
    row = Instrument.objects.with_parties().get(pk=flutes[0].pk)
    assert (row.organisation, row.keeper, row.number) == (cast.curacao, island, "")
    assert Instrument.objects.get(pk=flutes[1].pk).number == "2"
    assert Loan.objects.open().filter(lender=cast.amsterdam, borrower=cast.curacao, due_on=JULY).count() == 2
    # it is issued and lent there
    actions.issue_class_set(instruments=[row], site=cast.kadushi.site, by=BY, at=NOW, handover_id=uuid.uuid4())
    actions.lend(
        instrument=Instrument.objects.get(pk=row.pk), child=cast.islander, by=BY, at=NOW, handover_id=uuid.uuid4()
    )
    client.force_login(cast.joost)
    page = client.get("/depot/loans/").content.decode()
    assert "Kadushi" in page
    assert "Jaylen" not in page
    assert client.get(f"/depot/instruments/{row.uid}/").status_code == 404
    assert row.readable_tag not in client.get("/depot/").content.decode()
    client.force_login(cast.luca)
    page = client.get(f"/depot/instruments/{row.uid}/").content.decode()
    assert "On loan from Leerorkest Amsterdam" in page
    assert "Jaylen" in page
    # borrowed: not promised beyond its day
    assert free(cast.curacao, MAY) == 2
    assert free(cast.curacao, JULY) == 1
    connection.check_constraints()


def test_the_new_place_sees_no_name_of_the_old_one(cast, flutes, island, client):
    at = NOW - timedelta(days=20)
    person = make.make_account("Petra Pauk")
    make.make_posting(person, Role.TEACHER, cast.amsterdam)
    actions.lend_to_account(instrument=flutes[0], account=person, by=cast.joost, at=at, handover_id=uuid.uuid4())
    actions.give_back(instruments=[flutes[0]], by=cast.joost, at=at, handover_id=uuid.uuid4())
    shipment = send(flutes[:1], island, Terms.GIFT)
    unpack(shipment, flutes[0])
    receive(shipment)
    assert flutes[0].ownerships.open().get().organisation == cast.curacao
    assert not Loan.objects.exists()
    client.force_login(cast.luca)
    page = client.get(f"/depot/instruments/{flutes[0].uid}/").content.decode()
    assert "Depot Noord" in page
    assert "Petra" not in page
    assert "Joost" not in page


def test_a_loan_goes_home_and_gets_its_number_back(cast, flutes, island):
    make.make_instrument(island, kind=flutes[0].kind, number="1")
    there = send(flutes[:1], island)
    unpack(there, flutes[0])
    receive(there)
    lent = Instrument.objects.get(pk=flutes[0].pk)
    elsewhere = make.make_site("Depot Bonaire", organisation=make.make_organisation("bonaire"), sort=Site.DEPOT)
    with pytest.raises(shipments.OnLoan):
        send([lent], elsewhere)
    with pytest.raises(shipments.OnLoan):
        send([lent], cast.depot, Terms.GIFT)
    back = send([lent], cast.depot, Terms.RETURN)
    assert keeper(lent) == island
    unpack(back, lent)
    receive(back)
    home = Instrument.objects.with_parties().get(pk=lent.pk)
    assert (home.organisation, home.keeper, home.number) == (cast.amsterdam, cast.depot, "1")
    assert not Loan.objects.open().exists()
    assert Custody.objects.filter(instrument=home, level=Level.KEEPER.value).count() == 3


def test_who_borrowed_an_instrument_does_not_write_it_off(cast, flutes, island):
    there = send(flutes[:1], island)
    unpack(there, flutes[0])
    receive(there)
    lent = Instrument.objects.get(pk=flutes[0].pk)
    with pytest.raises(refusals.BorrowedFrom) as refused:
        actions.retire(instrument=lent, because="worn", by=System("test"), at=NOW + timedelta(days=9))
    assert cast.amsterdam.name in str(refused.value)
    assert not Instrument.objects.get(pk=lent.pk).retired_on
    actions.retire(instrument=lent, because="lost", by=System("test"), at=NOW + timedelta(days=9))  # it cannot go home
    assert Instrument.objects.get(pk=lent.pk).retired_on


def test_short_damaged_and_extra_each_have_a_next_step(cast, flutes, island):
    shipment = send(flutes[:3], island)
    unpack(shipment, flutes[0])
    unpack(shipment, flutes[1], condition=ShipmentItem.DAMAGED, remark="a key is bent")
    unpack(shipment, flutes[3])  # in the box, and not on the list
    receive(shipment)
    damaged, missing = (shipment.items.get(instrument=row) for row in flutes[1:3])
    assert (damaged.condition, damaged.remark) == ("damaged", "a key is bent")
    assert (missing.outcome, missing.short_at is not None) == ("", True)
    assert keeper(flutes[2]) == cast.depot
    extra = ShipmentExtra.objects.get()
    shipments.settle_extra(extra=extra, joins=True, by=BY, at=NOW)
    receive(shipment)
    assert keeper(flutes[3]) == island
    unpack(shipment, flutes[2])  # it came in a later box
    receive(shipment)
    assert keeper(flutes[2]) == island
    with pytest.raises(shipments.NothingArrived):
        receive(shipment)
    with pytest.raises(shipments.AlreadySettled):
        unpack(shipment, flutes[2])


@pytest.mark.parametrize(("outcome", "retired"), [(ShipmentItem.FOUND, ""), (ShipmentItem.LOST, "lost")])
def test_the_sender_settles_what_never_came(cast, flutes, island, outcome, retired):
    shipment = send(flutes[:1], island)
    assert shipments.report_short(shipment=shipment, by=BY, at=NOW) == 1
    shipments.settle(item=shipment.items.get(), outcome=outcome, by=BY, at=NOW)
    row = Instrument.objects.with_parties().get(pk=flutes[0].pk)
    assert (row.keeper, row.retired_because) == (cast.depot, retired)
    with pytest.raises(shipments.AlreadySettled):
        shipments.settle(item=shipment.items.get(), outcome=outcome, by=BY, at=NOW)


def test_an_extra_that_is_not_the_senders_cannot_join(cast, flutes, island):
    shipment = send(flutes[:1], island)
    theirs = make.make_instrument(island, kind=flutes[0].kind)
    unpack(shipment, theirs)
    with pytest.raises(shipments.NotInTheShipment):
        shipments.settle_extra(extra=ShipmentExtra.objects.get(), joins=True, by=BY, at=NOW)
    shipments.settle_extra(extra=ShipmentExtra.objects.get(), joins=False, by=BY, at=NOW)


@pytest.mark.parametrize("terms", [Terms.GIFT, Terms.LOAN])
def test_what_is_here_on_loan_cannot_join_a_box_to_a_third_city(cast, flutes, island, terms):
    borrow(flutes[:1], island)
    third = make.make_site("Bodega", organisation=make.make_organisation("aruba"), sort=Site.DEPOT)
    shipment = send([make.make_instrument(island, kind=flutes[0].kind)], third, terms)
    unpack(shipment, flutes[0])
    with pytest.raises(shipments.OnLoan):
        shipments.settle_extra(extra=ShipmentExtra.objects.get(), joins=True, by=BY, at=NOW)


def test_what_is_not_on_loan_cannot_join_a_box_that_goes_home(cast, flutes, island):
    borrow(flutes[:1], island)
    own = make.make_instrument(island, kind=flutes[0].kind)
    shipment = send(flutes[:1], cast.depot, Terms.RETURN)
    unpack(shipment, own)
    with pytest.raises(shipments.NotOnLoan):
        shipments.settle_extra(extra=ShipmentExtra.objects.get(), joins=True, by=BY, at=NOW)


def test_a_return_is_not_undone_when_the_instrument_is_in_another_city(cast, flutes, island):
    at = [NOW + timedelta(minutes=minutes) for minutes in range(4)]
    actions.lend(instrument=flutes[0], child=cast.amina, handover_id=uuid.uuid4(), by=BY, at=at[0])
    back = actions.give_back(instruments=flutes[:1], handover_id=uuid.uuid4(), by=BY, at=at[1])
    borrow(flutes[:1], island, at=at[2])
    with pytest.raises(refusals.CannotReverse):
        actions.reverse(handover=back, handover_id=uuid.uuid4(), by=BY, at=at[3])


def test_the_same_box_until_another_day_is_another_box(cast, flutes, island):
    once = uuid.uuid4()
    assert send(flutes[:1], island, shipment_id=once) == send(flutes[:1], island, shipment_id=once)
    with pytest.raises(refusals.OtherContent):
        send(flutes[:1], island, shipment_id=once, due_on=JULY + timedelta(days=1))


def test_on_any_date_nobody_of_the_other_city_is_named(cast, flutes, island, client):
    row, how = flutes[0], {"by": cast.joost}
    actions.lend_to_account(instrument=row, account=cast.joost, at=NOW, handover_id=uuid.uuid4(), **how)
    shelf = {"instruments": [row], "where": Where.SITE, "site": cast.depot, "shelf": "Z9 behind the door"}
    places.move(at=NOW, handover_id=uuid.uuid4(), **shelf, **how)
    later = NOW + timedelta(minutes=9)
    address = f"/depot/instruments/{row.uid}/?on={NOW:%Y-%m-%d}&time="
    client.force_login(cast.joost)
    page = client.get(f"{address}{NOW.astimezone(ZoneInfo('Europe/Amsterdam')):%H:%M}").content.decode()
    assert "Z9 behind the door" in page
    actions.give_back(instruments=[row], at=later, handover_id=uuid.uuid4(), **how)
    borrow([row], island, at=later)
    client.force_login(cast.luca)
    page = client.get(f"{address}{NOW.astimezone(ZoneInfo('America/Curacao')):%H:%M}").content.decode()
    assert "Depot Noord" in page
    assert "Joost" not in page
    assert "Z9 behind" not in page


@pytest.mark.parametrize(
    ("terms", "due_on", "refusal"),
    [(Terms.ISSUE, None, shipments.WrongTerms), (Terms.LOAN, TODAY, shipments.DueTooEarly)],
)
def test_terms_that_cannot_be_are_refused(cast, flutes, island, terms, due_on, refusal):
    with pytest.raises(refusal):
        send(flutes[:1], island, terms, due_on)
    assert not Handover.objects.filter(sort="send").exists()


# --- what the database refuses by itself ----------------------------------------------------------------
def test_the_database_keeps_an_instrument_with_its_keepers_organisation(cast, flutes, island):
    row = flutes[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Instrument.objects.filter(pk=row.pk).update(organisation=cast.curacao)
    shipment = send([row], island)
    handover = shipment.sent_with
    with pytest.raises(IntegrityError), transaction.atomic():  # nobody gets what is in a box
        Custody.objects.create(instrument=row, level="holder", account=cast.joost, started_at=NOW, began_with=handover)
    with pytest.raises(IntegrityError), transaction.atomic():  # a keeper elsewhere, before it is one of theirs
        ShipmentItem.objects.update(outcome="found")
        actions.handovers.move([(Instrument.objects.with_parties().get(pk=row.pk).keeping, island)], handover)
    for write in (
        lambda: type(shipment).objects.update(boxes=2),
        lambda: shipment.items.all().delete(),
        lambda: ShipmentItem.objects.create(shipment=send([flutes[1]], island), instrument=row),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


# --- the pages ------------------------------------------------------------------------------------------
def test_from_the_request_of_a_head_to_the_receipt_at_school(cast, flute, flutes, client):
    client.force_login(cast.hanna)
    sent = {
        "request_id": str(uuid.uuid4()),
        "site": cast.regenboog.site_id,
        "asked_of": "amsterdam",
        "needed_on": str(TODAY),
        "line0-number": "2",
        "line0-what": "flute:",
        "line0-along": "",
    }
    assert client.post("/depot/requests/new/", {**sent, "site": cast.koraal.site_id}).status_code == 200  # not hers
    asked_url = client.post("/depot/requests/new/", sent).url
    assert client.get(asked_url).status_code == 200
    asked = InstrumentRequest.objects.get()
    line = asked.lines.get()
    grant = {"act": "answer", f"line{line.pk}-number": "2", f"line{line.pk}-reason": ""}
    client.post(asked_url, grant)  # a head does not answer
    asked.refresh_from_db()
    assert asked.answered_at is None
    client.force_login(cast.luca)
    assert client.get(asked_url).status_code == 404
    client.force_login(cast.joost)
    assert client.post(asked_url, grant).status_code == 302
    asked.refresh_from_db()
    pick_list = f"/depot/reservations/{asked.reservation_id}/"
    for row in flutes[:2]:
        client.post(pick_list, {"act": "pick", "tag": row.tag, "pick_id": str(uuid.uuid4())})
    box = {"shipment_id": str(uuid.uuid4()), "terms": "issue", "boxes": "1", "carrier": "our van"}
    shipment_url = client.post(f"{pick_list}send/", box).url
    assert client.post(f"{pick_list}send/", box).url == shipment_url  # pressed twice
    client.force_login(cast.hanna)
    for row in flutes[:2]:
        client.post(shipment_url, {"act": "unpack", "tag": row.tag, "condition": "good"})
    assert client.post(shipment_url, {"act": "receive", "handover_id": str(uuid.uuid4())}).status_code == 302
    assert Instrument.objects.kept_by(cast.regenboog.site).count() == 2
    assert "Received" in client.get(shipment_url).content.decode()


def test_a_programme_of_somebody_else_borrows_through_the_depot(cast, flute, flutes, client):
    client.force_login(cast.sam)
    sent = {
        "request_id": str(uuid.uuid4()),
        "site": "",
        "outside": "Muziekschool Elders",
        "asked_of": "amsterdam",
        "needed_on": str(MAY),
        "line0-number": "2",
        "line0-what": "flute:",
        "line0-along": "",
    }
    assert client.post("/depot/requests/new/", sent).status_code == 302
    place = InstrumentRequest.objects.get().site
    assert (place.name, place.sort) == ("Muziekschool Elders", Site.OUTSIDE)
    assert place not in client.get("/depot/take-back/").context["form"].fields["site"].queryset


def test_loans_are_sent_home_from_their_page(cast, flutes, island, client):
    there = send(flutes[:2], island)
    unpack(there, *flutes[:2])
    receive(there)
    client.force_login(cast.luca)
    page = client.get("/depot/loans/")
    assert [loan.instrument.tag for loan in page.context["inside"]]
    loan = Loan.objects.get(instrument=flutes[0])
    sent = {"lender": "amsterdam", "loan": str(loan.pk), "shipment_id": str(uuid.uuid4()), "to_site": cast.depot.pk}
    answer_ = client.post("/depot/loans/", {**sent, "boxes": "1"})
    assert answer_.status_code == 302
    assert ShipmentItem.objects.under_way().get().instrument == flutes[0]
    client.force_login(cast.joost)
    assert "Comes to you" in client.get("/depot/shipments/").content.decode()


def test_lists_take_the_same_queries_for_one_and_for_three(cast, flute, flutes, island, client):
    client.force_login(cast.joost)
    send(flutes[:1], island)
    ask(cast, island, flute)
    before = [queries_of(client, address) for address in ("/depot/shipments/", "/depot/requests/")]
    for n in (1, 2):
        send(flutes[n : n + 1], island)
        ask(cast, island, flute)
    assert [queries_of(client, address) for address in ("/depot/shipments/", "/depot/requests/")] == before


def test_what_is_in_a_box_is_not_offered_to_a_school(client, cast, flute, flutes, island):
    send(flutes[:2], island)
    client.force_login(cast.joost)
    offered = client.get("/depot/issue/?kind=flute&count=24").context["rows"]
    assert {row.number for row in offered} == {"3", "4", "5", "6"}
