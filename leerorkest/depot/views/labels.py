"""Labels printed ahead, and the first scan that puts one on an instrument."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused

from .. import access, actions
from .. import labels as printing
from ..actions import labels as acts
from ..forms import TakeIn
from ..forms import labels as forms
from ..models import Instrument, Instruments, Label, LabelBatch
from ..queries import tags
from ..rules import read_tag, readable
from .parts import uuid_or_404


@require_http_methods(["GET", "POST"])
def ahead(request: HttpRequest) -> HttpResponse:
    """So many labels as a PDF; those of an earlier pile that are on nothing yet can be printed again."""
    initial = {}
    again = None
    if request.GET.get("batch"):
        again = get_object_or_404(access.label_batches(request.actor), pk=uuid_or_404(request.GET["batch"]))
        initial = {"batch_id": again.pk, "count": again.labels.unclaimed().count(), "organisation": again.organisation}
    form = forms.Ahead(request.POST or None, organisations=access.stocks(request.actor), initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            batch = acts.print_ahead(
                organisation=values["organisation"],
                count=values["count"],
                batch_id=values["batch_id"],
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _pdf(request, batch, form)
    counted = Count("labels", filter=Q(labels__instrument=None))
    batches = access.label_batches(request.actor).annotate(count=Count("labels"), free=counted)
    return render(
        request,
        "depot/labels_ahead.html",
        {"form": form, "batches": batches.order_by("-made_at", "pk")[:20], "again": again},
    )


def _pdf(request: HttpRequest, batch: LabelBatch, form: forms.Ahead) -> HttpResponse:
    site = settings.ADDRESS or request.build_absolute_uri("/").rstrip("/")
    values = form.cleaned_data
    printed = batch.labels.unclaimed().order_by("pk").values_list("tag", flat=True)
    content = printing.pdf(
        values["sheet"],
        [printing.Label(f"{site}/i/{tag}", readable(tag), batch.organisation.name, "") for tag in printed],
        start=values["start"] - 1,
        shift=(float(values["right"] or 0), float(values["down"] or 0)),
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="labels.pdf"'
    return response


@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest, tag: str) -> HttpResponse:
    """The first scan of a new label: it is on an instrument that we have, or on one that comes in now."""
    label = access.label_to_claim(request.actor, read_tag(tag))
    form = TakeIn(
        request.POST if request.method == "POST" and "instrument" not in request.POST else None,
        sites=access.depots(request.actor).filter(organisation=label.organisation),
    )
    reach = access.instruments_to_run(request.actor).not_retired().filter(organisation=label.organisation)
    if request.method == "POST":
        try:
            found = _claimed(request, label, form, reach)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            if found:
                words = {"instrument": found.name, "tag": label.readable_tag}
                messages.success(request, _("%(tag)s is now the label of %(instrument)s.") % words)
                return redirect("depot:instrument", found.uid)
    text = request.GET.get("q", "")[:200].strip()
    chosen = Q(number=text) | Q(tag=tags.current_tag(text)) | Q(serial_number__iexact=text)
    rows = list(reach.filter(chosen).order_by("kind_id", "pk").with_parties()[:50]) if text else []
    return render(request, "depot/claim_label.html", {"label": label, "form": form, "text": text, "rows": rows})


def _claimed(request: HttpRequest, label: Label, form: TakeIn, reach: Instruments) -> Instrument | None:
    if "instrument" in request.POST:
        row = get_object_or_404(reach, uid=uuid_or_404(request.POST["instrument"]))
        return acts.claim_for_existing(label=label, instrument=row, by=request.actor, at=clock.now())
    if not form.is_valid():
        return None
    values = dict(form.cleaned_data)
    site, handover_id = values.pop("site"), values.pop("handover_id")
    made = acts.claim_for_new(
        label=label,
        new=actions.NewInstrument(**values),
        site=site,
        handover_id=handover_id,
        by=request.actor,
        at=clock.now(),
    )
    return Instrument.objects.of_handover(made).get()
