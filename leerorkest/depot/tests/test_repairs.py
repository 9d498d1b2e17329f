"""From a broken string to the child's own violin back: loaner, ticket, steps, signatures, parts, maintenance."""

import itertools
import json
import math
import random
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from leerorkest.depot import actions, rules
from leerorkest.depot.actions import (
    defects,
    fitness,
    loaners,
    maintenance,
    parts,
    refusals,
    repairs,
    reservations,
    shipments,
)
from leerorkest.depot.models import (
    Cleaning,
    Custody,
    Defect,
    DefectKind,
    Instrument,
    Loaner,
    MaintenanceJob,
    Part,
    PartMovement,
    Repair,
    RepairEvent,
    RepairStep,
    StepKind,
)
from leerorkest.depot.queries import loaners as loaner_queries
from leerorkest.depot.queries import repairs as repair_queries
from leerorkest.depot.queries import rounds
from leerorkest.depot.queries.without import weeks_without
from leerorkest.depot.rules import Mending
from leerorkest.network.actions import put_on_map
from leerorkest.network.models import Site
from leerorkest.people.rules import Role
from leerorkest.schools.models import Enrolment, School
from leerorkest.shared import clock
from leerorkest.shared.actions import System
from tests import make
from tests.counting import queries_of

pytestmark = pytest.mark.django_db
NOW = make.NOW
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW + 9 * HOUR)


def act(action, at=NOW, by=None, **inputs):
    return action(by=by or System("test"), at=at, handover_id=uuid.uuid4(), **inputs)


@pytest.fixture
def broken(cast):
    """Amina's violin 17 is at De Regenboog and has a broken string; 31 stands on the shelf there."""
    spare = make.make_instrument(cast.depot, number="31")
    act(actions.issue_class_set, instruments=[cast.violin, spare], site=cast.regenboog.site)
    act(actions.lend, instrument=cast.violin, child=cast.amina)
    cast.__dict__["spare"] = spare
    return defects.report_defect(
        instrument=cast.violin,
        kind=DefectKind.objects.get(pk="bowed-string-broken"),
        by=cast.noor,
        at=NOW + HOUR,
        defect_id=uuid.uuid4(),
    )


def lend_loaner(cast, defect, at=NOW + 2 * HOUR, **values):
    return act(loaners.lend_loaner, at=at, defect=defect, loaner=values.pop("loaner", cast.spare), **values)


def ticket(cast, *found, at=NOW + 3 * HOUR, **values):
    return repairs.open_repair(
        defects=list(found), workshop=cast.workshop, by=cast.bram, at=at, repair_id=uuid.uuid4(), **values
    )


def mend(cast, made, at=NOW + 4 * HOUR):
    for step in made.steps.all():
        repairs.do_step(step=step, minutes=10, by=cast.yara, at=at)
        repairs.sign_step(step=step, by=cast.bram, at=at)
    return repairs.finish_repair(repair=made, outcome=Mending.MENDED, by=cast.bram, at=at)


def holder(instrument):
    found = Custody.objects.open().holders().filter(instrument=instrument).first()
    return found and found.child


# --- loaners ------------------------------------------------------------------------------------------------
def test_the_whole_way_in_one_handover_each(cast, broken):
    made = lend_loaner(cast, broken)
    assert holder(cast.spare) == cast.amina
    assert holder(cast.violin) is None
    assert made.sort == "swap"
    found = ticket(cast, broken)
    repairs.receive_repair(repair=found, by=cast.bram, at=NOW + 3 * HOUR, handover_id=uuid.uuid4())
    assert cast.violin in Instrument.objects.kept_by(cast.workshop)
    mend(cast, found)
    found.refresh_from_db()
    assert found.mended_at
    assert found.closed_at is None  # somebody has to decide about the loaner
    with pytest.raises(repairs.LoanerIsOut):
        repairs.shelve_repair(repair=found, by=cast.bram, at=NOW + 5 * HOUR)
    key = uuid.uuid4()
    back = loaners.hand_back(repair=found, by=cast.noor, at=NOW + 5 * HOUR, handover_id=key)
    again = loaners.hand_back(repair=found, by=cast.noor, at=NOW + 6 * HOUR, handover_id=key)
    assert back == again
    assert holder(cast.violin) == cast.amina
    assert holder(cast.spare) is None
    assert {cast.violin, cast.spare} <= set(Instrument.objects.kept_by(cast.regenboog.site))
    found.refresh_from_db()
    assert found.closed_with == back
    assert not Loaner.objects.open().exists()
    with pytest.raises(refusals.TicketIsClosed):
        act(actions.reverse, at=NOW + 7 * HOUR, handover=back)


