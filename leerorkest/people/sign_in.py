"""The forms of signing in (django-allauth) in our words, without placeholders that vanish while somebody types."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

EMAIL, PASSWORD, NEW_PASSWORD, AGAIN = (
    _("E-mail address"),
    _("Password"),
    _("New password"),
    _("New password, once more"),
)
CODE_HELP = _("The six figures that your authenticator app shows now, or one of your recovery codes.")


class InOurWords:
    """Mixin: labels and help by field name; what is not named keeps its words."""

    labels: dict[str, Any] = {}
    help_texts: dict[str, Any] = {}
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, field.help_text)
            if name == "code":
                field.widget.attrs.update(autocomplete="one-time-code", autocapitalize="off", spellcheck="false")


class SignIn(InOurWords, account.LoginForm):
    labels = {"login": EMAIL, "password": PASSWORD, "remember": _("Stay signed in on this device")}
    help_texts = {"password": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class ForgottenPassword(InOurWords, account.ResetPasswordForm):
    labels = {"email": EMAIL}


class PasswordFromMail(InOurWords, account.ResetPasswordKeyForm):
    labels = {"password1": NEW_PASSWORD, "password2": AGAIN}


class SetPassword(InOurWords, account.SetPasswordForm):
    labels = {"password1": NEW_PASSWORD, "password2": AGAIN}


class ChangePassword(InOurWords, account.ChangePasswordForm):
    labels = {"oldpassword": _("Your password now"), "password1": NEW_PASSWORD, "password2": AGAIN}
    help_texts = {"oldpassword": ""}


class ProveByPassword(InOurWords, account.ReauthenticateForm):
    labels = {"password": PASSWORD}
    help_texts = {"password": ""}


class SecondStep(InOurWords, mfa.AuthenticateForm):
    labels = {"code": _("Code")}
    help_texts = {"code": CODE_HELP}


class ProveByCode(InOurWords, mfa.ReauthenticateForm):
    labels = {"code": _("Code")}
    help_texts = {"code": CODE_HELP}


class StartApp(InOurWords, totp.ActivateTOTPForm):
    labels = {"code": _("Code")}
    help_texts = {"code": _("The six figures that the app shows now.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class AddPasskey(InOurWords, webauthn.AddWebAuthnForm):
    labels = {"name": _("Name of this device"), "passwordless": _("Let me sign in with this passkey alone")}
    help_texts = {
        "name": _("So that you know later which one it is: “my phone”, “laptop at school”."),
        "passwordless": _(
            "Leave this on if your device asks for your finger, your face or a PIN. "
            "Switch it off for a simple security key: then you use it after your password."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class RenamePasskey(InOurWords, webauthn.EditWebAuthnForm):
    labels = {"name": _("Name of this device")}
