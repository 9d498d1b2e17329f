"""What is told about a file: sentences that can be translated, though nothing here knows Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(text: str) -> str:
    """Mark a sentence for translation; the room that shows it translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Sentence:
    """One plain sentence with named placeholders, translatable because the two stay apart."""

    text: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values


class FileRefused(Exception):
    """The whole file is refused. The sentence says what is wrong, where, and what to do; never a cell's value."""

    def __init__(self, text: str, **values: str | int) -> None:
        self.sentence = Sentence(text, values)
        super().__init__(str(self.sentence))
