"""The register of schools, and how a school of it (or of an island) joins."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused
from leerorkest.shared.pages import page_of

from .. import access, actions
from ..forms.programme import SchoolEntryForm
from ..models import RegisteredSchool
from ..queries import schools as queries


@require_GET
def register(request: HttpRequest) -> HttpResponse:
    sought = request.GET.get("q", "").strip()[:100]
    with_closed = request.GET.get("closed") == "1"
    page = page_of(queries.registered(sought, with_closed=with_closed), request, order=("name", "pk"))
    taking_part = queries.taking_part(page.rows, access.organisations_to_run(request.actor))
    for row in page.rows:
        row.school = taking_part.get(row.pk)
    return render(
        request,
        "schools/register.html",
        {"page": page, "sought": sought, "with_closed": with_closed, "is_empty": not page and not sought},
    )


@require_GET
def registered(request: HttpRequest, registered: int) -> HttpResponse:
    row = get_object_or_404(RegisteredSchool, pk=registered)
    organisations = access.organisations_to_run(request.actor)
    return render(
        request,
        "schools/registered.html",
        {
            "row": row,
            "school": queries.taking_part([row], organisations).get(row.pk),
            "organisations": organisations,
            "pupil_counts": row.pupil_counts.all()[:10],
        },
    )


@require_POST
def start(request: HttpRequest, registered: int) -> HttpResponse:
    organisation = access.organisation_to_run(request.actor, request.POST.get("organisation", ""))
    row = get_object_or_404(RegisteredSchool, pk=registered)
    try:
        school = actions.start_school(organisation=organisation, registered=row, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("schools:registered", row.pk)
    messages.success(request, _("%(name)s takes part now.") % {"name": school.site.name})
    return redirect("schools:school", school.pk)


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    organisation = access.organisation_to_run(request.actor, request.GET.get("organisation", ""))
    form = SchoolEntryForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            school = actions.enter_school(
                organisation=organisation, **form.cleaned_data, by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s takes part now.") % {"name": school.site.name})
            return redirect("schools:school", school.pk)
    return render(request, "schools/enter.html", {"form": form, "organisation": organisation})
