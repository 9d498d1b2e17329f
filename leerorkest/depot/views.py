"""The depot's pages: phone first, and every one works without JavaScript."""

import csv
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from leerorkest.network.models import Site
from leerorkest.people.models import Account
from leerorkest.people.rules import Role
from leerorkest.schools import access as schools_access
from leerorkest.schools.models import Group
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, record_seen
from leerorkest.shared.pages import page_of
from leerorkest.shared.templatetags.words import when
from leerorkest.shared.uploads.sentences import FileRefused

from . import access, actions, forms, lists, queries, rules
from . import labels as printing
from .models import Custody, Handover, Instrument

ORDER = ("kind_id", "number_length", "number", "pk")
ON_ONE_PAGE = 200  # instruments to tick for a class set


def _may(request: HttpRequest, *roles: Role) -> bool:
    return bool(request.actor.roles & set(roles))


def _labels(request: HttpRequest, rows: list[Instrument], subject: Any = "instruments") -> None:
    """Hang on each instrument how its holder stands on this reader's page, and note that names were seen."""
    custodies = [row.holding for row in rows if row.holding]
    labels = access.holder_labels(request.actor, custodies, request.actor.on)
    for row in rows:
        row.holder_label = labels.get(row.holding.pk) if row.holding else None
    seen = sum(1 for custody in custodies if custody.child_id and labels[custody.pk].words)
    if seen:
        record_seen(by=request.actor, at=clock.now(), what="seen.holders", subject=subject, detail={"children": seen})


# --- lists --------------------------------------------------------------------------------------------
@require_GET
def instruments(request: HttpRequest) -> HttpResponse:
    chosen = forms.Filter(request.GET, keepers=access.keepers_seen(request.actor))
    rows = chosen.apply(access.instruments(request.actor), request.actor.on).numbered().with_parties()
    page = page_of(rows, request, order=ORDER)
    _labels(request, page.rows)
    query = request.GET.copy()
    query.pop("after", None)
    return render(
        request,
        "depot/instruments.html",
        {
            "page": page,
            "filter": chosen,
            "query": query.urlencode(),
            "may_run": _may(request, *access.RUNS),
            "may_lend": _may(request, *access.LENDS),
        },
    )


class _Echo:
    """What a CSV writer writes to when each line goes out at once."""

    def write(self, line: str) -> str:
        return line


def _safe_cell(value: object) -> str:
    """A spreadsheet takes a text that opens with one of these for a formula: an apostrophe keeps it a text."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The list as it is filtered, for a spreadsheet. Who holds an instrument stays out of files."""
    chosen = forms.Filter(request.GET, keepers=access.keepers_seen(request.actor))
    rows = chosen.apply(access.instruments(request.actor), request.actor.on).numbered().with_parties().order_by(*ORDER)
    write = csv.writer(_Echo(), delimiter=";").writerow
    head = [_("Label"), _("Number"), _("Kind"), _("Size"), _("Brand"), _("Model"), _("Serial number"), _("Owner")]
    head += [_("Value"), _("Currency"), _("Bought on"), _("Kept by"), _("State"), _("Retired on")]
    state = {True: _("Lent"), False: _("On the shelf")}

    def lines() -> Iterator[str]:
        yield "\ufeff" + write(head)  # the mark tells a spreadsheet that it is UTF-8
        for row in rows.iterator(chunk_size=500):
            cells: list[object] = [row.tag, row.number, row.kind.name, row.size and row.size.code, row.brand, row.model]
            cells += [row.serial_number, row.owner, row.purchase_value, row.currency, row.purchased_on]
            cells += [row.keeper, "" if row.retired_on else state[bool(row.holding)], row.retired_on]
            yield write([_safe_cell(cell) for cell in cells])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="instruments.csv"'
    return response


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """The box into which a hand scanner types a label, or a person a number."""
    text = request.GET.get("tag", "")[:200]
    seen = access.instruments(request.actor)
    found = seen.filter(tag=rules.read_tag(text)).first()
    if found:
        return redirect("depot:instrument", found.uid)
    rows = list(seen.filter(number=text.strip()).order_by("kind_id", "pk").with_parties()[:51]) if text.strip() else []
    if len(rows) == 1:
        return redirect("depot:instrument", rows[0].uid)
    _labels(request, rows)
    return render(request, "depot/find.html", {"text": text, "rows": rows})


def tag(request: HttpRequest, tag: str) -> HttpResponse:
    """What the code on a label opens. Staff go to the instrument; anybody else reads how to give it back.

    The answer to a stranger is the same for every label, known or not: it says nothing of whose it is.
    """
    if request.actor is not None:
        found = access.instruments(request.actor).filter(tag=rules.read_tag(tag)).first()
        if found:
            return redirect("depot:instrument", found.uid)
    return render(request, "depot/tag.html", {"contact": settings.CONTACT})


# --- one instrument -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """One period on the path of an instrument."""

    words: str
    soft: str
    is_open: bool
    began_with: uuid.UUID


