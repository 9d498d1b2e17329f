"""An actor taken apart, for reads that are prepared: its shape is what a door may ask about it, the rest are ids."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Any, Self

from .models import Account, Posting


class Parts:
    account: Account
    postings: tuple[Posting, ...]
    on: date

    def taken_apart(self) -> tuple[Any, list[Any]]:
        """Per posting the role and which organisation and site, by their place among the actor's; then all ids."""
        return self._taken_apart

    @cached_property
    def _taken_apart(self) -> tuple[Any, list[Any]]:
        organisations = list(dict.fromkeys(posting.organisation_id for posting in self.postings))
        sites = list(dict.fromkeys(posting.site_id for posting in self.postings if posting.site_id is not None))
        postings = tuple(
            (
                posting.role,
                organisations.index(posting.organisation_id),
                None if posting.site_id is None else sites.index(posting.site_id),
            )
            for posting in self.postings
        )
        ids = [*organisations, *sites, *(posting.pk for posting in self.postings)]
        return (len(organisations), len(sites), postings), [self.on, self.account.pk, *ids]

    @classmethod
    def put_together(cls, shape: Any, values: Iterator[Any]) -> Self:
        count_of_organisations, count_of_sites, postings = shape
        on, account = next(values), Account(pk=next(values))
        organisations = [next(values) for _ in range(count_of_organisations)]
        sites = [next(values) for _ in range(count_of_sites)]
        like = [
            Posting(
                pk=next(values),
                role=role,
                organisation_id=organisations[organisation],
                site_id=None if site is None else sites[site],
            )
            for role, organisation, site in postings
        ]
        return cls(account=account, postings=tuple(like), on=on)  # type: ignore[call-arg]
