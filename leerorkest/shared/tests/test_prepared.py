"""Prepared reads give what the query set gives, for other values than they were composed with."""

import uuid
from datetime import date, timedelta

import pytest
from django.http import Http404

from leerorkest.people.access import Actor, actor_of
from leerorkest.people.models import Account, Posting
from leerorkest.people.rules import Role
from leerorkest.shared.prepared import Prepared, prepared, prepared_row, prepared_test
from tests.make import TODAY

pytestmark = pytest.mark.django_db


def test_other_values_give_other_rows_without_composing_again(cast, django_assert_num_queries):
    composed = []

    @prepared
    def named(name: str):
        composed.append(name)
        return Account.objects.filter(name=name)

    for account in (cast.noor, cast.sam, cast.noor):
        with django_assert_num_queries(1):
            assert named(account.name) == [account]
    assert len(composed) == 1


def test_dates_that_are_moved_uuids_and_lists_go_where_they_belong(cast):
    @prepared
    def some(ids: tuple[int, ...], uid: uuid.UUID, on: date):
        return Posting.objects.filter(
            account__in=ids, account__uid=uid, from_on__lte=on + timedelta(days=14), role=Role.TEACHER
        )

    noor, sam = cast.noor, cast.sam
    first_day = Posting.objects.get(account=noor).from_on
    assert [row.account for row in some((noor.pk, sam.pk), noor.uid, TODAY)] == [noor]
    assert some((noor.pk, sam.pk), sam.uid, TODAY) == []
    assert some((sam.pk,), noor.uid, TODAY) == []
    assert some((), noor.uid, TODAY) == []
    assert [row.account for row in some((noor.pk, sam.pk), noor.uid, first_day - timedelta(days=14))] == [noor]
    assert some((noor.pk, sam.pk), noor.uid, first_day - timedelta(days=15)) == []


def test_each_actor_gets_the_own_rows(cast):
    @prepared
    def colleagues(actor: Actor):
        return Posting.objects.filter(organisation__in=actor.organisations(*Role), role=Role.COORDINATOR)

    for account in (cast.sam, cast.joost, cast.luca, cast.noor, cast.eva):
        actor = actor_of(account, TODAY)
        there = set(colleagues.compose(actor))
        assert set(colleagues(actor)) == there
    assert set(colleagues(actor_of(cast.sam, TODAY))) != set(colleagues(actor_of(cast.luca, TODAY)))


def test_a_value_that_the_sql_changes_is_refused():
    @prepared
    def like(word: str):
        return Account.objects.filter(name__icontains=word)

    with pytest.raises(AssertionError, match="changes a value"):
        like("noor")


def test_a_number_beyond_every_column_finds_nothing(cast):
    @prepared_test
    def is_there(pk: int):
        return Account.objects.filter(pk=pk)

    assert is_there(cast.noor.pk)
    assert not is_there(10**30)


def test_a_row_that_is_not_there_is_no_page(cast):
    @prepared_row
    def account(pk: int):
        return Account.objects.filter(pk=pk)

    assert account(cast.noor.pk) == cast.noor
    with pytest.raises(Http404):
        account(0)


def test_rows_are_counted_no_further_than_asked(cast):
    everybody = Prepared(lambda: Account.objects.values_list("pk", flat=True)[:2])
    assert everybody.count() == 2


def test_annotations_related_rows_and_prefetched_ones_come_along(cast, django_assert_num_queries):
    @prepared
    def account(pk: int):
        return Account.objects.filter(pk=pk).prefetch_related("postings__organisation")

    with django_assert_num_queries(3):
        assert account(cast.noor.pk)[0].postings.all()[0].organisation == cast.amsterdam