def test_a_child_may_keep_the_loaner_and_the_old_one_is_free_for_another(cast, broken):
    lend_loaner(cast, broken)
    found = mend(cast, ticket(cast, broken))
    loaners.keep_loaner(repair=found, by=cast.noor, at=NOW + 5 * HOUR)
    assert holder(cast.spare) == cast.amina
    assert cast.violin in Instrument.objects.available()
    with pytest.raises(repairs.TicketClosed):
        loaners.keep_loaner(repair=found, by=cast.noor, at=NOW + 6 * HOUR)


def test_a_wrong_loaner_is_undone_like_every_handover(cast, broken):
    made = lend_loaner(cast, broken)
    act(actions.reverse, at=NOW + 3 * HOUR, handover=made)
    assert holder(cast.violin) == cast.amina
    assert holder(cast.spare) is None
    assert loaner_queries.waiting_child(Defect.objects.get(pk=broken.pk), NOW.date()) == cast.amina


def test_a_loaner_that_is_given_back_is_no_loaner_any_more(cast, broken):
    lend_loaner(cast, broken)
    act(actions.give_back, at=NOW + 3 * HOUR, instruments=[cast.spare])
    assert not Loaner.objects.open().exists()


def test_what_is_refused_as_a_loaner(cast, broken):
    cello = make.make_instrument(cast.depot, kind=make.make_kind("cello", name_en="Cello", name_nl="Cello"))
    with pytest.raises(loaners.NotTheSame):
        lend_loaner(cast, broken, loaner=cello)
    lend_loaner(cast, broken)
    with pytest.raises(loaners.NobodyWaits):
        lend_loaner(cast, broken, loaner=make.make_instrument(cast.depot), at=NOW + 3 * HOUR)


def test_the_nearest_comes_first_then_the_least_worn(cast, broken):
    _, other = make.make_instrument(cast.depot, number="40"), make.make_instrument(cast.depot, number="41")
    act(actions.issue_class_set, instruments=[other], site=cast.koraal.site)
    worn = make.make_instrument(cast.depot, number="20")
    act(actions.issue_class_set, instruments=[worn], site=cast.regenboog.site)
    act(actions.lend, instrument=worn, child=cast.dilan)
    act(actions.give_back, at=NOW + HOUR, instruments=[worn])
    found = loaner_queries.proposals(Instrument.objects.all(), cast.violin, cast.regenboog.site)
    assert [row.number for row in found] == ["31", "20", "40", "41"]


def test_a_loaner_of_another_school_is_kept_by_the_childs_school_from_then_on(cast, broken):
    far = make.make_instrument(cast.depot, number="41")
    act(actions.issue_class_set, instruments=[far], site=cast.koraal.site)
    lend_loaner(cast, broken, loaner=far)
    assert far in Instrument.objects.kept_by(cast.regenboog.site)


# --- tickets ------------------------------------------------------------------------------------------------
def test_a_ticket_has_the_steps_that_mend_it_and_ends_with_playing_it(cast, broken):
    found = ticket(cast, broken)
    assert [step.kind_id for step in found.steps.all()] == ["change-string", "play"]
    assert found.due_on == NOW.date() + timedelta(days=7)  # a child waits
    assert cast.violin not in Instrument.objects.available()
    with pytest.raises(repairs.HasTicket):
        ticket(cast, broken)