def _steps(rows: list[Custody], labels: dict[uuid.UUID, access.HolderLabel]) -> list[Step]:
    return [
        Step(
            words=_kept(row) if row.site else _held(row, labels),
            soft=_since(row),
            is_open=row.ended_at is None,
            began_with=row.began_with_id,
        )
        for row in rows
    ]


def _kept(row: Custody) -> str:
    return _("Kept by %(site)s") % {"site": row.site}


def _held(row: Custody, labels: dict[uuid.UUID, access.HolderLabel]) -> str:
    """Who held it before is not told of a child: that name shows only while the instrument is lent."""
    label = labels.get(row.pk)
    if label and label.words:
        return _("Lent to %(holder)s") % {"holder": label.words}
    if row.account:
        return _("Lent to %(holder)s") % {"holder": row.account.name}
    return _("Lent to a child")


def _since(row: Custody) -> str:
    facts = {
        "start": when(row.started_at, "SHORT_DATETIME_FORMAT"),
        "end": when(row.ended_at, "SHORT_DATETIME_FORMAT"),
        "name": row.began_with.by.name if row.began_with.by else "",
    }
    if row.ended_at:
        return _("%(start)s – %(end)s") % facts
    return _("Since %(start)s, by %(name)s") % facts if facts["name"] else _("Since %(start)s") % facts


