"""The roster of a school: upload, name the columns if need be, see what will happen, apply, undo."""

import base64
import hashlib
import zlib
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.schools import access
from leerorkest.schools.actions import roster as actions
from leerorkest.schools.forms.roster import ApplyForm, ColumnsForm, UploadForm
from leerorkest.schools.models import RosterImport, School
from leerorkest.schools.queries import roster as queries
from leerorkest.schools.roster import reading, table
from leerorkest.schools.roster.roster import NeedsMapping
from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, record_seen
from leerorkest.shared.uploads.gate import MAX_BYTES
from leerorkest.shared.uploads.sentences import FileRefused

MOST_ON_A_SCREEN = 900_000  # a form may carry 1 MB besides files


@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest, pk: int) -> HttpResponse:
    school = access.school_to_run(request.actor, pk)
    if "rows" in request.POST:
        return _columns_chosen(request, school)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:  # then it never arrived
        too_large = _("The file is larger than 20 MB. Export one school at a time.")
        form.fields["file"].error_messages["required"] = too_large
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        try:
            try:
                read = queries.read_file(school, content, clock.today(), form.cleaned_data["choose_columns"])
            except NeedsMapping as asked:
                return _ask_columns(request, school, content, asked)
            return _previewed(request, school, read, content, None)
        except FileRefused as refused:
            form.add_error("file", queries.tell(refused.sentence))
        except Refused as refusal:
            form.add_error("file", str(refusal))
    history = school.roster_imports.select_related("school_year").defer("plan", "undo")[:20]
    page = {"school": school, "form": form, "history": history}
    return render(request, "schools/roster.html", page, status=422 if form.errors else 200)


def _previewed(
    request: HttpRequest, school: School, read: Any, content: bytes, mapping: dict[str, str] | None
) -> HttpResponse:
    made = actions.preview_roster(
        school=school,
        roster=read,
        sha256=hashlib.sha256(content).hexdigest(),
        mapping=mapping,
        by=request.actor,
        at=clock.now(),
    )
    return redirect("schools:roster_import", school.pk, made.pk)


def _ask_columns(request: HttpRequest, school: School, content: bytes, asked: NeedsMapping) -> HttpResponse:
    """The screen with a choice per field. The rows travel in the form, without the columns we may not keep."""
    rows = reading.without_forbidden(content)
    packed = base64.b64encode(zlib.compress(rows, 9)).decode("ascii")
    if len(packed) > MOST_ON_A_SCREEN:
        raise FileRefused(_("The table is too large to choose columns here. Name them as in the example first."))
    form = ColumnsForm(columns=asked.columns, examples=table.examples(rows), initial={**asked.guess, "rows": packed})
    page = {"school": school, "form": form, "sentence": queries.tell(asked.sentence)}
    return render(request, "schools/roster_columns.html", page)


def _columns_chosen(request: HttpRequest, school: School) -> HttpResponse:
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(base64.b64decode(request.POST["rows"], validate=True), MAX_BYTES)
    except (ValueError, zlib.error):
        messages.error(request, _("The table did not come through. Upload the file again."))
        return redirect("schools:roster", school.pk)
    mapping = {field: request.POST.get(field, "") for field in table.FIELDS if request.POST.get(field)}
    try:
        read = reading.read(content, mapping=mapping, on=clock.today(), ask=not mapping)
        return _previewed(request, school, read, content, mapping)
    except NeedsMapping as asked:
        form = ColumnsForm(request.POST, columns=asked.columns, examples=table.examples(content))
        form.is_valid()
        page = {"school": school, "form": form, "sentence": queries.tell(asked.sentence)}
        return render(request, "schools/roster_columns.html", page, status=422)
    except FileRefused as refused:
        messages.error(request, queries.tell(refused.sentence))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("schools:roster", school.pk)


def _import(request: HttpRequest, pk: int, import_pk: int) -> RosterImport:
    school = access.school_to_run(request.actor, pk)
    imports = RosterImport.objects.select_related("school__site", "school_year")
    return get_object_or_404(imports, school=school, pk=import_pk)


@require_GET
def roster_import(request: HttpRequest, pk: int, import_pk: int) -> HttpResponse:
    found = _import(request, pk, import_pk)
    kinds = {notice["kind"] for notice in found.plan["warnings"]}
    if found.state == RosterImport.PREVIEWED:  # children stand on this page
        record_seen(by=request.actor, at=clock.now(), what="seen.roster", subject=found)
    counts = found.counts
    page = {
        "school": found.school,
        "roster_import": found,
        "preview": queries.preview(found),
        "form": ApplyForm(counts=counts, warned=kinds),
        "changes_something": any(counts[word] for word in actions.CHANGES),
        "is_other_school": "other_school" in kinds,
        "can_undo": found.state == RosterImport.APPLIED and bool(found.undo),
        "shown": queries.SHOWN,
    }
    return render(request, "schools/roster_import.html", page)


@require_POST
def apply_roster(request: HttpRequest, pk: int, import_pk: int) -> HttpResponse:
    found = _import(request, pk, import_pk)
    try:
        actions.apply_roster(
            roster_import=found,
            end_gone="end_gone" in request.POST,
            is_the_right_school="is_the_right_school" in request.POST,
            by=request.actor,
            at=clock.now(),
        )
        messages.success(request, _("The roster is up to date. You can still undo this."))
    except Refused as refusal:
        messages.error(request, str(refusal))
        if not RosterImport.objects.filter(pk=found.pk).exists():
            return redirect("schools:roster", pk)
    return redirect("schools:roster_import", pk, import_pk)


@require_POST
def undo_roster(request: HttpRequest, pk: int, import_pk: int) -> HttpResponse:
    found = _import(request, pk, import_pk)
    try:
        actions.undo_roster(roster_import=found, by=request.actor, at=clock.now())
        messages.success(request, _("The import is undone: every child is where they were."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("schools:roster_import", pk, import_pk)


@require_POST
def discard_roster(request: HttpRequest, pk: int, import_pk: int) -> HttpResponse:
    found = _import(request, pk, import_pk)
    try:
        actions.discard_preview(roster_import=found, by=request.actor, at=clock.now())
        messages.success(request, _("The preview is thrown away. Nothing was changed."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("schools:roster", pk)