def test_a_ticket_is_mended_when_every_step_is_signed(cast, broken):
    found = ticket(cast, broken)
    first = found.steps.first()
    with pytest.raises(repairs.StepNotDone):
        repairs.sign_step(step=first, by=cast.bram, at=NOW + 4 * HOUR)
    repairs.do_step(step=first, minutes=12, by=cast.yara, at=NOW + 4 * HOUR)
    with pytest.raises(repairs.StepDone):
        repairs.do_step(step=first, minutes=12, by=cast.bram, at=NOW + 4 * HOUR)
    with pytest.raises(repairs.StepsOpen):
        repairs.finish_repair(repair=found, outcome=Mending.MENDED, by=cast.bram, at=NOW + 4 * HOUR)
    mended = repairs.finish_repair(
        repair=found, outcome=Mending.ELSEWHERE, cost=Decimal("25"), by=cast.bram, at=NOW + 4 * HOUR
    )
    assert (mended.cost, mended.currency) == (Decimal("25"), "EUR")
    assert not Defect.objects.open().exists()
    assert mended.closed_at  # Amina still has it in care: nothing to hand back


def test_beyond_repair_it_leaves_and_the_child_keeps_the_loaner(cast, broken):
    lend_loaner(cast, broken)
    found = ticket(cast, broken)
    repairs.finish_repair(repair=found, outcome=Mending.BEYOND, by=cast.bram, at=NOW + 4 * HOUR)
    cast.violin.refresh_from_db()
    assert cast.violin.retired_on
    with pytest.raises(refusals.Retired):
        act(loaners.hand_back, at=NOW + 5 * HOUR, repair=found)
    loaners.keep_loaner(repair=found, by=cast.noor, at=NOW + 5 * HOUR)


def test_what_a_master_does_needs_no_other_signature_and_a_step_too_much_is_taken_off(cast, broken):
    found = ticket(cast, broken)
    extra = repairs.add_step(repair=found, kind=StepKind.objects.get(pk="clean"), by=cast.bram, at=NOW + 4 * HOUR)
    repairs.drop_step(step=extra, by=cast.bram, at=NOW + 4 * HOUR)
    done = repairs.do_step(step=found.steps.first(), minutes=5, is_master=True, by=cast.bram, at=NOW + 4 * HOUR)
    assert done.signed_by == cast.bram


