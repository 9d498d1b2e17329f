"""Any sequence of handovers, compared with a model of three dictionaries; and the past never changes."""

import itertools
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leerorkest.depot import actions
from leerorkest.depot.models import Custody, Instrument
from leerorkest.depot.queries import parties_at
from leerorkest.shared.actions import Refused, System
from tests import make
from tests.make import NOW

BY = System("test")
some = st.frozensets(st.integers(0, 2), min_size=1, max_size=3)
one = st.integers(0, 2)
ACTS = st.one_of(
    st.tuples(st.just("issue"), some, st.integers(0, 1)),
    st.tuples(st.just("take_back"), some),
    st.tuples(st.just("lend"), one, st.integers(0, 1)),
    st.tuples(st.just("give_back"), some),
    st.tuples(st.just("retire"), one),
    st.tuples(st.just("reverse"), st.integers(0, 5)),
)
_round = itertools.count()


class Model:
    """Who keeps, who holds, what is retired: what the orchestra would write on three sheets of paper."""

    def __init__(self, depot, schools, children):
        self.depot, self.schools, self.children = depot, schools, children
        self.keeper, self.holder, self.retired = dict.fromkeys(range(3), depot), {}, set()

    def is_allowed(self, act):
        match act:
            case ("issue", which, _):
                return not which & self.retired and all(
                    self.keeper[n] == self.depot and n not in self.holder for n in which
                )
            case ("take_back", which):
                return all(self.keeper[n] != self.depot and n not in self.holder for n in which)
            case ("lend", n, child):
                return (
                    n not in self.retired
                    and n not in self.holder
                    and self.keeper[n] in (self.depot, self.schools[child])
                )
            case ("give_back", which):
                return all(n in self.holder for n in which)
            case ("retire", n):
                return n not in self.holder and n not in self.retired

    def apply(self, act):
        match act:
            case ("issue", which, school):
                self.keeper |= dict.fromkeys(which, self.schools[school])
            case ("take_back", which):
                self.keeper |= dict.fromkeys(which, self.depot)
            case ("lend", n, child):
                self.holder[n] = self.children[child]
            case ("give_back", which):
                for n in which:
                    del self.holder[n]
            case ("retire", n):
                self.retired.add(n)


def do(act, rows, model, made, at):
    facts = {"by": BY, "at": at}
    once = {"handover_id": uuid.uuid4(), **facts}
    match act:
        case ("issue", which, school):
            return actions.issue_class_set(instruments=[rows[n] for n in which], site=model.schools[school], **once)
        case ("take_back", which):
            return actions.take_back(instruments=[rows[n] for n in which], site=model.depot, **once)
        case ("lend", n, child):
            return actions.lend(instrument=rows[n], child=model.children[child], **once)
        case ("give_back", which):
            return actions.give_back(instruments=[rows[n] for n in which], **once)
        case ("retire", n):
            return actions.retire(instrument=rows[n], because="broken", **facts)
        case ("reverse", position) if made:
            return actions.reverse(handover=made[position % len(made)], **once)
    raise Refused("nothing was handed over yet")


def now_in(rows):
    found = {row.pk: row for row in Instrument.objects.filter(pk__in=[row.pk for row in rows]).with_parties()}
    return [(found[row.pk].keeper, found[row.pk].holding and found[row.pk].holding.child) for row in rows]


def then(rows, at):
    had = [parties_at(row, at) for row in rows]
    return [(one.keeper and one.keeper.site, one.holder and one.holder.child) for one in had]


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=14))
def test_custody_follows_the_model_and_the_past_stays_as_it_was(cast, acts):
    kind = make.make_kind()
    rows = [make.make_instrument(cast.depot, kind=kind) for _ in range(3)]
    model = Model(cast.depot, [cast.regenboog.site, cast.koraal.site], [cast.amina, cast.stranger])
    at, made, past = NOW + timedelta(days=next(_round)), [], []
    for act in acts:
        at += timedelta(minutes=1)
        before = now_in(rows)
        try:
            with transaction.atomic():
                result = do(act, rows, model, made, at)
        except Refused:
            assert act[0] == "reverse" or not model.is_allowed(act), act
            assert now_in(rows) == before
        else:
            if act[0] == "reverse":  # what it gives back, the database tells; that it is sound, the checks below
                for n, (keeper, holder) in enumerate(now_in(rows)):
                    model.keeper[n] = keeper
                    model.holder = {k: v for k, v in model.holder.items() if k != n} | ({n: holder} if holder else {})
            else:
                assert model.is_allowed(act), act
                model.apply(act)
            if act[0] != "retire":
                made.append(result)
        assert now_in(rows) == [(model.keeper[n], model.holder.get(n)) for n in range(3)]
        past.append((at, now_in(rows)))
        assert Custody.objects.open().keepers().filter(instrument__in=rows).count() == 3
    for moment, parties in past:
        assert then(rows, moment) == parties
