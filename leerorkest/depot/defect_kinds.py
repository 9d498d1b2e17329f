"""What can be wrong with an instrument, where on its picture, and the steps that mend it.

Loaded into the database after every migration (`load_defect_kinds`): what stands there is left alone, so an
organisation can add its own. Pictures are ours: `static/depot/shapes.svg` holds one drawing per shape.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leerorkest.music.models import InstrumentKind
from leerorkest.music.rules import Family

SHAPES: dict[str, Any] = {
    "bowed": _("An instrument with a bow"),
    "plucked": _("An instrument to pluck"),
    "woodwind": _("A woodwind instrument"),
    "valves": _("A brass instrument with valves"),
    "slide": _("A trombone"),
    "drum": _("A drum"),
    "bars": _("An instrument with bars or keys"),
}
_SHAPE_OF_KIND = {
    **dict.fromkeys(("violin", "viola", "cello", "double-bass"), "bowed"),
    **dict.fromkeys(("trombone", "bass-trombone"), "slide"),
    **dict.fromkeys(
        (
            "melodica",
            "accordion",
            "glockenspiel",
            "xylophone",
            "marimba",
            "vibraphone",
            "marimbula",
            "piano",
            "keyboard",
        ),
        "bars",
    ),
}
_SHAPE_OF_FAMILY = {
    Family.STRINGS.value: "plucked",
    Family.WOODWIND.value: "woodwind",
    Family.BRASS.value: "valves",
    Family.PERCUSSION.value: "drum",
}


def shape_of(kind: InstrumentKind) -> str:
    return _SHAPE_OF_KIND.get(kind.pk) or _SHAPE_OF_FAMILY[kind.family]


@dataclass(frozen=True)
class Spot:
    """A place on the picture. `at`: left or right of it, in which of four rows; "below": not on the picture."""

    code: str
    words: Any
    at: str


CASE, OTHER = Spot("case", _("Case"), "below"), Spot("other", _("Something else"), "below")
SPOTS: dict[str, tuple[Spot, ...]] = {
    "bowed": (
        Spot("pegs", _("Pegs"), "l1"),
        Spot("neck", _("Neck"), "r1"),
        Spot("strings", pgettext_lazy("part of an instrument", "Strings"), "l2"),
        Spot("body", _("Body"), "r2"),
        Spot("bridge", _("Bridge"), "l3"),
        Spot("tailpiece", _("Tailpiece"), "r3"),
        Spot("rest", _("Chin rest or end pin"), "l4"),
        Spot("bow", _("Bow"), "r4"),
        CASE,
        OTHER,
    ),
    "plucked": (
        Spot("pegs", _("Tuning pegs"), "l1"),
        Spot("neck", _("Neck and frets"), "r1"),
        Spot("strings", pgettext_lazy("part of an instrument", "Strings"), "l3"),
        Spot("body", _("Body"), "r3"),
        Spot("bridge", _("Bridge"), "l4"),
        CASE,
        OTHER,
    ),
    "woodwind": (
        Spot("mouthpiece", _("Mouthpiece or reed"), "l1"),
        Spot("joints", _("Joints and corks"), "r2"),
        Spot("keys", _("Keys"), "l2"),
        Spot("pads", _("Pads and holes"), "l3"),
        Spot("bell", _("Body and foot"), "r4"),
        CASE,
        OTHER,
    ),
    "valves": (
        Spot("mouthpiece", _("Mouthpiece"), "r1"),
        Spot("valves", _("Valves"), "l2"),
        Spot("tuning", _("Tuning slides"), "r2"),
        Spot("water", _("Water key"), "l3"),
        Spot("bell", _("Bell and tubes"), "r4"),
        CASE,
        OTHER,
    ),
    "slide": (
        Spot("mouthpiece", _("Mouthpiece"), "l1"),
        Spot("tuning", _("Tuning slide"), "r1"),
        Spot("slide", _("Slide"), "l3"),
        Spot("bell", _("Bell and tubes"), "r3"),
        Spot("water", _("Water key"), "l4"),
        CASE,
        OTHER,
    ),
    "drum": (
        Spot("sticks", _("Sticks"), "r1"),
        Spot("head", _("Skin or head"), "l2"),
        Spot("hoop", _("Hoop and screws"), "r2"),
        Spot("shell", _("Shell"), "l3"),
        Spot("snares", _("Snares or rattles"), "r3"),
        Spot("stand", _("Stand or strap"), "l4"),
        CASE,
        OTHER,
    ),
    "bars": (
        Spot("mallets", _("Mallets"), "r1"),
        Spot("bars", _("Bars or keys"), "l2"),
        Spot("frame", _("Frame or body"), "r3"),
        Spot("power", _("Cable, bellows or tube"), "l4"),
        CASE,
        OTHER,
    ),
}


def spot_of(shape: str, code: str) -> Spot:
    return next((spot for spot in SPOTS[shape] if spot.code == code), OTHER)


@dataclass(frozen=True)
class Step:
    """One thing to learn in the workshop. Difficulty: 1 first week, 2 after practice, 3 with the master beside you."""

    code: str
    name: Any
    difficulty: int


STEPS = (
    Step("clean", _("Clean it and look it over"), 1),
    Step("change-string", _("Change a string"), 1),
    Step("ease-peg", _("Ease a peg with chalk and soap"), 1),
    Step("tuner", _("Free or replace a fine tuner"), 1),
    Step("oil-valves", _("Clean and oil valves"), 1),
    Step("water-key", _("Replace the cork of a water key"), 1),
    Step("reed", _("Fit a new reed and ligature"), 1),
    Step("head", _("Change a head and tune it"), 1),
    Step("hoop", _("Tighten hoop and screws evenly"), 1),
    Step("case", _("Mend a lock, zip or strap"), 1),
    Step("tighten", _("Tighten what is loose"), 1),
    Step("set-bridge", _("Set a bridge upright, at its height"), 2),
    Step("tailgut", _("Replace the tailgut"), 2),
    Step("bow-screw", _("Mend the screw of a bow"), 2),
    Step("free-mouthpiece", _("Free a stuck mouthpiece or joint"), 2),
    Step("free-slide", _("Free and grease a slide"), 2),
    Step("cork", _("Replace the cork of a joint"), 2),
    Step("pad", _("Replace a pad and let it close"), 2),
    Step("spring", _("Set a spring back or replace it"), 2),
    Step("free-valve", _("Free a stuck valve"), 2),
    Step("snares", _("Replace snares"), 2),
    Step("bar", _("Hang a bar on new cord"), 2),
    Step("wire", _("Find a broken contact and solder it"), 2),
    Step("fit-peg", _("Fit a new peg"), 3),
    Step("carve-bridge", _("Carve a new bridge"), 3),
    Step("soundpost", _("Set a sound post"), 3),
    Step("glue-seam", _("Glue an open seam"), 3),
    Step("glue-crack", _("Glue and stud a crack"), 3),
    Step("neck", _("Set a neck or fingerboard"), 3),
    Step("rehair", _("Rehair a bow"), 3),
    Step("regulate", _("Regulate the keys"), 3),
    Step("dent", _("Take out a dent"), 3),
    Step("solder", _("Solder a brace"), 3),
    Step("play", _("Tune it and play it"), 1),
)


@dataclass(frozen=True)
class Kind:
    """`stops`: with this it cannot be played. `steps`: what mends it, before the last one, which plays it."""

    spot: str
    code: str
    name: Any
    stops: bool
    steps: tuple[str, ...] = ()


OF_EVERY_SHAPE = (
    Kind("case", "case-lock", _("Lock or zip of the case is broken"), False, ("case",)),
    Kind("case", "case-strap", _("Strap or handle of the case is gone"), False, ("case",)),
    Kind("other", "other-plays", _("Something else; it can still be played"), False, ("clean",)),
    Kind("other", "other-stops", _("Something else; it cannot be played"), True, ("clean",)),
)
DENT = _("Dent or scratch")
KINDS: dict[str, tuple[Kind, ...]] = {
    "bowed": (
        Kind("strings", "string-broken", _("A string is broken"), True, ("change-string",)),
        Kind("strings", "string-worn", _("A string is worn"), False, ("change-string",)),
        Kind("pegs", "peg-slips", _("A peg slips"), True, ("ease-peg",)),
        Kind("pegs", "peg-stuck", _("A peg is stuck"), False, ("ease-peg",)),
        Kind("pegs", "peg-gone", _("A peg is broken or gone"), True, ("fit-peg", "change-string")),
        Kind("neck", "neck-loose", _("The neck moves"), True, ("neck",)),
        Kind("neck", "fingerboard-loose", _("The fingerboard is loose"), True, ("neck",)),
        Kind("bridge", "bridge-fell", _("The bridge fell"), True, ("set-bridge", "soundpost")),
        Kind("bridge", "bridge-broken", _("The bridge is broken"), True, ("carve-bridge", "set-bridge")),
        Kind("bridge", "bridge-crooked", _("The bridge stands crooked"), False, ("set-bridge",)),
        Kind("body", "crack", _("A crack in the wood"), True, ("glue-crack",)),
        Kind("body", "seam-open", _("A seam is open"), False, ("glue-seam",)),
        Kind("body", "soundpost-fell", _("The sound post fell: it rattles inside"), True, ("soundpost",)),
        Kind("body", "dent", DENT, False, ("clean",)),
        Kind("tailpiece", "tuner-stuck", _("A fine tuner is stuck or gone"), False, ("tuner",)),
        Kind("tailpiece", "tailgut-broken", _("The tailpiece came off"), True, ("tailgut", "set-bridge")),
        Kind("rest", "rest-loose", _("Chin rest or end pin is loose"), False, ("tighten",)),
        Kind("bow", "bow-hair", _("The hair of the bow is gone"), True, ("rehair",)),
        Kind("bow", "bow-screw", _("The bow cannot be tightened"), True, ("bow-screw",)),
        Kind("bow", "bow-broken", _("The bow is broken"), True, ()),
    ),
    "plucked": (
        Kind("strings", "string-broken", _("A string is broken"), True, ("change-string",)),
        Kind("strings", "string-worn", _("A string is worn"), False, ("change-string",)),
        Kind("pegs", "peg-slips", _("A peg slips"), True, ("ease-peg",)),
        Kind("pegs", "peg-gone", _("A peg is broken or gone"), True, ("fit-peg",)),
        Kind("neck", "neck-loose", _("The neck moves"), True, ("neck",)),
        Kind("neck", "fret-buzz", _("A fret is loose or buzzes"), False, ("tighten",)),
        Kind("bridge", "bridge-loose", _("The bridge came off"), True, ("glue-seam",)),
        Kind("body", "crack", _("A crack in the wood"), True, ("glue-crack",)),
        Kind("body", "dent", DENT, False, ("clean",)),
    ),
    "woodwind": (
        Kind("mouthpiece", "reed-broken", _("The reed is broken or gone"), True, ("reed",)),
        Kind("mouthpiece", "mouthpiece-broken", _("The mouthpiece is broken"), True, ("reed",)),
        Kind("joints", "joint-stuck", _("Two parts do not come apart"), False, ("free-mouthpiece",)),
        Kind("joints", "cork-loose", _("A cork is gone: a part is loose"), False, ("cork",)),
        Kind("keys", "key-stuck", _("A key sticks"), True, ("clean", "spring")),
        Kind("keys", "key-bent", _("A key is bent"), True, ("regulate",)),
        Kind("keys", "spring-off", _("A spring is off or broken"), True, ("spring",)),
        Kind("pads", "pad-leaks", _("A pad is torn or gone"), True, ("pad", "regulate")),
        Kind("pads", "note-silent", _("A note does not sound"), True, ("pad", "regulate")),
        Kind("bell", "crack", _("A crack"), True, ("glue-crack",)),
        Kind("bell", "dent", DENT, False, ("clean",)),
    ),
    "valves": (
        Kind("valves", "valve-stuck", _("A valve is stuck"), True, ("free-valve", "oil-valves")),
        Kind("valves", "valve-slow", _("A valve is slow"), False, ("oil-valves",)),
        Kind("mouthpiece", "mouthpiece-stuck", _("The mouthpiece is stuck"), False, ("free-mouthpiece",)),
        Kind("mouthpiece", "mouthpiece-gone", _("The mouthpiece is gone"), True, ()),
        Kind("tuning", "tuning-stuck", _("A tuning slide is stuck"), False, ("free-slide",)),
        Kind("water", "water-leaks", _("The water key leaks"), False, ("water-key",)),
        Kind("bell", "brace-loose", _("A tube or brace came loose"), True, ("solder",)),
        Kind("bell", "dent", DENT, False, ("dent",)),
    ),
    "slide": (
        Kind("slide", "slide-stuck", _("The slide is stuck"), True, ("free-slide",)),
        Kind("slide", "slide-dent", _("A dent in the slide"), True, ("dent", "free-slide")),
        Kind("mouthpiece", "mouthpiece-stuck", _("The mouthpiece is stuck"), False, ("free-mouthpiece",)),
        Kind("mouthpiece", "mouthpiece-gone", _("The mouthpiece is gone"), True, ()),
        Kind("tuning", "tuning-stuck", _("The tuning slide is stuck"), False, ("free-slide",)),
        Kind("water", "water-leaks", _("The water key leaks"), False, ("water-key",)),
        Kind("bell", "brace-loose", _("A tube or brace came loose"), True, ("solder",)),
        Kind("bell", "dent", DENT, False, ("dent",)),
    ),
    "drum": (
        Kind("head", "head-broken", _("The skin or head is broken"), True, ("head",)),
        Kind("head", "head-loose", _("The skin or head is slack"), False, ("hoop",)),
        Kind("hoop", "screw-gone", _("A screw is loose or gone"), False, ("hoop",)),
        Kind("shell", "crack", _("A crack"), True, ("glue-crack",)),
        Kind("shell", "dent", DENT, False, ("clean",)),
        Kind("snares", "snares-broken", _("The snares or rattles are broken"), False, ("snares",)),
        Kind("stand", "stand-broken", _("The stand or strap is broken"), True, ("tighten",)),
        Kind("sticks", "sticks-gone", _("The sticks are broken or gone"), True, ()),
    ),
    "bars": (
        Kind("bars", "key-stuck", _("A key or bar sticks"), True, ("clean", "tighten")),
        Kind("bars", "bar-loose", _("A bar hangs loose"), False, ("bar",)),
        Kind("bars", "key-silent", _("A key or bar does not sound"), True, ("clean", "bar")),
        Kind("mallets", "mallets-gone", _("The mallets are broken or gone"), True, ()),
        Kind("frame", "frame-broken", _("The frame is broken"), True, ("tighten",)),
        Kind("power", "power-broken", _("Cable, bellows or tube is broken"), True, ("wire",)),
    ),
}
LAST_STEP = "play"


def load_defect_kinds(using: str = "default", **kwargs: Any) -> None:
    """Add the kinds and steps that are missing. Runs after every migration; it is no act of a person."""
    from .models import DefectKind, DefectStep, StepKind

    tables = connections[using].introspection.table_names()
    if DefectStep._meta.db_table not in tables:
        return
    steps, kinds = StepKind.objects.using(using), DefectKind.objects.using(using)
    known_steps, known_kinds = set(steps.values_list("code", flat=True)), set(kinds.values_list("code", flat=True))
    steps.bulk_create(
        StepKind(code=step.code, name=_english(step.name), difficulty=step.difficulty, position=position)
        for position, step in enumerate(STEPS, start=1)
        if step.code not in known_steps
    )
    new = [
        (f"{shape}-{kind.code}", shape, kind, position)
        for shape, own in KINDS.items()
        for position, kind in enumerate((*own, *OF_EVERY_SHAPE), start=1)
        if f"{shape}-{kind.code}" not in known_kinds
    ]
    kinds.bulk_create(
        DefectKind(
            code=code, shape=shape, spot=kind.spot, name=_english(kind.name), stops_play=kind.stops, position=position
        )
        for code, shape, kind, position in new
    )
    DefectStep.objects.using(using).bulk_create(
        DefectStep(defect_kind_id=code, step_kind_id=step, position=position)
        for code, _shape, kind, _position in new
        for position, step in enumerate((*kind.steps, LAST_STEP), start=1)
    )


def _english(words: Any) -> str:
    """The text as the code has it: the database keeps that, and a page translates it."""
    with translation.override(None):
        return str(words)
