"""Instruments change hands."""

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from leerorkest.network.models import Site
from leerorkest.people.access import Actor
from leerorkest.people.models import Account
from leerorkest.schools import access as schools_access
from leerorkest.schools.models import Group, Membership
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, record_seen
from leerorkest.shared.prepared import prepared, prepared_row

from .. import access, actions, forms, queries, rules
from ..forms.kits import GoesOut
from ..models import Acceptance, Handover, Instrument
from ..queries.kits import companions_of, least_worn_first
from .parts import ON_ONE_PAGE, ORDER

SIGNED = (rules.HandoverSort.ISSUE.value, rules.HandoverSort.LEND.value)  # what somebody signs for


@require_http_methods(["GET", "POST"])
def lend(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """School → group → child; or a member of staff."""
    row = access.instrument_to_lend(request.actor, uid)
    day = request.actor.on
    at = row.keeper.pk if row.keeper.sort == "school" else None
    group = None
    chosen = request.POST.get("group") or request.GET.get("group") or ""
    if chosen:
        pk = int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0
        group = _group(request.actor, pk, row.organisation_id, at)
    may_run = access.may_run(request.actor, row)
    accounts = (
        Account.objects.filter(postings__in=queries.postings(row.organisation, day)).distinct().order_by("name")
        if may_run
        else Account.objects.none()
    )
    staff_form = forms.LendToAccount(request.POST if "account" in request.POST else None, accounts=accounts)
    once = forms.OnceForm(request.POST or None)
    companions = companions_of(row)
    goes_out = GoesOut(request.POST or None, in_a_kit=bool(companions))
    if request.method == "POST" and once.is_valid():
        inputs = {"instrument": row, "by": request.actor, "at": clock.now(), **goes_out.choices()}
        inputs["handover_id"] = once.cleaned_data["handover_id"]
        try:
            if "account" in request.POST:
                if staff_form.is_valid():
                    account = staff_form.cleaned_data["account"]
                    actions.lend_to_account(account=account, **inputs)
                    messages.success(
                        request,
                        _("%(instrument)s is now lent to %(holder)s.")
                        % {"instrument": row.name, "holder": account.name},
                    )
                    return redirect("depot:instrument", row.uid)
            elif group is not None:
                child = _chosen_child(request, group)
                actions.lend(child=child, **inputs)
                messages.success(
                    request,
                    _("%(instrument)s is now lent to %(holder)s.")
                    % {"instrument": row.name, "holder": f"{child.first_name} · {group.name}"},
                )
                return redirect("depot:instrument", row.uid)
        except Refused as refusal:
            messages.error(request, str(refusal))
    children = []
    if group is not None:
        children = queries.choices(_members(request.actor, group.pk, day))
        record_seen(by=request.actor, at=clock.now(), what="seen.group", subject=group)
    return render(
        request,
        "depot/lend.html",
        {
            "row": row,
            "groups": _groups(request.actor, row.organisation_id, at) if group is None else [],
            "group": group,
            "children": children,
            "staff_form": staff_form if may_run else None,
            "goes_out": goes_out,
            "companions": companions,
            "handover_id": request.POST.get("handover_id") or uuid.uuid4(),
        },
    )


@prepared
def _groups(actor: Actor, organisation: int, site: int | None) -> QuerySet[Group]:
    """Groups of this school year to whose children an instrument of `organisation` can be lent; at one site or all."""
    groups = schools_access.groups_to_hand_out_in(actor).filter(
        school__site__organisation=organisation,
        school_year__first_on__lte=actor.on,
        school_year__last_on__gte=actor.on,
    )
    here = groups if site is None else groups.filter(school__site=site)
    return here.order_by("school__site__name", "name")


@prepared_row
def _group(actor: Actor, pk: int, organisation: int, site: int | None) -> QuerySet[Group]:
    return _groups.compose(actor, organisation, site).filter(pk=pk)


@prepared
def _members(actor: Actor, group: int, on: date) -> QuerySet[Membership]:
    return schools_access.memberships_to_hand_out_to(actor, group=Group(pk=group), on=on)


def _chosen_child(request: HttpRequest, group: Group) -> Any:
    members = schools_access.memberships_to_hand_out_to(request.actor, group=group, on=request.actor.on)
    try:
        wanted = uuid.UUID(request.POST.get("child", ""))
    except ValueError:
        raise Refused(_("No child was chosen. Choose one from the list.")) from None
    return get_object_or_404(members, child__uid=wanted).child


@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    row = access.instrument_to_run(request.actor, uid)
    form = forms.Retire(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.retire(instrument=row, because=form.cleaned_data["because"], by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(instrument)s is retired. Its story stays.") % {"instrument": row.name})
            return redirect("depot:instrument", row.uid)
    return render(request, "depot/retire.html", {"row": row, "form": form})


@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest) -> HttpResponse:
    """A class set to a school: choose the kind, tick or scan the instruments, choose the school."""
    reach = access.instruments_to_run(request.actor)
    sites = access.keepers(request.actor).filter(sort="school")
    shelf = forms.Filter(request.GET, keepers=access.depots(request.actor))
    form = forms.Issue(request.POST or None, instruments=reach, sites=sites)
    if request.method == "POST" and form.is_valid():
        rows, site = form.chosen(), form.cleaned_data["site"]
        try:
            made = actions.issue_class_set(
                instruments=rows,
                site=site,
                handover_id=form.cleaned_data["handover_id"],
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _now_kept(len(rows), site))
            return redirect("depot:sign" if request.POST.get("next") == "sign" else "depot:handover", made.pk)
    rows = []
    count = request.GET.get("count", "")
    if request.GET.get("kind"):
        at_school = Exists(queries.kept_by_schools().filter(instrument=OuterRef("pk")))
        on_shelf = shelf.apply(reach, request.actor.on).ready().exclude(at_school)
        rows = list(on_shelf.numbered().with_parties().order_by(*ORDER)[:ON_ONE_PAGE])
        rows = least_worn_first(rows, clock.now())
    ticked = set(request.POST.getlist("instrument"))
    first = int(count) if count.isdecimal() and len(count) < 4 else 0
    for position, row in enumerate(rows):
        row.is_ticked = str(row.uid) in ticked if ticked else position < first
    return render(request, "depot/issue.html", {"form": form, "filter": shelf, "rows": rows, "first": first or 24})


@require_http_methods(["GET", "POST"])
def give_back(request: HttpRequest) -> HttpResponse:
    """Holders give instruments back: scanned one after another, or one from its own page."""
    form = forms.Chosen(request.POST or None, instruments=access.instruments_to_lend(request.actor))
    if request.method == "POST" and form.is_valid():
        rows = form.chosen()
        try:
            actions.give_back(
                instruments=rows,
                handover_id=form.cleaned_data["handover_id"],
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            back = ngettext(
                "%(count)s instrument is back on the shelf.", "%(count)s instruments are back on the shelf.", len(rows)
            )
            messages.success(request, back % {"count": len(rows)})
            return redirect("depot:instrument", rows[0].uid) if len(rows) == 1 else redirect("depot:give_back")
    return render(request, "depot/give_back.html", {"form": form})


@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest) -> HttpResponse:
    """Instruments come back from schools to a depot."""
    form = forms.TakeBack(
        request.POST or None,
        instruments=access.instruments_to_run(request.actor),
        sites=access.depots(request.actor),
    )
    if request.method == "POST" and form.is_valid():
        rows, site = form.chosen(), form.cleaned_data["site"]
        try:
            made = actions.take_back(
                instruments=rows,
                site=site,
                handover_id=form.cleaned_data["handover_id"],
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _now_kept(len(rows), site))
            return redirect("depot:handover", made.pk)
    return render(request, "depot/take_back.html", {"form": form})


@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One handover as it was, and the way to undo it."""
    made = access.handover_to_run(request.actor, pk)
    once = forms.OnceForm(request.POST or None)
    if request.method == "POST" and once.is_valid():
        try:
            reversal = actions.reverse(
                handover=made, handover_id=once.cleaned_data["handover_id"], by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("This handover is undone. Both stay in the story of the instruments."))
            return redirect("depot:handover", reversal.pk)
    rows = Instrument.objects.of_handover(made).numbered().select_related("kind", "size").order_by(*ORDER)
    undone = Handover.objects.filter(reverses=made).first()
    return render(
        request,
        "depot/handover.html",
        {
            "handover": made,
            "sort": forms.SORTS[rules.HandoverSort(made.sort)],
            "rows": rows[:500],
            "site": queries.site_of(made),
            "agreement": access.acceptances(request.actor).filter(handover=made).first(),
            "may_sign": not undone and made.sort in SIGNED and not Acceptance.objects.filter(handover=made).exists(),
            "undone": undone,
            "may_undo": made.sort not in (rules.HandoverSort.INTAKE.value, rules.HandoverSort.KIT.value),
            "handover_id": uuid.uuid4(),
        },
    )


def _now_kept(count: int, site: Site) -> str:
    words = ngettext(
        "%(count)s instrument is now kept by %(site)s.", "%(count)s instruments are now kept by %(site)s.", count
    )
    return words % {"count": count, "site": site}
