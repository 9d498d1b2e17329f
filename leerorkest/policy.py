"""Who may use which route, and why. A route that does not stand here stops the site from starting.

The middleware refuses who is not named; which rows they then see is decided by the door the view uses.
"""

from dataclasses import dataclass

from django.conf import settings

from leerorkest.people.rules import Role

TEACHER, COORDINATOR, DEPOT_KEEPER, SCHOOL_HEAD, OFFICE = (
    Role.TEACHER,
    Role.COORDINATOR,
    Role.DEPOT_KEEPER,
    Role.SCHOOL_HEAD,
    Role.OFFICE,
)


@dataclass(frozen=True)
class Rule:
    """`roles` empty: everybody who is signed in. `public`: also who is not."""

    why: str
    roles: frozenset[Role] = frozenset()
    public: bool = False


def public(why: str) -> Rule:
    return Rule(why, public=True)


def signed_in(why: str) -> Rule:
    return Rule(why)


def only(*roles: Role, why: str) -> Rule:
    return Rule(why, roles=frozenset(roles))


POLICY: dict[str, Rule] = {
    "home:start": signed_in("everybody's own next things to do"),
    "shared:language": public("who cannot read the sign-in page must be able to switch its language"),
    "shared:about": public("who Leerorkest is for, and what it does with what it knows of people"),
    "shared:style": only(*Role, why="every part of a page in every state, for who builds or words the pages"),
    "shared:health": public("the operator's monitor asks whether the site works; it shows nothing else"),
    # sign-in (django-allauth)
    "account_login": public("the way in"),
    "account_logout": signed_in("the way out"),
}

# These routes exist only in demo mode, and demo mode only on this machine.
DEMO_POLICY: dict[str, Rule] = {
    "demo:choose": public("the demo's cast to choose from"),
    "demo:sign_in": public("the demo's way in, without a password"),
}


def policy_of(view_name: str) -> Rule | None:
    return POLICY.get(view_name) or (DEMO_POLICY.get(view_name) if settings.DEMO else None)
