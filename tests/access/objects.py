"""For every parameter of every route: how to build the object it names, in each relation.

A new parameter needs a line here: `(room, parameter)`, or `(route name, parameter)` where one room uses the same word
for different things. The value is a function from the world to {relation: what stands in the URL}.
"""

from collections.abc import Callable
from typing import Any

from leerorkest.lessons.models import CalendarLink, Lesson
from leerorkest.people.rules import hash_of
from tests import make

from .world import ELSEWHERE, HERE, OVERSEAS, World

Factory = Callable[[World], dict[str, list[Any]]]


def children(world: World) -> dict[str, list[Any]]:
    return {relation: [child.uid for child in found] for relation, found in world.children.items()}


def groups(world: World) -> dict[str, list[Any]]:
    return {relation: [group.pk] for relation, group in world.groups.items()}


def schools(world: World) -> dict[str, list[Any]]:
    cast = world.cast
    return {HERE: [cast.regenboog.pk], ELSEWHERE: [cast.koraal.pk], OVERSEAS: [cast.kadushi.pk]}


def instruments(world: World) -> dict[str, list[Any]]:
    return {relation: [instrument.uid] for relation, instrument in world.things.instruments.items()}


def handovers(world: World) -> dict[str, list[Any]]:
    return {relation: [handover.pk] for relation, handover in world.things.handovers.items()}


def defects(world: World) -> dict[str, list[Any]]:
    return {relation: [defect.pk] for relation, defect in world.things.defects.items()}


def repairs(world: World) -> dict[str, list[Any]]:
    return {relation: [repair.pk] for relation, repair in world.things.repairs.items()}


def jobs(world: World) -> dict[str, list[Any]]:
    return {relation: [job.pk] for relation, job in world.things.jobs.items()}


def learners(world: World) -> dict[str, list[Any]]:
    cast = world.cast
    return {"trainee": [cast.yara.uid], "master": [cast.bram.uid], "nobody's": [cast.noor.uid]}


def tags(world: World) -> dict[str, list[Any]]:
    return {relation: [instrument.tag] for relation, instrument in world.things.instruments.items()}


def gifts(world: World) -> dict[str, list[Any]]:
    return {relation: [gift.uid] for relation, gift in world.things.gifts.items()}


def donors(world: World) -> dict[str, list[Any]]:
    return {relation: [gift.donor.uid] for relation, gift in world.things.gifts.items()}


def list_forms(world: World) -> dict[str, list[Any]]:
    return {"a list": ["pdf", "xlsx"]}


def lessons(world: World) -> dict[str, list[Any]]:
    return {r: [Lesson.objects.get(series__group=group).uid] for r, group in world.groups.items()}


def cover_requests(world: World) -> dict[str, list[Any]]:
    return {relation: [made.uid] for relation, made in world.things.cover_requests.items()}


def calendar_secrets(world: World) -> dict[str, list[Any]]:
    """A link that works: whoever has it reads a teacher's hours, and never a child."""
    secret = "AAAAAAAAAAAAAAAAAAAAAA"
    CalendarLink.objects.get_or_create(
        account=world.cast.noor, secret_hash=hash_of(secret), defaults={"made_at": make.NOW}
    )
    return {"noor's": [secret]}


def roster_imports(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.imports.items()}


def marks_aside(world: World) -> dict[str, list[Any]]:
    return {relation: [mark.pk] for relation, mark in world.things.marks_aside.items()}


def lists(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.lists.items()}


def reservations(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.reservations.items()}


def found_notices(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.found_notices.items()}


def new_labels(world: World) -> dict[str, list[Any]]:
    return {relation: [made.labels.get().tag] for relation, made in world.things.label_batches.items()}


def stocktakes(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.stocktakes.items()}


def phones(world: World) -> dict[str, list[Any]]:
    return {relation: [made.phones.get().device] for relation, made in world.things.stocktakes.items()}


def requests(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.requests.items()}


def shipments(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.shipments.items()}


def holidays(world: World) -> dict[str, list[Any]]:
    return {relation: [holiday.pk] for relation, holiday in world.things.holidays.items()}


def sites(world: World) -> dict[str, list[Any]]:
    cast = world.cast
    return {
        HERE: [cast.regenboog.site_id, cast.depot.pk],
        ELSEWHERE: [cast.koraal.site_id],
        OVERSEAS: [cast.kadushi.site_id],
    }


def accounts(world: World) -> dict[str, list[Any]]:
    return {HERE: [world.cast.noor.uid, world.cast.wim.uid], OVERSEAS: [world.cast.luca.uid]}


