"""Instruments come in, one by one or as a list, and get their labels."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.uploads.sentences import FileRefused

from .. import access, actions, forms, lists, queries
from .. import labels as printing
from ..models import Instrument
from .parts import ON_ONE_PAGE, ORDER, uuid_or_404


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


MOST_LABELS = 2000


@require_http_methods(["GET", "POST"])
def labels(request: HttpRequest) -> HttpResponse:
    """A PDF with labels: of the tags in the box, else of one handover, else of the list as it is filtered."""
    reach = access.instruments_to_run(request.actor)
    chosen = forms.Filter(request.GET, keepers=access.keepers_seen(request.actor))
    rows = chosen.apply(reach, request.actor.on)
    if request.GET.get("handover"):
        rows = reach.of_handover(access.handover_to_run(request.actor, uuid_or_404(request.GET["handover"])))
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
