"""The desk: instruments go home with children, and come back. The pages work without a script; with one they are a few
taps, and what a phone did without a signal arrives later as an act."""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.schools import access as schools_access
from leerorkest.schools.models import School
from leerorkest.shared import clock, files
from leerorkest.shared.actions import Refused, record_seen
from leerorkest.shared.pages import page_of
from leerorkest.shared.scanning import with_scanner

from .. import access, agreements, rules
from .. import queries as depot_queries
from ..actions import desk as actions
from ..actions.defects import report_defect
from ..actions.refusals import AlreadyLent, ChildLeft, NeverLent, Retired, UnknownTag
from ..defect_kinds import shape_of
from ..forms import defects as defect_forms
from ..forms import desk as forms
from ..models import Defect, Handover, Instrument, LoanTerms
from ..queries import desk as queries
from ..queries.accessories import accessories_of, accessory_codes
from ..queries.reservations import reserved_for
from ..queries.tags import current_tag
from .parts import ORDER, label_holders

MOST_PAPERS = 50  # loans that wait for their paper, on one page
MOST_KNOWN_AHEAD = 400  # instruments that a phone knows without a signal


class MistypedTag(Refused):
    sentence = gettext_lazy("%(tag)s is not a whole code. Read the label again.")


class UnknownInstrument(Refused):
    sentence = gettext_lazy("This instrument is out of use, or out of your reach. Tell who keeps it what is wrong.")