def postings(world: World) -> dict[str, list[Any]]:
    return {HERE: [world.cast.noor.postings.get().pk], OVERSEAS: [world.cast.luca.postings.get().pk]}


def teachings(world: World) -> dict[str, list[Any]]:
    return {relation: [teaching.pk] for relation, teaching in world.things.teachings.items()}


def registered(world: World) -> dict[str, list[Any]]:
    return {"registered": [world.things.registered.pk]}


def passkeys(world: World) -> dict[str, list[Any]]:
    return {"somebody's": [world.things.passkey.pk]}


def reset_links(world: World) -> dict[str, list[Any]]:
    return {HERE: ["1"]}


def reports(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.reports.items()}


def returns(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.returns.items()}


def loans(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.loans.items()}


def paper_forms(world: World) -> dict[str, list[Any]]:
    return {relation: [made.pk] for relation, made in world.things.forms.items()}


OBJECTS: dict[tuple[str, str], Factory] = {
    ("account_reset_password_from_key", "uidb36"): reset_links,
    ("account_reset_password_from_key", "key"): reset_links,
    ("account_confirm_email", "key"): reset_links,
    ("mfa_edit_webauthn", "pk"): passkeys,
    ("mfa_remove_webauthn", "pk"): passkeys,
    ("depot", "uid"): instruments,
    ("depot:handover", "pk"): handovers,
    **{("depot:" + name, "pk"): defects for name in ("defect", "photo_of_defect", "defect_photo", "withdraw_defect")},
    ("depot:sign", "pk"): handovers,
    ("depot:agreement", "pk"): loans,
    ("depot:paper", "form"): paper_forms,
    ("depot:picture", "report"): reports,
    ("depot", "report"): returns,
    ("depot", "group"): groups,
    ("depot:lend_loaner", "pk"): defects,
    **{("depot:" + name, "pk"): repairs for name in ("repair", "work", "sign_step", "finish", "settle")},
    ("depot:do_job", "pk"): jobs,
    ("depot", "account"): learners,
    ("depot", "tag"): tags,
    ("depot:insurer_list", "form"): list_forms,
    ("depot", "gift"): gifts,
    ("depot", "donor"): donors,
    ("depot:list_preview", "pk"): lists,
    ("depot:reservation", "pk"): reservations,
    ("depot:handle_found", "pk"): found_notices,
    ("depot:claim_label", "tag"): new_labels,
    ("depot:stocktake", "pk"): stocktakes,
    ("depot:stocktake_expected", "pk"): stocktakes,
    ("depot:stocktake_phone", "pk"): stocktakes,
    ("depot:write_off_phone", "pk"): stocktakes,
    ("depot:finish_stocktake", "pk"): stocktakes,
    ("depot:stocktake_results", "pk"): stocktakes,
    ("depot:stocktake_export", "pk"): stocktakes,
    ("depot:stocktake_lost", "pk"): stocktakes,
    ("depot", "device"): phones,
    ("depot:send", "pk"): reservations,
    ("depot:request", "pk"): requests,
    ("depot:shipment", "pk"): shipments,
    ("network", "holiday"): holidays,
    ("network", "site"): sites,
    ("people", "account"): accounts,
    ("people", "posting"): postings,
    ("schools", "teaching"): teachings,
    ("schools", "registered"): registered,
    ("lessons:child", "uid"): children,
    ("lessons", "uid"): lessons,
    ("lessons", "form"): list_forms,
    ("lessons", "secret"): calendar_secrets,
    ("lessons:cover_request", "uid"): cover_requests,
    ("lessons:decide", "pk"): marks_aside,
    ("lessons:plan", "pk"): groups,
    ("schools:child", "uid"): children,
    ("schools", "child"): children,
    ("schools", "group"): groups,
    ("schools", "school"): schools,
    ("schools", "pk"): schools,
    ("schools", "import_pk"): roster_imports,
}


class NoFactory(LookupError):
    """Somebody added a route and the matrix cannot try it yet."""


def factory_of(route: str, room: str, parameter: str) -> Factory:
    try:
        return OBJECTS.get((route, parameter)) or OBJECTS[room, parameter]
    except KeyError:
        raise NoFactory(
            f"The route {route} has the parameter {parameter!r}, which tests/access/objects.py cannot build. "
            f"Add a line ({room or route!r}, {parameter!r}) to OBJECTS there, and a row for {route!r} to "
            f"tests/access/expected.py that says who may reach it."
        ) from None
