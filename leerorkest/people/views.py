"""The office's pages: who has an account, with which postings; and the page on which an invited person comes in."""

import uuid

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from leerorkest.shared import clock
from leerorkest.shared.actions import Refused, System
from leerorkest.shared.pages import page_of

from . import access, actions
from .forms import AcceptForm, EndPostingForm, InvitationForm, PostingForm, VogForm
from .models import ROLES, Account, Posting


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    found = access.accounts_in_charge(request.actor)
    sought = request.GET.get("q", "").strip()
    if sought:
        found = found.filter(Q(name__icontains=sought) | Q(email__icontains=sought))
    role = request.GET.get("role", "")
    mine = access.postings_in_charge(request.actor)
    if role:
        found = found.filter(
            pk__in=mine.filter(role=role, pk__in=Posting.objects.on(request.actor.on)).values("account")
        )
    found = found.prefetch_related(Prefetch("postings", queryset=mine.order_by("from_on"), to_attr="postings_here"))
    page = page_of(found, request, order=("name", "pk"))
    return render(
        request,
        "people/accounts.html",
        {"page": page, "sought": sought, "role": role, "roles": ROLES, "today": request.actor.on},
    )


@require_GET
def account(request: HttpRequest, account: uuid.UUID) -> HttpResponse:
    row = access.account_in_charge(request.actor, account)
    return render(
        request,
        "people/account.html",
        {
            "account": row,
            "postings": access.postings_in_charge(request.actor).filter(account=row).order_by("-from_on", "pk"),
            "has_come_in": actions.has_come_in(row),
            "is_wholly_ours": access.is_wholly_in_charge(request.actor, row),
            "vog_form": VogForm(initial={"seen_on": row.vog_seen_on}),
            "end_form": EndPostingForm(initial={"until_on": request.actor.on}),
            "today": request.actor.on,
        },
    )


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    organisation = access.organisation_in_charge(request.actor, request.GET.get("organisation", ""))
    form = InvitationForm(request.POST or None, organisation=organisation, initial={"from_on": request.actor.on})
    if request.method == "POST" and form.is_valid():
        try:
            invited = actions.invite(organisation=organisation, **form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if invited.secret:
                return _hand_over(request, invited.account, invited.secret)
            messages.success(
                request,
                _("%(name)s has an account already and now has this posting too.") % {"name": invited.account.name},
            )
            return redirect("people:account", account=invited.account.uid)
    return render(request, "people/invite.html", {"form": form, "organisation": organisation})


@require_POST
def new_invitation(request: HttpRequest, account: uuid.UUID) -> HttpResponse:
    row = access.account_in_charge(request.actor, account)
    try:
        if not access.is_wholly_in_charge(request.actor, row):
            raise actions.WorksElsewhereToo(name=row.name)
        secret = actions.make_invitation(account=row, by=request.actor, at=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("people:account", account=row.uid)
    return _hand_over(request, row, secret)


def _hand_over(request: HttpRequest, account: Account, secret: str) -> HttpResponse:
    """Mail the link; without mail it is shown on this page, once. The secret never stands in a path or a log."""
    link = f"{request.build_absolute_uri(reverse('people:invitation'))}#{secret}"
    if settings.SENDS_MAIL:
        send_mail(
            _("Your account of Leerorkest"),
            _(
                "Hello %(name)s,\n\nYou are invited to work in Leerorkest. Open this link within 7 days and follow "
                "the two steps:\n\n%(link)s\n\nThe link works once. If you do not expect it, you need not do anything."
            )
            % {"name": account.first_name, "link": link},
            None,
            [account.email],
        )
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": account.email})
        return redirect("people:account", account=account.uid)
    return render(request, "people/link.html", {"account": account, "link": link})


@require_http_methods(["GET", "POST"])
def give_posting(request: HttpRequest, account: uuid.UUID) -> HttpResponse:
    row = access.account_in_charge(request.actor, account)
    organisation = access.organisation_in_charge(request.actor, request.GET.get("organisation", ""))
    form = PostingForm(request.POST or None, organisation=organisation, initial={"from_on": request.actor.on})
    if request.method == "POST" and form.is_valid():
        try:
            actions.give_posting(
                account=row, organisation=organisation, **form.cleaned_data, by=request.actor, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s has the posting.") % {"name": row.name})
            return redirect("people:account", account=row.uid)
    return render(request, "people/posting.html", {"form": form, "account": row, "organisation": organisation})


@require_POST
def end_posting(request: HttpRequest, posting: int) -> HttpResponse:
    row = access.posting_in_charge(request.actor, posting)
    form = EndPostingForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the day from which the posting no longer holds."))
    else:
        try:
            actions.end_posting(posting=row, **form.cleaned_data, by=request.actor, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The posting of %(name)s ends.") % {"name": row.account.name})
    return redirect("people:account", account=row.account.uid)


@require_POST
def vog(request: HttpRequest, account: uuid.UUID) -> HttpResponse:
    row = access.account_in_charge(request.actor, account)
    form = VogForm(request.POST)
    if form.is_valid():
        actions.note_vog(account=row, **form.cleaned_data, by=request.actor, at=clock.now())
        messages.success(request, _("Noted."))
    else:
        messages.error(request, _("That is not a date. Write it like 2026-09-01."))
    return redirect("people:account", account=row.uid)


@require_POST
def suspend(request: HttpRequest, account: uuid.UUID) -> HttpResponse:
    row = access.account_in_charge(request.actor, account)
    try:
        if not access.is_wholly_in_charge(request.actor, row):
            raise actions.WorksElsewhereToo(name=row.name)
        actions.suspend(account=row, by=request.actor, at=clock.now())
        messages.success(request, _("%(name)s can no longer sign in.") % {"name": row.name})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("people:account", account=row.uid)


@require_POST
def restore(request: HttpRequest, account: uuid.UUID) -> HttpResponse:
    row = access.account_in_charge(request.actor, account)
    try:
        if not access.is_wholly_in_charge(request.actor, row):
            raise actions.WorksElsewhereToo(name=row.name)
        actions.restore(account=row, by=request.actor, at=clock.now())
        messages.success(request, _("%(name)s can sign in again.") % {"name": row.name})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("people:account", account=row.uid)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Nothing happens on GET: mail scanners open links. The press of a button posts the code and a new password."""
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        secret, password = form.cleaned_data["secret"], ""
        try:
            invited = actions.open_invitation(secret, clock.now()).account
            with_passkey = request.POST.get("way") == "passkey"
            if not with_passkey:
                form.check_password(invited)
                password = form.cleaned_data.get("password", "")
            if form.is_valid():
                who = actions.accept_invitation(
                    secret=secret, password=password, by=System("invitation"), at=clock.now()
                )
                there = reverse("mfa_add_webauthn" if with_passkey else settings.LOGIN_REDIRECT_URL)
                return perform_login(request, who, redirect_url=there)
        except Refused as refusal:
            form.add_error("secret", str(refusal))
    return render(request, "people/invitation.html", {"form": form})