@require_GET
def instrument(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    row = access.instrument(request.actor, uid)
    _labels(request, [row], subject=row)
    labels = {row.holding.pk: row.holder_label} if row.holding else {}
    may_run, may_lend = access.may_run(request.actor, row), access.may_lend(request.actor, row)
    facts = [
        (_("Owner"), row.owner),
        (_("Brand"), row.brand),
        (_("Model"), row.model),
        (_("Serial number"), row.serial_number),
        (_("Label"), row.readable_tag),
    ]
    if row.retired_on:
        facts.append((_("Why it left"), str(dict(forms.REASONS).get(row.retired_because, ""))))
    if row.purchase_value is not None:
        facts.append((_("Value"), f"{row.currency} {number_format(row.purchase_value)}"))
    return render(
        request,
        "depot/instrument.html",
        {
            "row": row,
            "facts": facts,
            "steps": _steps(list(queries.history(row)), labels),
            "may_lend": may_lend and not row.retired_on,
            "may_run": may_run,
            "handover_id": uuid.uuid4(),
        },
    )


@require_http_methods(["GET", "POST"])
def lend(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """School → group → child; or a member of staff."""
    row = access.instrument_to_lend(request.actor, uid)
    day = request.actor.on
    groups = (
        schools_access.groups_to_hand_out_in(request.actor)
        .filter(
            school__site__organisation=row.organisation_id,
            school_year__first_on__lte=day,
            school_year__last_on__gte=day,
        )
        .order_by("school__site__name", "name")
    )
    if row.keeper.sort == "school":
        groups = groups.filter(school__site=row.keeper)
    group = None
    chosen = request.POST.get("group") or request.GET.get("group") or ""
    if chosen:
        group = get_object_or_404(groups, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0)
    may_run = access.may_run(request.actor, row)
    accounts = (
        Account.objects.filter(postings__in=queries.postings(row.organisation, day)).distinct().order_by("name")
        if may_run
        else Account.objects.none()
    )
    staff_form = forms.LendToAccount(request.POST if "account" in request.POST else None, accounts=accounts)
    once = forms.OnceForm(request.POST or None)
    if request.method == "POST" and once.is_valid():
        inputs = {"instrument": row, "by": request.actor, "at": clock.now()}
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
        children = queries.choices(schools_access.memberships_to_hand_out_to(request.actor, group=group, on=day))
        record_seen(by=request.actor, at=clock.now(), what="seen.group", subject=group)
    return render(
        request,
        "depot/lend.html",
        {
            "row": row,
            "groups": list(groups) if group is None else [],
            "group": group,
            "children": children,
            "staff_form": staff_form if may_run else None,
            "handover_id": request.POST.get("handover_id") or uuid.uuid4(),
        },
    )


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
def take_in(request: HttpRequest) -> HttpResponse:
    form = forms.TakeIn(request.POST or None, sites=access.depots(request.actor))
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        site, handover_id = values.pop("site"), values.pop("handover_id")
        try:
            made = actions.take_in(
                site=site,
                instruments=[actions.NewInstrument(**values)],
                handover_id=handover_id,
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            row = Instrument.objects.of_handover(made).get()
            messages.success(request, _("%(instrument)s is taken in. Print its label next.") % {"instrument": row.name})
            return redirect("depot:instrument", row.uid)
    return render(request, "depot/take_in.html", {"form": form})


# --- a list -------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def list_upload(request: HttpRequest) -> HttpResponse:
    form = forms.ListFile(request.POST or None, request.FILES or None, sites=access.depots(request.actor))
    if request.method == "POST" and form.is_valid():
        try:
            content = lists.read(form.cleaned_data["file"].read(lists.MAX_BYTES + 1))
        except FileRefused as refused:
            form.add_error("file", _(refused.sentence.text) % refused.sentence.values)
        else:
            made = actions.preview_list(
                site=form.cleaned_data["site"], content=content, by=request.actor, at=clock.now()
            )
            return redirect("depot:list_preview", made.pk)
    return render(request, "depot/list_upload.html", {"form": form})


@require_http_methods(["GET", "POST"])
def list_preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What taking in a list will do; the button does it."""
    preview = access.list_to_run(request.actor, pk)
    if request.method == "POST":
        try:
            made = actions.take_in_list(preview=preview, by=request.actor, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("depot:list_preview", preview.pk)
        messages.success(request, _("The instruments are taken in. Print their labels next."))
        return redirect("depot:handover", made.pk)
    if preview.applied_at:
        return redirect("depot:handover", preview.pk)  # the list gave its handover its id
    plan = queries.plan_of([lists.Line(**line) for line in preview.lines], preview.site.organisation)
    refused = [lists.Refusal(**refusal) for refusal in preview.refused] + plan.refused
    refused.sort(key=lambda refusal: refusal.line)
    return render(
        request,
        "depot/list_preview.html",
        {
            "preview": preview,
            "plan": plan,
            "new": plan.new[:ON_ONE_PAGE],
            "count": len(plan.new),
            "refused": [(row.line, _why(row)) for row in refused[:500]],
            "refused_count": len(refused),
        },
    )


def _why(refusal: lists.Refusal) -> str:
    facts = {key: forms.COLUMN_WORDS[str(fact)] if key == "field" else fact for key, fact in refusal.facts.items()}
    return _(lists.SENTENCES[refusal.reason]) % facts


# --- many at once -------------------------------------------------------------------------------------
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
            return redirect("depot:handover", made.pk)
    rows = []
    count = request.GET.get("count", "")
    if request.GET.get("kind"):
        at_school = Exists(queries.kept_by_schools().filter(instrument=OuterRef("pk")))
        on_shelf = shelf.apply(reach, request.actor.on).on_shelf().exclude(at_school)
        rows = list(on_shelf.numbered().with_parties().order_by(*ORDER)[:ON_ONE_PAGE])
    ticked = set(request.POST.getlist("instrument"))
    first = int(count) if count.isdecimal() and len(count) < 4 else 0
    for position, row in enumerate(rows):
        row.is_ticked = str(row.uid) in ticked if ticked else position < first
    return render(request, "depot/issue.html", {"form": form, "filter": shelf, "rows": rows, "first": first or 24})


MOST_LABELS = 2000


@require_http_methods(["GET", "POST"])
def labels(request: HttpRequest) -> HttpResponse:
    """A PDF with labels: of the tags in the box, else of one handover, else of the list as it is filtered."""
    reach = access.instruments_to_run(request.actor)
    chosen = forms.Filter(request.GET, keepers=access.keepers_seen(request.actor))
    rows = chosen.apply(reach, request.actor.on)
    if request.GET.get("handover"):
        rows = reach.of_handover(access.handover_to_run(request.actor, _uuid(request.GET["handover"])))
    form = forms.Labels(request.POST or None, instruments=reach, initial={"tags": request.GET.get("tag", "")[:16]})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        printed = values["tags"] or list(
            rows.numbered().select_related("kind", "size").order_by(*ORDER)[: MOST_LABELS + 1]
        )
        if not printed:
            form.add_error(None, _("There is no instrument to print a label for. Choose others."))
        elif len(printed) > MOST_LABELS:
            form.add_error(None, _("These are more than %(most)s labels. Choose fewer.") % {"most": MOST_LABELS})
        else:
            site = settings.ADDRESS or request.build_absolute_uri("/").rstrip("/")
            content = printing.pdf(
                values["sheet"],
                [
                    printing.Label(
                        address=f"{site}/i/{row.tag}",
                        tag=row.readable_tag,
                        words=" ".join(str(part) for part in (row.kind, row.size) if part),
                        number=row.number,
                    )
                    for row in printed
                ],
                start=values["start"] - 1,
                shift=(float(values["right"] or 0), float(values["down"] or 0)),
            )
            response = HttpResponse(content, content_type="application/pdf")
            response["Content-Disposition"] = 'attachment; filename="labels.pdf"'
            return response
    return render(request, "depot/labels.html", {"form": form, "filter": chosen, "count": rows.count()})


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


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
            undone = actions.reverse(
                handover=made, handover_id=once.cleaned_data["handover_id"], by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("This handover is undone. Both stay in the story of the instruments."))
            return redirect("depot:handover", undone.pk)
    rows = Instrument.objects.of_handover(made).numbered().select_related("kind", "size").order_by(*ORDER)
    return render(
        request,
        "depot/handover.html",
        {
            "handover": made,
            "sort": forms.SORTS[rules.HandoverSort(made.sort)],
            "rows": rows[:500],
            "site": queries.site_of(made),
            "undone": Handover.objects.filter(reverses=made).first(),
            "may_undo": made.sort != rules.HandoverSort.INTAKE.value,
            "handover_id": uuid.uuid4(),
        },
    )


def _now_kept(count: int, site: Site) -> str:
    words = ngettext(
        "%(count)s instrument is now kept by %(site)s.", "%(count)s instruments are now kept by %(site)s.", count
    )
    return words % {"count": count, "site": site}
