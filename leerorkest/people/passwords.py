"""Passwords that somebody who knows us would try first."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

OUR_WORDS = """
    leerorkest orkest orchestra muziek musica music school viool violin cello trompet trumpet klarinet
    clarinet amsterdam curacao aruba bonaire depot welkom welcome wachtwoord password passwort geheim
    juf meester regenboog
""".split()  # noqa: SIM905  a list to read
ENOUGH = 8  # letters that are left when our words are taken out
LETTERS_FOR_DIGITS = str.maketrans("013457@$", "oieastas")


class NotAboutUs:
    """Refuses a password that is mostly made of words everybody here would think of."""

    def validate(self, password: str, user: Any = None) -> None:
        letters = re.sub(r"[\W\d_]", "", password.lower().translate(LETTERS_FOR_DIGITS))
        rest = letters
        for word in OUR_WORDS:
            rest = rest.replace(word, "")
        if rest != letters and len(rest) < ENOUGH:
            raise ValidationError(
                gettext("This password is made of words that everybody here would try. Add words of your own."),
                code="password_about_us",
            )

    def get_help_text(self) -> str:
        return gettext("Do not use words such as the name of your school or instrument alone.")
