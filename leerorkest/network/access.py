"""The doors to an organisation and its calendar.

| actor                                    | sees                                  | changes                         |
|------------------------------------------|---------------------------------------|---------------------------------|
| everybody with a posting                 | the calendar of the own organisations | nothing                         |
| office, coordinator (whole organisation) | the same                              | calendar, grade names, places   |
| coordinator, office of one site          | the same                              | where that site lies            |

This room lies below the room of people: it knows an actor only by the shape below.
"""

from typing import Protocol

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from .models import Holiday, Organisation, Site

IN_CHARGE = ("office", "coordinator")


class Posted(Protocol):
    @property
    def organisation_id(self) -> int: ...


class Actor(Protocol):
    @property
    def audit_key(self) -> str: ...
    @property
    def postings(self) -> tuple[Posted, ...]: ...
    def organisations(self, *roles: str) -> set[int]: ...
    def sites(self, *roles: str) -> set[int]: ...


def organisations(actor: Actor) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk__in={posting.organisation_id for posting in actor.postings})


def organisations_in_charge(actor: Actor) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk__in=actor.organisations(*IN_CHARGE))


def holidays_in_charge(actor: Actor) -> QuerySet[Holiday]:
    return Holiday.objects.filter(organisation__in=actor.organisations(*IN_CHARGE)).select_related("organisation")


def holiday_in_charge(actor: Actor, pk: int) -> Holiday:
    return get_object_or_404(holidays_in_charge(actor), pk=pk)


def site_in_charge(actor: Actor, pk: int) -> Site:
    """A place that the actor keeps: a depot or school of the organisation, or the single school they coordinate."""
    own = Q(organisation__in=actor.organisations(*IN_CHARGE)) | Q(pk__in=actor.sites(*IN_CHARGE))
    return get_object_or_404(Site.objects.filter(own).select_related("organisation"), pk=pk)