def test_skills_are_what_was_signed_and_go_along_as_json_and_pdf(client, cast, broken):
    mend(cast, ticket(cast, broken))
    found = repair_queries.skills_of(cast.yara)
    assert [(skill.step, skill.times, skill.signed_by) for skill in found] == [
        ("Change a string", 1, ("Bram Vos",)),
        ("Tune it and play it", 1, ("Bram Vos",)),
    ]
    client.force_login(cast.yara)
    address = f"/depot/workshop/skills/{cast.yara.uid}/"
    assert "Change a string" in client.get(address).content.decode()
    assert json.loads(client.get(address + "skills.json").content)["skills"][0]["minutes"] == 10
    assert client.get(address + "skills.pdf").content.startswith(b"%PDF-")
    assert client.get(f"/depot/workshop/skills/{cast.bram.uid}/").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        lambda: RepairEvent.objects.update(note="x"),
        lambda: RepairEvent.objects.all().delete(),
        lambda: Repair.objects.update(closed_at=None),
        lambda: RepairStep.objects.update(minutes=1),
        lambda: RepairStep.objects.filter(signed_at__isnull=False).delete(),
        lambda: Loaner.objects.all().delete(),
        lambda: Loaner.objects.update(kept_at=None, kept_by_key=""),
    ],
)
def test_the_database_keeps_what_was_done_and_signed(cast, broken, change):
    lend_loaner(cast, broken)
    found = mend(cast, ticket(cast, broken))
    loaners.keep_loaner(repair=found, by=cast.noor, at=NOW + 5 * HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_the_database_knows_one_open_ticket_and_no_loaner_without_a_child(cast, broken):
    found = ticket(cast, broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        Repair.objects.create(
            instrument=cast.violin,
            workshop=cast.workshop,
            due_on=NOW.date(),
            opened_at=NOW,
            by_key="x",
            content_hash="x",
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Repair.objects.filter(pk=found.pk).update(mended_at=NOW + HOUR, outcome="")
    keeping = Custody.objects.open().keepers().get(instrument=cast.spare)
    with pytest.raises(IntegrityError), transaction.atomic():
        Loaner.objects.create(custody=keeping, instead_of=cast.violin, defect=broken)


def test_a_workshop_of_another_organisation_gets_no_ticket(cast, broken):
    island = make.make_site("Tayer", organisation=cast.curacao, sort=Site.WORKSHOP)
    with pytest.raises(refusals.SiteOfAnother):
        repairs.open_repair(defects=[broken], workshop=island, by=cast.bram, at=NOW + 3 * HOUR, repair_id=uuid.uuid4())


# --- parts --------------------------------------------------------------------------------------------------
def test_parts_are_the_sum_of_what_moved_and_never_below_nought(cast, broken):
    found = ticket(cast, broken)
    at = {"by": cast.bram, "at": NOW + 4 * HOUR}
    string = parts.add_part(
        site=cast.workshop,
        name="E string",
        kind=make.make_kind(),
        mends=[broken.kind],
        reorder_at=2,
        price=Decimal("3.50"),
        **at,
    )
    with pytest.raises(parts.TooFew):
        parts.use_part(part=string, quantity=1, repair=found, movement_id=uuid.uuid4(), **at)
    parts.buy_part(part=string, quantity=3, movement_id=uuid.uuid4(), **at)
    key = uuid.uuid4()
    parts.use_part(part=string, quantity=1, repair=found, movement_id=key, **at)
    parts.use_part(part=string, quantity=1, repair=found, movement_id=key, **at)  # the same tap again
    with pytest.raises(refusals.OtherContent):  # the same tap, with another number
        parts.use_part(part=string, quantity=2, repair=found, movement_id=key, **at)
    mend(cast, found)
    parts.use_part(part=string, quantity=1, repair=found, movement_id=key, **at)  # kept long ago, whatever came since
    with pytest.raises(repairs.TicketClosed):
        parts.use_part(part=string, quantity=1, repair=found, movement_id=uuid.uuid4(), **at)
    assert Part.objects.counted().get().stock == 2
    assert Part.objects.to_order().get() == string
    assert repair_queries.fitting_parts(Part.objects.all(), found).first() == string
    assert repair_queries.sum_of(found, []).money == {"EUR": Decimal("3.50")}
    parts.count_part(part=string, counted=5, movement_id=uuid.uuid4(), **at)
    assert Part.objects.counted().get().stock == 5
    with pytest.raises(IntegrityError), transaction.atomic():
        PartMovement.objects.create(part=string, sort="lost", quantity=-6, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        PartMovement.objects.all().delete()


# --- maintenance --------------------------------------------------------------------------------------------
def test_a_rule_opens_a_job_once_blocks_when_overdue_and_comes_round(cast):
    at = {"by": cast.bram, "at": NOW}
    rule = maintenance.set_rule(
        organisation=cast.amsterdam,
        name="New strings",
        kind=cast.violin.kind,
        every_months=12,
        due_on=NOW.date() + timedelta(days=3),
        blocks=True,
        **at,
    )
    job = MaintenanceJob.objects.get()
    assert maintenance.open_jobs(organisation=cast.amsterdam, **at) == 0
    assert cast.violin in Instrument.objects.available()
    late = {"by": cast.bram, "at": NOW + timedelta(days=5)}
    maintenance.open_jobs(organisation=cast.amsterdam, **late)
    assert cast.violin not in Instrument.objects.available()
    with pytest.raises(fitness.MaintenanceOverdue):
        act(actions.lend, at=NOW + timedelta(days=5), instrument=cast.violin, child=cast.amina)
    maintenance.do_job(job=job, **late)
    assert cast.violin in Instrument.objects.available()
    with pytest.raises(maintenance.JobDone):
        maintenance.do_job(job=job, **late)
    a_year_on = {"by": cast.bram, "at": NOW + timedelta(days=345)}
    assert maintenance.open_jobs(organisation=cast.amsterdam, **a_year_on) == 1
    assert MaintenanceJob.objects.open().get().due_on == rules.add_months(job.done_at.date(), 12)
    maintenance.end_rule(rule=rule, **late)


def test_a_recall_is_about_one_model_and_comes_once(cast):
    of_model = make.make_instrument(cast.depot, brand="Gewa", model="X1")
    maintenance.set_rule(
        organisation=cast.amsterdam,
        name="Recall X1",
        kind=cast.violin.kind,
        brand="gewa",
        model="x1",
        due_on=NOW.date(),
        by=cast.bram,
        at=NOW,
    )
    job = MaintenanceJob.objects.get()
    assert job.instrument == of_model
    maintenance.do_job(job=job, by=cast.yara, at=NOW)
    assert maintenance.open_jobs(organisation=cast.amsterdam, by=cast.bram, at=NOW + timedelta(days=900)) == 0


# --- weeks without ------------------------------------------------------------------------------------------
def test_a_day_counts_from_the_day_after_it_broke_until_the_day_of_the_loaner(cast, broken):
    lend_loaner(cast, broken, at=NOW + timedelta(days=8))  # seven whole days between
    window = {"first": NOW.date(), "until": NOW.date() + timedelta(days=28)}
    (found,) = weeks_without(School.objects.filter(pk=cast.regenboog.pk), **window)
    assert (found.days, found.children, found.weeks) == (7, 1, 1.0)


def test_a_mistake_and_a_holiday_do_not_count(cast, broken):
    from leerorkest.network.models import Holiday

    defects.withdraw_defect(defect=broken, by=cast.noor, at=NOW + timedelta(days=10))
    window = {"first": NOW.date(), "until": NOW.date() + timedelta(days=28)}
    school = School.objects.filter(pk=cast.regenboog.pk)
    assert weeks_without(school, **window)[0].days == 0
    make.make_playing(cast.dilan)  # plays, and has nothing
    assert weeks_without(school, **window)[0].days == 28
    Holiday.objects.create(
        organisation=cast.amsterdam,
        name="Vakantie",
        sort=Holiday.SCHOOL,
        first_on=NOW.date(),
        last_on=NOW.date() + timedelta(days=6),
        source="us",
    )
    assert weeks_without(school, **window)[0].days == 21
    Enrolment.objects.filter(child=cast.dilan).update(until_on=NOW.date() + timedelta(days=10))
    assert weeks_without(school, **window)[0].days == 3


def test_the_days_of_a_child_equal_a_count_day_by_day():
    chance = random.Random(5)
    start = date(2026, 9, 1)

    def spans(most):
        found = []
        for _ in range(chance.randint(0, most)):
            a = chance.randint(-5, 40)
            found.append(
                (start + timedelta(a), None if chance.random() < 0.2 else start + timedelta(a + chance.randint(0, 15)))
            )
        return found

    def within(day, some):
        return any(a <= day and (b is None or day < b) for a, b in some)

    for _ in range(500):
        plays, has, off = spans(2), spans(3), spans(2)
        days = [start + timedelta(n) for n in range(30)]
        due = sum(1 for day in days if within(day, plays) and not within(day, has) and not within(day, off))
        assert rules.days_without(plays, has, off, start, start + timedelta(30)) == due


def test_pieces_of_a_period_without_others():
    at = lambda hour: datetime(2026, 9, 1, hour, tzinfo=UTC)  # noqa: E731
    assert rules.pieces_without((at(1), None), [(at(3), at(5))]) == [(at(1), at(3)), (at(5), None)]
    assert rules.pieces_without((at(1), at(9)), [(at(0), at(2)), (at(8), None)]) == [(at(2), at(8))]
    assert rules.pieces_without((at(1), at(9)), [(at(0), None)]) == []


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
    ],
)
def test_months_later(day, months, due):
    assert rules.add_months(day, months) == due


# --- the round ----------------------------------------------------------------------------------------------
def test_the_round_is_near_the_shortest_of_all_orders():
    chance, worst, total = random.Random(3), 1.0, 0.0
    for _ in range(40):
        points = [(52 + chance.random(), 4 + chance.random()) for _ in range(chance.randint(3, 7))]
        between = [[rules.distance(a, b) for b in points] for a in points]
        order = rules.round_trip(points)
        assert sorted(order) == list(range(len(points)))
        assert order[0] == 0
        best = min(rules.length([0, *rest], between) for rest in itertools.permutations(range(1, len(points))))
        ratio = rules.length(order, between) / best
        worst, total = max(worst, ratio), total + ratio
    assert worst < 1.05
    assert total / 40 < 1.005


def test_distance_in_kilometres():
    assert math.isclose(rules.distance((52.3731, 4.8922), (51.9225, 4.4792)), 57.4, abs_tol=0.5)  # Amsterdam–Rotterdam
    assert rules.round_trip([]) == []


def test_the_round_stops_where_tickets_are_and_names_steps_and_parts(client, cast, broken):
    ticket(cast, broken, on_site=True)
    string = parts.add_part(
        site=cast.workshop, name="E string", kind=cast.violin.kind, mends=[broken.kind], by=cast.bram, at=NOW
    )
    parts.buy_part(part=string, quantity=1, movement_id=uuid.uuid4(), by=cast.bram, at=NOW)
    client.force_login(cast.yara)
    one = queries_of(client, "/depot/workshop/round/")
    page = client.get("/depot/workshop/round/").content.decode()
    assert "De Regenboog" in page
    assert "1 × E string" in page
    assert "in the drawer" not in page
    assert "is not on the map" in page
    assert str(RepairStep.objects.filter(repair__on_site=True).first().kind) in page
    assert "Amina" not in page
    for site, north, east in ((cast.workshop, "52.3731", "4.8922"), (cast.regenboog.site, "52.4", "4.95")):
        put_on_map(site=site, point=(Decimal(north), Decimal(east)), by=cast.sam, at=NOW)
    page = client.get("/depot/workshop/round/").content.decode()
    assert "4,9 km" in page
    for _ in range(2):
        spare = make.make_instrument(cast.depot)
        act(actions.issue_class_set, instruments=[spare], site=cast.koraal.site)
        wrong = {"kind": broken.kind, "by": cast.joost, "at": NOW + HOUR, "defect_id": uuid.uuid4()}
        ticket(cast, defects.report_defect(instrument=spare, **wrong), on_site=True)
    assert queries_of(client, "/depot/workshop/round/") == one
    page = client.get("/depot/workshop/round/").content.decode()
    assert page.index("1. De Regenboog") < page.index("2. ’t Koraal")  # which is not on the map
    assert "1 in the drawer" in page


def test_a_child_who_waits_comes_before_many_tickets_and_many_before_near(cast, broken):
    ticket(cast, broken, on_site=True)
    for n in range(2):
        spare = make.make_instrument(cast.depot, number=f"9{n}")
        act(actions.issue_class_set, instruments=[spare], site=cast.koraal.site)
        ticket(cast, _dent(cast, spare), on_site=True)
    tickets = Repair.objects.all()
    first = rounds.round_of(cast.workshop, tickets, most=1)
    assert [stop.site for stop in first.stops] == [cast.regenboog.site]
    assert first.left_out == 1
    lend_loaner(cast, broken, at=NOW + 4 * HOUR)
    assert [stop.site for stop in rounds.round_of(cast.workshop, tickets, most=1).stops] == [cast.koraal.site]


# --- pages --------------------------------------------------------------------------------------------------
def test_the_queue_costs_the_same_with_three_tickets_and_a_waiting_child_comes_first(client, cast, broken):
    client.force_login(cast.bram)
    _dent(cast, make.make_instrument(cast.depot))  # a report without a ticket
    ticket(cast, _dent(cast, make.make_instrument(cast.depot)), due=NOW.date())
    one = queries_of(client, "/depot/workshop/")
    ticket(cast, broken)
    ticket(cast, _dent(cast, make.make_instrument(cast.depot)))
    assert queries_of(client, "/depot/workshop/") == one
    rows = client.get("/depot/workshop/").context["page"].rows
    assert rows[0].instrument == cast.violin
    assert "Amina" not in client.get("/depot/workshop/").content.decode()


def _dent(cast, instrument):
    return defects.report_defect(
        instrument=instrument,
        kind=DefectKind.objects.get(pk="bowed-dent"),
        by=cast.joost,
        at=NOW,
        defect_id=uuid.uuid4(),
    )


# --- what somebody could try --------------------------------------------------------------------------------
def test_a_report_is_not_taken_back_while_its_loaner_is_out(cast, broken):
    lend_loaner(cast, broken)
    with pytest.raises(defects.LoanerStays):
        defects.withdraw_defect(defect=broken, by=cast.noor, at=NOW + 3 * HOUR)
    found = ticket(cast, broken)
    repairs.finish_repair(repair=found, outcome=Mending.NOTHING, by=cast.bram, at=NOW + 4 * HOUR)
    loaners.hand_back(repair=found, by=cast.noor, at=NOW + 5 * HOUR, handover_id=uuid.uuid4())
    assert holder(cast.violin) == cast.amina


def test_what_waits_to_be_cleaned_is_no_loaner_goes_in_no_box_and_is_not_picked(cast, broken):
    dirty = make.make_instrument(cast.depot, number="32")
    issued = dirty.first_keeping.began_with
    Cleaning.objects.create(instrument=dirty, asked_with=issued, asked_at=NOW)
    with pytest.raises(refusals.NotClean):
        lend_loaner(cast, broken, loaner=dirty)
    outside = make.make_site("Loods", organisation=cast.amsterdam, sort="depot")
    how = {"by": cast.joost, "at": NOW + 2 * HOUR}
    with pytest.raises(refusals.NotClean):
        shipments.send(instruments=[dirty], to_site=outside, terms=rules.Terms.ISSUE, shipment_id=uuid.uuid4(), **how)
    flute = make.make_instrument(cast.depot, kind=make.make_kind("flute"))
    Cleaning.objects.create(instrument=flute, asked_with=flute.first_keeping.began_with, asked_at=NOW)
    with pytest.raises(refusals.NotClean):
        reservations.reserve_instrument(
            instrument=flute, site=cast.regenboog.site, from_on=make.TODAY, reservation_id=uuid.uuid4(), **how
        )


def test_a_master_elsewhere_who_learns_here_does_not_sign_for_himself(client, cast, broken):
    oost = make.make_site("Werkplaats Curaçao", organisation=cast.curacao, sort="workshop")
    make.make_posting(cast.yara, Role.WORKSHOP_MASTER, oost)
    found = ticket(cast, broken)
    client.force_login(cast.yara)
    page = client.get(f"/depot/repairs/{found.pk}/")
    assert page.context["may_sign"] is False
    step = found.steps.first()
    client.post(f"/depot/repairs/{found.pk}/steps/", {"act": "do", "step": step.pk, "minutes": 5})
    step.refresh_from_db()
    assert (step.done_by, step.signed_by) == (cast.yara, None)


@pytest.mark.parametrize("until", ["9999-12-31", "0001-01-02", "2027-01-01"])
def test_weeks_without_of_any_days_are_no_fault_of_ours(client, cast, until):
    client.force_login(cast.sam)
    assert client.get(f"/depot/without/?first=0001-01-01&until={until}").status_code == 200


def test_the_queue_offers_only_pages_that_open(client, cast):
    for who, offered in ((cast.bram, True), (cast.sam, False)):
        client.force_login(who)
        page = client.get("/depot/workshop/").content.decode()
        assert ("/depot/workshop/skills/" in page) is offered
