"""Agreements: the signed document, one signature for a whole handover, the paper form and its photo, the terms."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.network.models import Organisation
from leerorkest.schools import access as schools_access
from leerorkest.shared import clock, files
from leerorkest.shared.actions import Refused, record_seen

from .. import access, agreements, rules
from ..actions import desk as actions
from ..forms import desk as forms
from ..models import Acceptance, Instrument, PaperForm
from ..queries import desk as queries
from ..terms import LANGUAGES
from .handovers import SIGNED
from .parts import ORDER


@require_GET
def agreement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The signed agreement as a PDF. One that still waits for its paper is made for this look only."""
    row = access.acceptance(request.actor, pk)
    if row.handover.sort == rules.HandoverSort.LEND.value:
        record_seen(by=request.actor, at=clock.now(), what="seen.agreement", subject=f"handover:{pk}")
    if row.mark_id is None:
        return files.to_save(agreements.pdf(queries.agreement(row)), files.PDF, f"loan-{str(pk)[:8]}")
    if row.pdf is None:
        row = actions.keep_document(acceptance=row, by=request.actor, at=clock.now())
    assert row.pdf is not None
    return files.attachment(row.pdf, f"loan-{str(pk)[:8]}")


@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One signature for everything in a handover: 24 violins that a school takes over."""
    made = access.handover_to_run(request.actor, pk)
    if made.sort not in SIGNED:
        raise Http404
    if Acceptance.objects.filter(handover=made).exists():
        return redirect("depot:handover", made.pk)
    terms = queries.terms_in_force(made.organisation)
    form = forms.Sign(request.POST or None, request.FILES or None, terms=terms)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            signed = actions.sign(
                handover=made,
                version=values["version"],
                language=values["language"],
                signer=values["signer"],
                ink=values["ink"],
                by=request.actor,
                at=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            actions.document_at_once(signed.handover, by=request.actor, at=clock.now())
            messages.success(request, _("Signed. The agreement is ready as a PDF."))
            return redirect("depot:handover", made.pk)
    rows = Instrument.objects.of_handover(made).numbered().select_related("kind", "size").order_by(*ORDER)
    own = translation.get_language()
    chosen = request.POST.get("language") or (own if own in {row.language for row in terms} else terms[0].language)
    return render(
        request,
        "depot/desk/sign.html",
        {"handover": made, "rows": list(rows[:500]), "terms": terms, "language": chosen, "form": form},
    )


# --- on paper ---------------------------------------------------------------------------------------------
@require_POST
def paper_forms(request: HttpRequest, group: int) -> HttpResponse:
    """A form to sign for each child of a group, as one PDF to print."""
    row = get_object_or_404(schools_access.groups_to_hand_out_in(request.actor), pk=group)
    organisation = row.school.site.organisation
    members = schools_access.memberships_to_hand_out_to(request.actor, group=row, on=request.actor.on)
    terms = {one.language: one for one in queries.terms_in_force(organisation)}
    wanted = request.POST.get("language", "")
    chosen = terms[wanted] if wanted in terms else next(iter(terms.values()))
    children = [member.child for member in members]
    if not children:
        messages.error(request, _("There are no children in this group. Load the school’s list first."))
        return redirect("depot:hand_out", row.pk)
    try:
        made = actions.print_forms(
            organisation=organisation,
            children=children,
            version=chosen.version,
            language=chosen.language,
            by=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("depot:hand_out", row.pk)
    record_seen(by=request.actor, at=clock.now(), what="seen.group", subject=row)
    site = settings.ADDRESS or request.build_absolute_uri("/").rstrip("/")
    with translation.override(queries.spoken(chosen.language, organisation)):
        filled, words = queries.paper_forms(
            PaperForm.objects.filter(pk__in=[one.pk for one in made])
            .select_related("child", "terms")
            .order_by("child__first_name", "pk"),
            request.actor.on,
            lambda one: site + reverse("depot:paper", args=[one.pk]),
        )
        content = agreements.forms_pdf(
            filled,
            title=_("Forms to sign on paper"),
            language=chosen.language,
            direction=chosen.spoken.direction,
            note=f"{row.school.site.name} · {row.name} · {chosen.version} {chosen.spoken.name}",
            words=words,
        )
    return files.to_save(content, files.PDF, f"forms-{row.pk}")


@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, form: uuid.UUID) -> HttpResponse:
    """What the code on a paper form opens: the place for its photo."""
    row = access.paper_form(request.actor, form)
    sent = forms.Photo(request.POST or None, request.FILES or None)
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:  # then it never arrived
        sent.fields["picture"].error_messages["required"] = _(
            "This file is larger than %(most)s MB. Take a smaller photo."
        ) % {"most": files.pictures.MOST_BYTES >> 20}
    if request.method == "POST" and sent.is_valid():
        try:
            done = actions.take_in_paper(
                form=row, picture=sent.cleaned_data["picture"], by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            sent.add_error(None, str(refusal))
        else:
            for acceptance in done:
                actions.document_at_once(acceptance.handover, by=request.actor, at=clock.now())
            words = ngettext("The paper of %(count)s loan is here.", "The paper of %(count)s loans is here.", len(done))
            messages.success(request, words % {"count": len(done)})
            return redirect("depot:desk")
    record_seen(by=request.actor, at=clock.now(), what="seen.child", subject=row.child)
    waiting = list(queries.waiting_for_paper(row.child).values_list("handover", flat=True))
    loans = Instrument.objects.filter(custodies__began_with__in=waiting, custodies__level="holder")
    return render(
        request,
        "depot/desk/paper.html",
        {"paper": row, "form": sent, "loans": list(loans.select_related("kind", "size")[:20])},
    )


# --- the terms --------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """The terms that hold, in every language; publishing makes a new version."""
    organisations = access.organisations_to_word(request.actor).order_by("name")
    organisation = _chosen(request, list(organisations))
    held = queries.terms_in_force(organisation)
    more = request.POST.get("more") or request.GET.get("more", "")
    form = forms.Publish(request.POST or None, terms=held, languages=organisation.languages, more=more)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.publish_terms(
                organisation=organisation, texts=form.texts(), by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Version %(version)s counts from now on.") % {"version": made[0].version})
            return redirect(f"{reverse('depot:terms')}?organisation={organisation.key}")
    return render(
        request,
        "depot/desk/terms.html",
        {
            "organisation": organisation,
            "organisations": organisations,
            "held": held,
            "may_desk": bool(request.actor.roles & set(access.LENDS)),
            "form": form,
            "texts": [(LANGUAGES[code], form[f"text_{code}"], form[f"draft_{code}"]) for code in form.codes],
            "others": [one for code, one in LANGUAGES.items() if code not in form.codes],
            "more": more,
            "earlier": queries.versions(organisation).exclude(version=held[0].version)[:100],
        },
    )


def _chosen(request: HttpRequest, organisations: list[Organisation]) -> Organisation:
    key = request.POST.get("organisation") or request.GET.get("organisation", "")
    found: Any = next((one for one in organisations if not key or one.key == key), None)
    if found is None:
        raise Http404
    return found
