"""The way round the site: which rooms stand in the header, for whom. The policy file decides who sees a link."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from leerorkest.people.access import Actor

from .policy import policy_of

register = template.Library()


@dataclass(frozen=True)
class Place:
    route: str
    words: Any
    icon: str


@dataclass(frozen=True)
class Link:
    address: str
    words: Any
    icon: str
    is_here: bool  # in this part of the site
    is_this_page: bool


# The first four fit in the bar at a phone's foot; the others move into the account menu there.
PLACES = [
    Place("home:start", _("Start"), "home"),
    Place("lessons:week", _("Lessons"), "lesson"),
    Place("schools:schools", _("Schools"), "school"),
    Place("depot:instruments", _("Instruments"), "violin"),
    Place("schools:children", _("Children"), "child"),
    Place("depot:workshop", _("Workshop"), "settings"),
    Place("people:accounts", _("People"), "people"),
    Place("network:calendar", _("Calendar"), "calendar"),
]
ACCOUNT_PLACES = [
    Place("mfa_index", _("Signing in"), "key"),
]

# What there is to do within a room, in groups, on the first page of that room.
WITHIN: dict[str, list[tuple[Any, list[Place]]]] = {
    "depot:instruments": [
        (
            _("Hand out and take back"),
            [
                Place("depot:desk", _("The desk, with signature"), "phone"),
                Place("depot:give_back", _("Give back"), "undo"),
                Place("depot:issue", _("Issue a class set"), "school"),
                Place("depot:take_back", _("Back to the depot"), "depot"),
                Place("depot:children_without", _("Children without an instrument"), "child"),
                Place("depot:cleanings", _("To be cleaned"), "check"),
                Place("depot:home_rules", _("Home or at school"), "home"),
                Place("depot:terms", _("Terms of a loan"), "edit"),
            ],
        ),
        (
            _("Asked, promised, sent"),
            [
                Place("depot:requests", _("Requests"), "mail"),
                Place("depot:reservations", _("Reservations"), "calendar"),
                Place("depot:shipments", _("Shipments"), "next"),
                Place("depot:loans", _("Loans between cities"), "globe"),
                Place("depot:surplus", _("What others can spare"), "search"),
                Place("depot:outlook", _("What will be needed"), "history"),
            ],
        ),
        (
            _("On the shelf"),
            [
                Place("depot:stocktakes", _("Stocktakes"), "check"),
                Place("depot:move", _("Move"), "scan"),
                Place("depot:take_in", _("Take in"), "add"),
                Place("depot:list_upload", _("Take in a list"), "upload"),
                Place("depot:labels", _("Print labels"), "label"),
                Place("depot:labels_ahead", _("Labels ahead"), "label"),
                Place("depot:found_notices", _("Found instruments"), "info"),
            ],
        ),
        (
            _("Broken and mended"),
            [
                Place("depot:workshop", _("Workshop"), "settings"),
                Place("depot:round", _("Round of the mobile workshop"), "next"),
                Place("depot:to_settle", _("Mended: to settle"), "undo"),
                Place("depot:waiting", _("Children who wait"), "child"),
                Place("depot:without", _("Weeks without an instrument"), "history"),
                Place("depot:maintenance", _("Maintenance"), "clock"),
                Place("depot:parts", _("Parts"), "label"),
                Place("depot:skills", _("What people learnt"), "people"),
            ],
        ),
        (
            _("Value and story"),
            [
                Place("depot:values", _("Values"), "shield"),
                Place("depot:gifts", _("Gifts"), "people"),
            ],
        ),
    ]
}


@cache
def address_of(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def may_use(actor: Actor, route: str) -> bool:
    rule = policy_of(route)
    return rule is not None and not rule.closed and (not rule.roles or bool(rule.roles & actor.roles))


@register.simple_tag(takes_context=True)
def open_url(context: Context, route: str, *args: object) -> str:
    """The address of a page, or nothing where this reader's roles do not open it: no link leads to a missing page."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    return reverse(route, args=args) if actor is not None and may_use(actor, route) else ""


def links(places: list[Place], actor: Actor, request: HttpRequest) -> list[Link]:
    open_to_actor = [place for place in places if address_of(place.route) and may_use(actor, place.route)]
    addresses = [address_of(place.route) for place in open_to_actor]
    # /schools/children/ lies within /schools/: the nearest one is where the reader is.
    here = max((address for address in addresses if _lies_within(request.path, address)), key=len, default="")
    return [
        Link(address, place.words, place.icon, is_here=address == here, is_this_page=address == request.path)
        for place, address in zip(open_to_actor, addresses, strict=True)
    ]


def _lies_within(path: str, address: str) -> bool:
    return path == address or (address != "/" and path.startswith(address))


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the links in the header."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    match = request.resolver_match
    groups = WITHIN.get(match.view_name, []) if match else []
    return {
        "tasks": [(words, found) for words, places in groups if (found := links(places, actor, request))],
        "navigation": links(PLACES, actor, request),
        "account_links": links(ACCOUNT_PLACES, actor, request),
    }
