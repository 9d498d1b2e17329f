"""Finding a kind or a size by any of its names."""

import unicodedata
from dataclasses import dataclass, field

from .models import InstrumentKind, Size
from .vocabulary import FRACTIONS

MORE_NAMES = {
    "violin": ["violen", "fiddle"],
    "viola": ["altviolen"],
    "cello": ["violoncello", "celli"],
    "double-bass": ["bas", "contra bas", "bass", "contrabass"],
    "flute": ["fluit", "transverse flute"],
    "fife": ["fluitje", "yfife"],
    "horn": ["french horn", "waldhoorn", "ventielhoorn", "valve horn"],
    "alto-saxophone": ["saxofoon", "saxophone", "altsax", "sax", "alto sax"],
    "soprano-saxophone": ["sopraansax"],
    "tenor-saxophone": ["tenorsax", "tenor sax"],
    "baritone-saxophone": ["baritonsax"],
    "trombone": ["tenortrombone", "schuiftrombone", "tenor trombone"],
    "tuba": ["bastuba", "bass tuba"],
    "cornet": ["kornet"],
    "euphonium": ["eufonium"],
    "snare-drum": ["snaredrum", "snare", "side drum", "trommel"],
    "bass-drum": ["bassdrum"],
    "steel-pan": ["steeldrum", "steel drum", "steelband"],
    "piano": ["pianoforte"],
    "cymbals": ["bekken"],
    "bongos": ["bongo"],
    "congas": ["conga"],
    "cuatro": ["kwarta"],
}
HALVES = {"half": "1/2", "halve": "1/2", "kwart": "1/4", "quarter": "1/4", "driekwart": "3/4", "heel": "4/4"}
HALVES |= {"hele": "4/4", "vol": "4/4", "full": "4/4", "1/1": "4/4", "achtste": "1/8"}


def plain(text: str) -> str:
    """Letters and figures only, without accents and capitals: "Alt-Viool " is "altviool"."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in folded if letter.isalnum())


def plain_size(text: str) -> str:
    """ "½", "0,5", "half", "1 / 2" are all "1/2"; 14", 14″, "14 inch" and "14 duim" are "14"."""
    text = text.strip().casefold().replace(",", ".").replace(" ", "")
    text = HALVES.get(text, text)
    if text.endswith(".0"):
        text = text.removesuffix(".0")
    for mark in ('"', "″", "”", "''", "inches", "inch", "duim"):
        text = text.removesuffix(mark)
    for code, label in FRACTIONS.items():
        if text == label:
            return code
    # In another script's disguise: NFKD writes ½ as 1⁄2. A spreadsheet's 0.5 is a half.
    text = unicodedata.normalize("NFKD", text).replace("⁄", "/")
    return {"0.5": "1/2", "0.25": "1/4", "0.75": "3/4", "0.125": "1/8"}.get(text, text)


@dataclass
class Vocabulary:
    """All kinds and sizes by all of their names: two queries, then no more."""

    kinds: dict[str, InstrumentKind] = field(default_factory=dict)
    sizes: dict[tuple[str, str], Size] = field(default_factory=dict)

    def kind(self, name: str) -> InstrumentKind | None:
        wanted = plain(name)
        return (
            self.kinds.get(wanted)
            or self.kinds.get(wanted.removesuffix("s"))
            or self.kinds.get(wanted.removesuffix("en"))
        )

    def size(self, kind: InstrumentKind, name: str) -> Size | None:
        return self.sizes.get((kind.code, plain_size(name)))


def vocabulary() -> Vocabulary:
    known = Vocabulary()
    for kind in InstrumentKind.objects.order_by("-position"):
        names = [kind.code, kind.name_nl, kind.name_en, kind.name_pap_aw, kind.name_pap_cw]
        for name in [*names, *MORE_NAMES.get(kind.code, [])]:
            known.kinds[plain(name)] = kind
    for size in Size.objects.all():
        known.sizes[size.kind_id, plain_size(size.code)] = size
    return known
