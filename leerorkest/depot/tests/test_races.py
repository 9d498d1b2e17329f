"""Sixteen clerks at once: never two holders, always one keeper, and who loses hears why."""

import random
import threading
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections

from leerorkest.depot import actions
from leerorkest.depot.actions import reservations
from leerorkest.depot.models import Custody, Handover, Instrument
from leerorkest.depot.queries.reservations import stock_of
from leerorkest.depot.soundness import faults
from leerorkest.shared import audit
from leerorkest.shared.actions import Refused, System
from tests import make
from tests.cast import make_cast
from tests.make import NOW

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
CLERKS = 16


def at_once(work):
    """Run `work(clerk)` in sixteen threads that start together; what each met, by name."""
    gate, met, failures = threading.Barrier(CLERKS), Counter(), []

    def run(clerk):
        try:
            gate.wait(timeout=30)
            for outcome in work(clerk):
                met[outcome] += 1
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(clerk,)) for clerk in range(CLERKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    if failures:
        raise failures[0]
    return met


def attempt(action, **inputs):
    try:
        action(by=System("test"), handover_id=uuid.uuid4(), **inputs)
    except Refused as refusal:
        return type(refusal).__name__
    return action.__name__


def custody_is_sound():
    assert faults() == {}
    assert list(audit.broken_links()) == []


def test_of_sixteen_clerks_who_lend_one_instrument_one_succeeds():
    cast = make_cast()
    children = [make.make_child(cast.group, f"Kind{n}") for n in range(CLERKS)]
    met = at_once(lambda clerk: [attempt(actions.lend, instrument=cast.violin, child=children[clerk], at=NOW)])
    assert met == {"lend": 1, "AlreadyLent": CLERKS - 1}
    custody_is_sound()


def test_of_sixteen_class_sets_with_the_same_instruments_one_goes_out():
    cast = make_cast()
    violins = [make.make_instrument(cast.depot) for _ in range(24)]
    schools = [make.make_school(organisation=cast.amsterdam) for _ in range(CLERKS)]

    def issue(clerk):
        shuffled = random.Random(clerk).sample(violins, len(violins))
        return [attempt(actions.issue_class_set, instruments=shuffled, site=schools[clerk].site, at=NOW)]

    met = at_once(issue)
    assert met == {"issue_class_set": 1, "NotAtThisSite": CLERKS - 1}
    assert Custody.objects.open().keepers().filter(instrument__in=violins).values("site").distinct().count() == 1
    custody_is_sound()


def test_one_handover_sent_sixteen_times_at_once_happens_once():
    cast = make_cast()
    one = uuid.uuid4()

    def send(clerk):
        made = actions.lend(instrument=cast.violin, child=cast.amina, by=System("test"), at=NOW, handover_id=one)
        return [str(made.pk)]

    assert at_once(send) == {str(one): CLERKS}
    assert Handover.objects.filter(sort="lend").count() == 1
    custody_is_sound()


def test_sixteen_clerks_do_everything_at_once_and_custody_stays_sound():
    cast = make_cast()
    violins = [make.make_instrument(cast.depot) for _ in range(6)]
    later = NOW + timedelta(hours=1)

    def work(clerk):
        chance = random.Random(clerk)
        for _ in range(12):
            some = chance.sample(violins, 3)
            match chance.randrange(6):
                case 0 | 1:
                    yield attempt(actions.lend, instrument=some[0], child=cast.amina, at=later)
                case 2:
                    yield attempt(actions.give_back, instruments=some[:1], at=later)
                case 3:
                    yield attempt(actions.issue_class_set, instruments=some, site=cast.regenboog.site, at=later)
                case 4:
                    yield attempt(actions.take_back, instruments=some[:2], site=cast.depot, at=later)
                case 5:
                    latest = Handover.objects.exclude(sort="intake").order_by("?").first()
                    if latest:
                        yield attempt(actions.reverse, handover=latest, at=later)

    met = at_once(work)
    done = {"lend", "give_back", "issue_class_set", "take_back", "reverse"}
    assert sum(met[name] for name in done) >= 10
    named = {"AlreadyLent", "NeverLent", "AlreadyThere", "NotAtThisSite", "AlreadyReversed", "CannotReverse"}
    assert set(met) <= done | named, met
    custody_is_sound()
    assert Instrument.objects.count() == 7


def test_of_sixteen_coordinators_who_reserve_the_last_ones_only_as_many_win_as_there_are():
    cast = make_cast()
    kind = make.make_kind("flute")
    for _ in range(10):
        make.make_instrument(cast.depot, kind=kind)
    schools = [make.make_school(organisation=cast.amsterdam) for _ in range(CLERKS)]
    wanted = [reservations.Wanted(kind, None, 3)]

    def reserve(clerk):
        try:
            reservations.reserve(
                organisation=cast.amsterdam,
                site=schools[clerk].site,
                wanted=wanted,
                from_on=NOW.date() + timedelta(days=30),
                by=System("test"),
                at=NOW,
                reservation_id=uuid.uuid4(),
            )
        except Refused as refusal:
            return [type(refusal).__name__]
        return ["reserve"]

    assert at_once(reserve) == {"reserve": 3, "NotEnough": CLERKS - 3}


def test_clerks_who_lend_while_others_reserve_never_give_away_what_is_promised():
    cast = make_cast()
    kind = make.make_kind("flute")
    cellos = [make.make_instrument(cast.depot, kind=kind) for _ in range(12)]
    children = [make.make_child(cast.group, f"Kind{n}") for n in range(CLERKS)]

    def work(clerk):
        if clerk % 4 == 0:
            try:
                reservations.reserve(
                    organisation=cast.amsterdam,
                    site=cast.regenboog.site,
                    wanted=[reservations.Wanted(kind, None, 2)],
                    from_on=NOW.date(),
                    by=System("test"),
                    at=NOW,
                    reservation_id=uuid.uuid4(),
                )
            except Refused as refusal:
                return [type(refusal).__name__]
            return ["reserve"]
        return [attempt(actions.lend, instrument=cellos[clerk % 12], child=children[clerk], at=NOW)]

    met = at_once(work)
    assert set(met) <= {"reserve", "NotEnough", "lend", "AllReserved", "AlreadyLent"}
    stock = stock_of(cast.amsterdam.pk, [("flute", None)], NOW.date())["flute", None]
    assert stock.free_on(NOW.date()) >= 0
    assert met["lend"] + 2 * met["reserve"] <= 12
    custody_is_sound()


def test_of_sixteen_teachers_one_gets_the_loaner_and_of_sixteen_masters_one_signs():
    from leerorkest.depot.actions import defects, loaners, repairs
    from leerorkest.depot.models import DefectKind, Loaner

    cast = make_cast()
    by, string = System("test"), DefectKind.objects.get(pk="bowed-string-broken")
    violins = [make.make_instrument(cast.depot) for _ in range(CLERKS)]
    spare = make.make_instrument(cast.depot)
    broken = []
    for number, violin in enumerate(violins):
        child = make.make_child(cast.group, f"Kind{number}")
        actions.lend(instrument=violin, child=child, by=by, at=NOW, handover_id=uuid.uuid4())
        broken.append(defects.report_defect(instrument=violin, kind=string, by=by, at=NOW, defect_id=uuid.uuid4()))
    later = NOW + timedelta(hours=1)
    met = at_once(lambda clerk: [attempt(loaners.lend_loaner, defect=broken[clerk], loaner=spare, at=later)])
    assert met == {"lend_loaner": 1, "AlreadyLent": CLERKS - 1}
    assert Loaner.objects.open().count() == 1

    ticket = repairs.open_repair(
        defects=broken[:1], workshop=cast.workshop, by=cast.bram, at=later, repair_id=uuid.uuid4()
    )
    step = ticket.steps.first()
    repairs.do_step(step=step, minutes=5, by=cast.yara, at=later)

    def sign(_clerk):
        try:
            repairs.sign_step(step=step, by=cast.bram, at=later)
        except Refused as refusal:
            return [type(refusal).__name__]
        return ["signed"]

    assert at_once(sign) == {"signed": 1, "AlreadySigned": CLERKS - 1}
    custody_is_sound()
