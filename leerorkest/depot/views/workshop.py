"""The workshop: the queue, one ticket for a person with oily hands, parts, skills, maintenance."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of

from .. import access, skills_record
from ..actions import loaners as loaner_actions
from ..actions import maintenance as maintenance_actions
from ..actions import parts as part_actions
from ..actions import repairs as actions
from ..forms import workshop as forms
from ..models import Defect, Repair, RepairStep
from ..queries import loaners as loaner_queries
from ..queries import repairs as queries
from ..queries import rounds as round_queries
from ..queries import without as without_queries
from ..rules import RepairAct
from .parts import may, uuid_or_404

NOTHING_CHOSEN = gettext_lazy("Nothing was chosen. Press one of the buttons.")
STATES = {
    RepairAct.OPENED: gettext_lazy("On the list"),
    RepairAct.ASSIGNED: gettext_lazy("Assigned"),
    RepairAct.RECEIVED: gettext_lazy("On the bench"),
    RepairAct.WAITS: gettext_lazy("Waits for a part"),
    RepairAct.GOES_ON: gettext_lazy("On the bench"),
    RepairAct.MENDED: gettext_lazy("Mended: it goes back"),
    RepairAct.HANDED_BACK: gettext_lazy("Back with its child"),
    RepairAct.LOANER_STAYS: gettext_lazy("The child keeps the other one"),
    RepairAct.SHELVED: gettext_lazy("On the shelf"),
}


def _act(request: HttpRequest, do: Callable[[], object], done: str = "") -> bool:
    """Do it; what is refused is said on the next page."""
    try:
        do()
    except Refused as refusal:
        messages.error(request, str(refusal))
        return False
    if done:
        messages.success(request, done)
    return True


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Tickets, a waiting child first; above them what was reported and has no ticket yet."""
    repairs = access.repairs(request.actor)
    reports = list(queries.new_reports(access.instruments_to_mend(request.actor))[:20])
    for defect in reports:
        defect.repair_id = uuid.uuid4()
    page = page_of(queries.queue(repairs.to_mend()), request, order=queries.ORDER)
    return render(
        request,
        "depot/workshop/queue.html",
        {
            "page": page,
            "reports": reports,
            "ready": queries.queue(repairs.to_hand_back()).order_by("mended_at")[:20],
            "today": request.actor.on,
            "may_see_skills": may(request, *access.REPAIRS),
            "workshops": access.workshops(request.actor).order_by("-sort", "name"),  # a real workshop before a depot
        },
    )