# --- who is at the desk -----------------------------------------------------------------------------------
def _groups(request: HttpRequest) -> Any:
    day = request.actor.on
    return (
        schools_access.groups_to_hand_out_in(request.actor)
        .filter(school_year__first_on__lte=day, school_year__last_on__gte=day)
        .order_by("school__site__name", "name")
    )


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Choose: hand out to a group, or take back."""
    groups, school = _groups(request), request.GET.get("school", "")
    is_chosen = school.isdecimal() and len(school) < 18
    if is_chosen:
        groups = groups.filter(school=int(school))
    schools = School.objects.filter(pk__in=groups.order_by().values("school"))
    is_by_school = not is_chosen and schools.count() > 1  # then first the school
    page: Any = (
        page_of(schools.select_related("site"), request, order=("site__name", "pk"))
        if is_by_school
        else page_of(groups, request, order=("school__site__name", "name", "pk"))
    )
    may_word = access.organisations_to_word(request.actor).exists()
    papers = access.acceptances(request.actor).filter(mark=None).order_by("at")[:MOST_PAPERS]
    loans = Instrument.objects.filter(custodies__began_with__in=[one.pk for one in papers], custodies__level="holder")
    context = {
        "page": page,
        "is_by_school": is_by_school,
        "school": is_chosen,
        "may_word": may_word,
        "papers": list(loans.select_related("kind", "size").distinct()),
    }
    return render(request, "depot/desk/desk.html", context)


# --- handing out ------------------------------------------------------------------------------------------
@with_scanner
@require_http_methods(["GET", "POST"])
def hand_out(request: HttpRequest, group: int) -> HttpResponse:
    """One group, child by child: scan, name, terms, photo, signature, next."""
    row = get_object_or_404(_groups(request), pk=group)
    form = forms.HandOut(*_sent(request))
    if request.method == "POST":
        if form.is_valid():
            try:
                made, sentence = _hand_out(request, form, _hash_of_form(request), clock.now())
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                actions.document_at_once(made, by=request.actor, at=clock.now())
                messages.success(request, sentence)
                return redirect("depot:hand_out", row.pk)
        else:
            messages.error(request, _first_problem(request, form))
    organisation = row.school.site.organisation
    members = schools_access.memberships_to_hand_out_to(request.actor, group=row, on=request.actor.on)
    children = depot_queries.choices(list(members))
    record_seen(by=request.actor, at=clock.now(), what="seen.group", subject=row)
    terms = queries.terms_in_force(organisation)
    shelf = access.instruments_to_lend(request.actor).kept_by(row.school.site).available()
    known = list(shelf.numbered().select_related("kind", "size").order_by(*ORDER)[:MOST_KNOWN_AHEAD])
    return render(
        request,
        "depot/desk/hand_out.html",
        {
            "group": row,
            "children": children,
            "terms": terms,
            "language": _language(terms),
            "conditions": _choices(queries.CONDITIONS),
            "accessories": queries.accessory_names().items(),
            "known": _known_ahead(known),
            "form": form,
            "act_id": request.POST.get("id") or uuid.uuid4(),
        },
    )


def _known_ahead(rows: list[Instrument]) -> str:
    """What a phone knows of instruments without a signal, for a script."""
    along = accessories_of(rows)
    return json.dumps(
        [
            {"tag": row.tag, "number": row.number, "name": row.name, "along": [one.code for one in along[row.pk]]}
            for row in rows
        ]
    )


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _choices(words: dict[Any, Any]) -> list[tuple[str, Any]]:
    return [(one.value, text) for one, text in words.items()]


def _language(terms: list[LoanTerms]) -> str:
    own = get_language() or settings.LANGUAGE_CODE
    return own if own in {row.language for row in terms} else terms[0].language


def _first_problem(request: HttpRequest, form: Any) -> str:
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:  # then it never arrived
        return _("This file is larger than %(most)s MB. Take a smaller photo.") % {
            "most": files.pictures.MOST_BYTES >> 20
        }
    return str(next(iter(form.errors.values()))[0])


def _hash_of_form(request: HttpRequest) -> str:
    """Of an act that came without a script: what stands in its fields, and its photo."""
    sent: dict[str, object] = {
        name: request.POST.getlist(name) for name in sorted(request.POST) if name != "csrfmiddlewaretoken"
    }
    for name, file in request.FILES.items():
        file.seek(0)
        sent[name] = hashlib.sha256(file.read()).hexdigest()
        file.seek(0)
    return rules.hash_of_act(sent)


def _to_lend(request: HttpRequest, text: str) -> Instrument:
    tag = current_tag(text)
    found = access.instruments_to_lend(request.actor).filter(tag=tag).with_parties().first()
    if found is None and not rules.tag_is_sound(tag):
        found = _by_number(request, text)
        if found is None:
            raise MistypedTag(tag=tag[:20])
    if found is None:
        raise UnknownTag(tag=rules.readable(tag))
    return found


def _by_number(request: HttpRequest, text: str) -> Instrument | None:
    """ "17" in place of a label, where only one instrument here has that number."""
    if not text.strip():
        return None
    rows = list(access.instruments_to_lend(request.actor).filter(number=text.strip()[:20]).with_parties()[:2])
    return rows[0] if len(rows) == 1 else None


def _hand_out(request: HttpRequest, form: Any, act_hash: str, at: datetime) -> tuple[Handover, str]:
    values = form.cleaned_data
    instrument = _to_lend(request, values["tag"])
    group = _groups(request).filter(pk=values["group"]).first()
    members = (
        schools_access.memberships_to_hand_out_to(request.actor, group=group, on=request.actor.on) if group else None
    )
    member = members.filter(child__uid=values["child"]).first() if members is not None else None
    if member is None:
        raise ChildLeft
    made = actions.hand_out(
        instrument=instrument,
        child=member.child,
        version=values["version"],
        language=values["language"],
        accessories=values["accessories"],
        condition=values["condition"],
        picture=values["picture"],
        ink=values["ink"],
        act_hash=act_hash,
        handover_id=values["id"],
        by=request.actor,
        at=at,
    )
    words = {"instrument": instrument.name, "holder": member.child.first_name}
    return made, _("%(instrument)s is now lent to %(holder)s.") % words


# --- taking back ------------------------------------------------------------------------------------------
def _reservations(request: HttpRequest) -> Any:
    return access.reservations(request.actor).open().select_related("site").order_by("from_on", "pk")


@with_scanner
@require_http_methods(["GET", "POST"])
def take_return(request: HttpRequest) -> HttpResponse:
    """Scan, tick off, photo, one way on, receipt."""
    form = forms.TakeReturn(*_sent(request), reservations=_reservations(request))
    if request.method == "POST":
        if form.is_valid():
            try:
                made, sentence = _take_return(request, form, _hash_of_form(request), clock.now())
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, sentence)
                return redirect("depot:receipt", made.reports.get().pk)
        else:
            messages.error(request, _first_problem(request, form))
    may_run = bool(request.actor.roles & set(access.RUNS))
    outcomes = [one for one in queries.OUTCOMES if may_run or one not in (rules.Outcome.RETIRE, rules.Outcome.RESERVE)]
    return render(
        request,
        "depot/desk/take_return.html",
        {
            "form": form,
            "conditions": _choices(queries.CONDITIONS),
            "outcomes": [(one.value, queries.OUTCOMES[one]) for one in outcomes],
            "accessories": queries.accessory_names().items(),
            "reservations": list(_reservations(request)[:50]) if may_run else [],
            "act_id": request.POST.get("id") or uuid.uuid4(),
        },
    )


def _take_return(request: HttpRequest, form: Any, act_hash: str, at: datetime) -> tuple[Handover, str]:
    values = form.cleaned_data
    instrument = _to_lend(request, values["tag"])
    if values["outcome"] in (rules.Outcome.RETIRE, rules.Outcome.RESERVE) and not access.may_run(
        request.actor, instrument
    ):
        raise Refused(_("The depot decides this. Choose the shelf, repair or cleaning."))
    made = actions.take_return(
        instrument=instrument,
        accessories=values["accessories"],
        condition=values["condition"],
        outcome=values["outcome"],
        reservation=values["reservation"],
        picture=values["picture"],
        note=values["note"],
        act_hash=act_hash,
        handover_id=values["id"],
        by=request.actor,
        at=at,
    )
    words = {"instrument": instrument.name, "outcome": queries.OUTCOMES[values["outcome"]]}
    return made, _("%(instrument)s is back: %(outcome)s.") % words


@require_GET
def receipt(request: HttpRequest, report: int) -> HttpResponse:
    """What came back, beside what went out."""
    row = access.return_report(request.actor, report)
    return render(
        request,
        "depot/desk/receipt.html",
        {
            "report": row,
            "before": queries.report_before(row),
            "condition": queries.CONDITIONS[rules.Condition(row.condition)],
            "outcome": queries.OUTCOMES[rules.Outcome(row.outcome)],
            "accessories": queries.in_words(row.accessories),
            "missing": queries.in_words(row.missing),
            "reservation": reserved_for(row.instrument),
        },
    )


@require_GET
def receipt_pdf(request: HttpRequest, report: int) -> HttpResponse:
    row = access.return_report(request.actor, report)
    return files.to_save(agreements.pdf(queries.receipt(row)), files.PDF, f"return-{row.instrument.tag}")


@require_GET
def picture(request: HttpRequest, report: int) -> HttpResponse:
    """The photo of an instrument as it went out or came back."""
    row = access.report(request.actor, report)
    if row.picture is None:
        raise Http404
    return files.attachment(row.picture, row.instrument.tag)


@require_http_methods(["GET", "POST"])
def cleanings(request: HttpRequest) -> HttpResponse:
    """What waits to be cleaned."""
    rows = access.cleanings(request.actor)
    if request.method == "POST":
        wanted = request.POST.get("cleaning", "")
        if not wanted:
            return redirect("depot:cleanings")
        row = access.cleaning(request.actor, int(wanted) if wanted.isdecimal() and len(wanted) < 18 else 0)
        try:
            actions.finish_cleaning(cleaning=row, by=request.actor, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            words = {"instrument": row.instrument.name}
            messages.success(request, _("%(instrument)s is clean. It stands on the shelf again.") % words)
        return redirect("depot:cleanings")
    page = page_of(rows.select_related("instrument__kind", "instrument__size"), request, order=("asked_at", "pk"))
    return render(request, "depot/desk/cleanings.html", {"page": page})


# --- acts of a phone --------------------------------------------------------------------------------------
@require_GET
def look(request: HttpRequest) -> JsonResponse:
    """What a phone scanned, for the next step: what it is, who has it, what went out with it."""
    text = request.GET.get("tag", "")[:200]
    row = access.scanned_to_lend(request.actor, rules.read_tag(text))
    if row is None:  # an old label, a number, or a code that leads nowhere
        try:
            row = access.scanned_to_lend(request.actor, _to_lend(request, text).tag)
        except Refused as refusal:
            return JsonResponse({"sentence": str(refusal)})
    found = {
        "tag": row.tag,
        "number": row.number,
        "name": row.name,
        "along": accessory_codes(row.kind, row.size_code or ""),
        "retired": str(Retired(row)) if row.retired_on else "",
        "lent": str(AlreadyLent(row)) if row.holding else "",
        "free": "" if row.holding else str(NeverLent(row)),
    }
    return JsonResponse(found | (_lent(request, row.uid) if row.holding else {"went_out": None}))


def _lent(request: HttpRequest, uid: uuid.UUID) -> dict[str, Any]:
    """Who has it, and how it looked when it went out."""
    row = access.instrument_to_lend(request.actor, uid)
    label_holders(request, [row], subject=row)
    report = queries.report_at_issue(row)
    return {
        "holder": row.holder_label.words if row.holder_label else "",
        "went_out": report.accessories if report else None,
        "condition": str(queries.CONDITIONS[rules.Condition(report.condition)]) if report else "",
        "picture": reverse("depot:picture", args=[report.pk]) if report and report.picture else "",
    }


@require_http_methods(["GET", "POST"])
def acts(request: HttpRequest) -> JsonResponse:
    """One act with its files → {"receipts": [one]}: see shared/static/shared/outbox.js.

    A look answers with who is signed in and the key for a post: signing in again makes the one in the page useless.
    """
    account = str(request.actor.account.uid)
    if request.method != "POST":
        return JsonResponse({"account": account, "token": get_token(request)})
    if request.headers.get("X-Account", account) != account:  # the phone changed hands while the page stood open
        return JsonResponse({"error": _("Somebody else is signed in. These acts wait for who made them.")}, status=403)
    try:
        act, act_hash = forms.read_act(request.POST.get("act", ""), request.FILES)
    except forms.NotAnAct:
        return JsonResponse({"error": _("This is not an act of the desk.")}, status=400)
    except forms.BadFile:  # it is sent again
        return JsonResponse({"error": _("The photo did not arrive whole.")}, status=422)
    receipt = {"id": act.get("id", ""), "hash": act_hash, "stored": False, "refused": True, "link": ""}
    try:
        sentence, link = _do(request, act, act_hash)
    except Refused as refusal:
        if queries.is_stored(act, act_hash, request.actor.audit_key):  # the world moved on since
            receipt |= {"stored": True, "refused": False, "sentence": _("This arrived before. Nothing changed.")}
        else:
            receipt["sentence"] = str(refusal)
    else:
        receipt |= {"stored": True, "refused": False, "sentence": sentence, "link": link}
    return JsonResponse({"receipts": [receipt]})


def _do(request: HttpRequest, act: dict[str, Any], act_hash: str) -> tuple[str, str]:
    """(what came of it, where to look at it)"""
    at = rules.made_at(forms.moment_of(act), clock.now())
    if act.get("sort") == "hand_out":
        form: Any = forms.HandOut(act, request.FILES)
        made, sentence = _hand_out(request, _valid(form), act_hash, at)
        actions.document_at_once(made, by=request.actor, at=clock.now())
        return sentence, reverse("depot:agreement", args=[made.pk])
    if act.get("sort") == "take_return":
        form = forms.TakeReturn(act, request.FILES, reservations=_reservations(request))
        made, sentence = _take_return(request, _valid(form), act_hash, at)
        return sentence, reverse("depot:receipt", args=[made.reports.get().pk])
    if act.get("sort") == "report":
        defect = _report(request, act, at)
        sentence = _("%(defect)s: it is reported.") % {"defect": defect.kind}
        return sentence, reverse("depot:defect", args=[defect.pk])
    raise Refused(_("This act is not known here. Open the page again and start anew."))


def _report(request: HttpRequest, act: dict[str, Any], at: datetime) -> Defect:
    try:
        row = access.instrument_to_report(request.actor, uuid.UUID(str(act.get("instrument"))))
    except (ValueError, Http404):
        raise UnknownInstrument from None
    form = defect_forms.Report({**act, "defect_id": act.get("id")}, shape=shape_of(row.kind))
    return report_defect(instrument=row, by=request.actor, at=at, **_valid(form).cleaned_data)


def _valid(form: Any) -> Any:
    if not form.is_valid():
        raise Refused(str(next(iter(form.errors.values()))[0]))
    return form