@require_POST
def open_repair(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A ticket about all that is wrong with one instrument."""
    row = get_object_or_404(access.instruments_to_mend(request.actor), uid=uid)
    form = forms.Open(request.POST, workshops=access.workshops(request.actor))
    if not form.is_valid():
        messages.error(request, _("Choose the workshop."))
        return redirect("depot:workshop")
    made: list[Repair] = []

    def do() -> None:
        made.append(
            actions.open_repair(
                defects=list(Defect.objects.open().filter(instrument=row)),
                by=request.actor,
                at=clock.now(),
                **form.cleaned_data,
            )
        )

    return redirect("depot:repair", made[0].pk) if _act(request, do) else redirect("depot:workshop")


@require_GET
def repair(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One ticket: big buttons, one thing after the other."""
    row = access.repair(request.actor, pk)
    steps, events = queries.steps_of(row), list(row.events.select_related("by"))
    return render(
        request,
        "depot/workshop/repair.html",
        {
            "repair": row,
            "steps": steps,
            "defects": Defect.objects.filter(tickets__repair=row).select_related("kind"),
            "events": [(STATES.get(RepairAct(event.act), ""), event) for event in events],
            "state": STATES[queries.state_of(row, events)],
            "is_at_work": row.mended_at is None,
            "is_here": row.instrument.custodies.open().keepers().filter(site=row.workshop_id).exists(),
            "child_waits": loaner_queries.stopping_for_waiting_children().filter(instrument=row.instrument).exists(),
            "waits": queries.state_of(row, events) is RepairAct.WAITS,
            "may_sign": access.may_sign(request.actor, row),
            "may_finish": bool(request.actor.roles & set(access.FINISHES)),
            "sum": queries.sum_of(row, steps),
            "parts": queries.fitting_parts(access.parts(request.actor), row)[:12],
            "used": row.parts_used.select_related("part"),
            "assign": forms.Assign(workers=queries.workers(row, request.actor.on)),
            "add_step": forms.AddStep(),
            "finish": forms.Finish(),
            "act_id": uuid.uuid4(),
        },
    )


@require_POST
def work(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What anybody of the workshop does to a ticket."""
    row = access.repair(request.actor, pk)
    how: dict[str, Any] = {"by": request.actor, "at": clock.now()}
    act = request.POST.get("act", "")
    match act:
        case "receive":
            key = uuid_or_404(request.POST.get("act_id", ""))
            _act(request, lambda: actions.receive_repair(repair=row, handover_id=key, **how))
        case "wait" | "go_on":
            _act(request, lambda: actions.pause_repair(repair=row, waits=act == "wait", **how))
        case "add_defects":
            _act(request, lambda: actions.add_defects(repair=row, **how))
        case "assign":
            form = forms.Assign(request.POST, workers=queries.workers(row, request.actor.on))
            if form.is_valid():
                _act(request, lambda: actions.assign_repair(repair=row, to=form.cleaned_data["to"], **how))
        case "do":
            minutes = forms.Minutes(request.POST)
            step = _step(row, request)
            if minutes.is_valid():
                _act(
                    request,
                    lambda: actions.do_step(
                        step=step,
                        minutes=minutes.cleaned_data["minutes"],
                        is_master=access.may_sign(request.actor, row),
                        **how,
                    ),
                )
            else:
                messages.error(request, _("How many minutes did it take? Write a number from 1 to 600."))
        case "undo":
            step = _step(row, request)
            _act(request, lambda: actions.undo_step(step=step, **how))
        case "part":
            _use_part(request, row, how)
        case _:
            messages.error(request, NOTHING_CHOSEN)
    return redirect("depot:repair", row.pk)


def _step(row: Repair, request: HttpRequest) -> RepairStep:
    number = request.POST.get("step", "")
    return get_object_or_404(row.steps, pk=int(number) if number.isdecimal() and len(number) < 18 else 0)


def _use_part(request: HttpRequest, row: Repair, how: dict[str, Any]) -> None:
    number = request.POST.get("part", "")
    part = access.part(request.actor, int(number) if number.isdecimal() and len(number) < 18 else 0)
    key = uuid_or_404(request.POST.get("act_id", ""))
    _act(request, lambda: part_actions.use_part(part=part, quantity=1, repair=row, movement_id=key, **how))


@require_POST
def sign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What only a master does to a ticket."""
    row = access.repair_to_sign(request.actor, pk)
    how: dict[str, Any] = {"by": request.actor, "at": clock.now()}
    match request.POST.get("act", ""):
        case "sign":
            step = _step(row, request)
            _act(request, lambda: actions.sign_step(step=step, **how))
        case "drop":
            step = _step(row, request)
            _act(request, lambda: actions.drop_step(step=step, **how))
        case "add_step":
            form = forms.AddStep(request.POST)
            if form.is_valid():
                _act(request, lambda: actions.add_step(repair=row, kind=form.cleaned_data["kind"], **how))
        case _:
            messages.error(request, NOTHING_CHOSEN)
    return redirect("depot:repair", row.pk)


@require_POST
def finish(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    row = access.repair_to_finish(request.actor, pk)
    form = forms.Finish(request.POST)
    if form.is_valid():
        _act(
            request,
            lambda: actions.finish_repair(repair=row, by=request.actor, at=clock.now(), **form.cleaned_data),
            _("The work on this ticket is done."),
        )
    else:
        messages.error(request, _("Say how it ended."))
    return redirect("depot:repair", row.pk)


# --- for the child ------------------------------------------------------------------------------------------
@require_POST
def lend_loaner(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One tap: the broken one in, the loaner out."""
    defect = access.defect_to_answer(request.actor, pk)
    if not request.POST.get("instrument"):
        messages.error(request, _("No instrument was chosen. Tick at least one."))
        return redirect("depot:defect", defect.pk)
    loaner = access.instrument_to_lend(request.actor, uuid_or_404(request.POST.get("instrument", "")))
    key = uuid_or_404(request.POST.get("handover_id", ""))
    _act(
        request,
        lambda: loaner_actions.lend_loaner(
            defect=defect, loaner=loaner, handover_id=key, by=request.actor, at=clock.now()
        ),
        _("%(instrument)s is lent until the own one is mended.") % {"instrument": loaner.name},
    )
    return redirect("depot:defect", defect.pk)


@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """It is mended. Does the loaner come back, or does the child keep it?"""
    row = access.repair_to_settle(request.actor, pk)
    if request.method == "POST":
        how: dict[str, Any] = {"by": request.actor, "at": clock.now()}
        match request.POST.get("act", ""):
            case "hand_back":
                key = uuid_or_404(request.POST.get("handover_id", ""))
                _act(
                    request,
                    lambda: loaner_actions.hand_back(repair=row, handover_id=key, **how),
                    _("%(instrument)s is back with its child.") % {"instrument": row.instrument.name},
                )
            case "keep":
                _act(request, lambda: loaner_actions.keep_loaner(repair=row, **how), _("The child keeps it."))
            case "shelve":
                _act(request, lambda: actions.shelve_repair(repair=row, **how), _("It stays on the shelf."))
            case _:
                messages.error(request, NOTHING_CHOSEN)
        return redirect("depot:settle", row.pk)
    loaner = loaner_queries.loaner_of(row)
    return render(
        request,
        "depot/workshop/settle.html",
        {
            "repair": row,
            "loaner": loaner,
            "has_child": loaner_queries.child_of(row, request.actor.on) is not None,
            "handover_id": uuid.uuid4(),
        },
    )


@require_GET
def to_settle(request: HttpRequest) -> HttpResponse:
    """What is mended and waits for its child."""
    page = page_of(access.repairs_to_settle(request.actor).to_hand_back(), request, order=("mended_at", "pk"))
    return render(request, "depot/workshop/to_settle.html", {"page": page})


@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Children who have nothing to play on, by what broke: without a name."""
    found = loaner_queries.waiting(access.instruments_to_lend(request.actor))
    page = page_of(found, request, order=("reported_at", "pk"))
    return render(request, "depot/workshop/waiting.html", {"page": page})


@require_GET
def without(request: HttpRequest) -> HttpResponse:
    """Child-weeks without an instrument, school by school."""
    form = forms.Between(request.GET or None)
    today = request.actor.on
    first, until = form.days(today, today - timedelta(days=28))
    rows = without_queries.weeks_without(access.schools_to_compare(request.actor), first=first, until=until)
    return render(
        request,
        "depot/workshop/without.html",
        {
            "rows": rows,
            "total": without_queries.total(rows),
            "first": first,
            "until": until,
            "form": forms.Between({"first": first, "until": until}),
            "definition": without_queries.DEFINITION,
        },
    )


# --- the round ----------------------------------------------------------------------------------------------
@require_GET
def round_trip(request: HttpRequest) -> HttpResponse:
    """The stops of the mobile workshop in a short order, to print."""
    workshops = list(access.workshops(request.actor).order_by("-sort", "name"))
    chosen = request.GET.get("workshop", "")
    workshop = next((one for one in workshops if str(one.pk) == chosen), workshops[0] if workshops else None)
    found = round_queries.round_of(workshop, access.repairs(request.actor)) if workshop else None
    context = {"workshop": workshop, "workshops": workshops, "round": found, "today": request.actor.on}
    return render(request, "depot/workshop/round.html", context)


# --- parts --------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def parts(request: HttpRequest) -> HttpResponse:
    """The drawers: how many there are, what to order; what came in and what was counted."""
    how: dict[str, Any] = {"by": request.actor, "at": clock.now()}
    form = forms.NewPart(None, workshops=access.workshops(request.actor))
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "new":
            form = forms.NewPart(request.POST, workshops=access.workshops(request.actor))
            if form.is_valid() and _act(request, lambda: part_actions.add_part(**form.cleaned_data, **how)):
                return redirect("depot:parts")
        elif act in {"buy", "count"}:
            number = request.POST.get("part", "")
            part = access.part(request.actor, int(number) if number.isdecimal() and len(number) < 18 else 0)
            moved = forms.Movement(request.POST)
            if moved.is_valid():
                key, quantity = moved.cleaned_data["movement_id"], moved.cleaned_data["quantity"]
                if act == "buy":
                    _act(
                        request,
                        lambda: part_actions.buy_part(part=part, quantity=quantity, movement_id=key, **how),
                    )
                else:
                    _act(
                        request,
                        lambda: part_actions.count_part(part=part, counted=quantity, movement_id=key, **how),
                    )
            else:
                messages.error(request, _("How many? Write a number from 0 to 999."))
            return redirect("depot:parts")
    page = page_of(access.parts(request.actor).counted(), request, order=("site__name", "name", "pk"))
    for row in page.rows:
        row.movement_id = uuid.uuid4()
    return render(request, "depot/workshop/parts.html", {"page": page, "form": form})


# --- skills -------------------------------------------------------------------------------------------------
@require_GET
def skills(request: HttpRequest) -> HttpResponse:
    """Whose record one may read: the own one, and of who learns here."""
    page = page_of(access.learners(request.actor), request, order=("name", "pk"))
    return render(request, "depot/workshop/skills.html", {"page": page})


@require_GET
def skills_of(request: HttpRequest, account: uuid.UUID) -> HttpResponse:
    who = access.learner(request.actor, account)
    return render(request, "depot/workshop/skills_of.html", {"who": who, "skills": queries.skills_of(who)})


@require_GET
def skills_json(request: HttpRequest, account: uuid.UUID) -> HttpResponse:
    who = access.learner(request.actor, account)
    content = json.dumps(skills_record.as_data(who.name, queries.skills_of(who)), ensure_ascii=False, indent=2)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="skills.json"'
    return response


@require_GET
def skills_pdf(request: HttpRequest, account: uuid.UUID) -> HttpResponse:
    who = access.learner(request.actor, account)
    content = skills_record.as_pdf(who.name, queries.skills_of(who), request.actor.on)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="skills.pdf"'
    return response


# --- maintenance --------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def maintenance(request: HttpRequest) -> HttpResponse:
    """The rules, and the jobs they opened: what is overdue first."""
    organisations = access.organisations_to_maintain(request.actor)
    form = forms.Rule(None, organisations=organisations)
    how: dict[str, Any] = {"by": request.actor, "at": clock.now()}
    if request.method == "POST":
        match request.POST.get("act", ""):
            case "new":
                form = forms.Rule(request.POST, organisations=organisations)
                if form.is_valid() and _act(request, lambda: maintenance_actions.set_rule(**form.cleaned_data, **how)):
                    return redirect("depot:maintenance")
            case "end":
                number = request.POST.get("rule", "")
                key = int(number) if number.isdecimal() and len(number) < 18 else 0
                rule = access.rule_to_maintain(request.actor, key)
                _act(request, lambda: maintenance_actions.end_rule(rule=rule, **how))
                return redirect("depot:maintenance")
            case "run":
                for organisation in organisations:
                    _act(request, partial(maintenance_actions.open_jobs, organisation=organisation, **how))
                return redirect("depot:maintenance")
            case _:
                messages.error(request, NOTHING_CHOSEN)
    page = page_of(access.jobs(request.actor).open(), request, order=("due_on", "pk"))
    rules = access.rules_to_maintain(request.actor).filter(ended_on=None)
    return render(
        request,
        "depot/workshop/maintenance.html",
        {
            "page": page,
            "form": form,
            "rules": rules[:100],
            "today": request.actor.on,
            "may_set": organisations.exists(),
        },
    )


@require_POST
def do_job(request: HttpRequest, pk: int) -> HttpResponse:
    row = access.job(request.actor, pk)
    _act(request, lambda: maintenance_actions.do_job(job=row, by=request.actor, at=clock.now()), _("Done."))
    return redirect("depot:maintenance")
