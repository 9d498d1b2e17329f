"""What goes with an instrument: what it is called in our languages, whether it is used up, and which sizes it fits.

The Papiamento names (Aruba, then Curaçao and Bonaire) are drafts that wait for a speaker's eye. A bow or a case of
value is an instrument of its own, with a tag (`is_played=False` in the vocabulary of music); the ones here have none.
"""

from dataclasses import dataclass

from leerorkest.music.vocabulary import CELLO, VIOLIN


@dataclass(frozen=True)
class Accessory:
    """`is_consumable`: it is used up and does not come back. `months`: replaced after so long, as a rule."""

    code: str
    nl: str
    en: str
    pap_aw: str
    pap_cw: str
    is_consumable: bool = False
    months: int | None = None


@dataclass(frozen=True)
class Fit:
    """An accessory with one kind of instrument. `sizes` empty: all. `is_standard`: it goes out with each of them."""

    accessory: str
    is_standard: bool = True
    sizes: tuple[str, ...] = ()


ACCESSORIES = (
    Accessory("case", "Koffer", "Case", "Koffer", "Kòfer"),
    Accessory("bag", "Tas", "Bag", "Saco", "Saku"),
    Accessory("bow", "Strijkstok", "Bow", "Arco", "Arko", months=12),  # new hair
    Accessory("shoulder-rest", "Schoudersteun", "Shoulder rest", "Sosten di schouder", "Sostén di skouder"),
    Accessory("sponge", "Schouderspons", "Shoulder sponge", "Spons di schouder", "Spòns di skouder", True, 12),
    Accessory("rosin", "Hars", "Rosin", "Hars", "Hars", True, 24),
    Accessory("endpin-stop", "Puntsteun", "Endpin stop", "Stopper di pin", "Stòper di pin"),
    Accessory("spare-strings", "Reservesnaren", "Spare strings", "Snar di reserva", "Snar di reserva", True, 12),
    Accessory("mouthpiece", "Mondstuk", "Mouthpiece", "Bokilla", "Bokia"),
    Accessory("mouthpiece-cap", "Mondstukdop", "Mouthpiece cap", "Tapa di bokilla", "Tapadó di bokia"),
    Accessory("ligature", "Rietbinder", "Ligature", "Mara di riet", "Mara di rit"),
    Accessory("reed", "Riet", "Reed", "Riet", "Rit", True, 1),
    Accessory("swab", "Doorhaalwisser", "Swab", "Paña di limpia paden", "Paña di limpia paden"),
    Accessory("cleaning-rod", "Poetsstok", "Cleaning rod", "Palo di limpia", "Palu di limpia"),
    Accessory("cloth", "Poetsdoek", "Cleaning cloth", "Paña di limpia", "Paña di limpia", True, 12),
    Accessory("cork-grease", "Kurkvet", "Cork grease", "Vet di kurk", "Vèt di kùrk", True, 24),
    Accessory("neck-strap", "Nekkoord", "Neck strap", "Banda di nek", "Banda di nèk"),
    Accessory("valve-oil", "Ventielolie", "Valve oil", "Azeta di ventil", "Zeta di vèntil", True, 12),
    Accessory("slide-oil", "Schuifolie", "Slide oil", "Azeta di schuif", "Zeta di skuif", True, 12),
    Accessory("slide-grease", "Stempelvet", "Slide grease", "Vet di schuif", "Vèt di skuif", True, 24),
    Accessory("sticks", "Stokken", "Sticks", "Palo di tambor", "Palu di tambor", months=12),
    Accessory("mallets", "Kloppers", "Mallets", "Martiyo", "Martiu", months=24),
    Accessory("pad", "Oefenpad", "Practice pad", "Pad di practica", "Pèd di práktika"),
    Accessory("stand", "Standaard", "Stand", "Standaard", "Stèndar"),
    Accessory("strap", "Draagband", "Strap", "Banda", "Banda"),
    Accessory("pick", "Plectrum", "Pick", "Plectro", "Plektro", True, 6),
    Accessory("beater", "Klopper", "Beater", "Bati", "Bati"),
)

CASE, BAG, CLOTH = Fit("case"), Fit("bag"), Fit("cloth", is_standard=False)
BOWED = (Fit("bow"), Fit("rosin"), Fit("spare-strings", is_standard=False), CLOTH)
SMALLEST = tuple(size for size in VIOLIN if size in ("1/16", "1/10", "1/8"))  # too small for a shoulder rest
LARGER = tuple(size for size in VIOLIN if size not in SMALLEST)
SINGLE_REED = (CASE, Fit("mouthpiece"), Fit("mouthpiece-cap"), Fit("ligature"), Fit("reed"), Fit("swab"))
SAXOPHONE = (*SINGLE_REED, Fit("neck-strap"), Fit("cork-grease", is_standard=False))
DOUBLE_REED = (CASE, Fit("reed"), Fit("swab"), Fit("cork-grease", is_standard=False))
FLUTE = (CASE, Fit("cleaning-rod"), Fit("cloth"))
VALVES = (CASE, Fit("mouthpiece"), Fit("valve-oil"), Fit("slide-grease", is_standard=False), CLOTH)
SLIDE = (CASE, Fit("mouthpiece"), Fit("slide-oil"), CLOTH)
PLUCKED = (BAG, Fit("pick", is_standard=False), Fit("strap", is_standard=False), Fit("spare-strings", False))
BARS = (Fit("mallets"), BAG)

# By the code of the kind. A kind that is not here goes out bare.
FITS: dict[str, tuple[Fit, ...]] = {
    "violin": (CASE, *BOWED, Fit("shoulder-rest", sizes=LARGER), Fit("sponge", sizes=SMALLEST)),
    "viola": (CASE, *BOWED, Fit("shoulder-rest")),
    "cello": (BAG, *BOWED, Fit("endpin-stop", sizes=CELLO)),
    "double-bass": (BAG, *BOWED, Fit("endpin-stop")),
    **dict.fromkeys(("clarinet", "c-clarinet"), (*SINGLE_REED, Fit("cork-grease", is_standard=False))),
    "bass-clarinet": (*SINGLE_REED, Fit("neck-strap")),
    **dict.fromkeys(("soprano-saxophone", "alto-saxophone", "tenor-saxophone", "baritone-saxophone"), SAXOPHONE),
    **dict.fromkeys(("oboe", "english-horn"), DOUBLE_REED),
    **dict.fromkeys(("bassoon", "quint-bassoon"), (*DOUBLE_REED, Fit("neck-strap"))),
    **dict.fromkeys(("piccolo", "flute", "fife"), FLUTE),
    **dict.fromkeys(("recorder", "alto-recorder"), (BAG, Fit("cleaning-rod"), Fit("cork-grease", False))),
    "accordion": (CASE, Fit("strap")),
    **dict.fromkeys(
        ("horn", "cornet", "trumpet", "flugelhorn", "alto-horn", "baritone", "valve-trombone", "euphonium", "tuba"),
        VALVES,
    ),
    "sousaphone": VALVES,
    "natural-horn": (CASE, Fit("mouthpiece"), CLOTH),
    **dict.fromkeys(("trombone", "bass-trombone"), SLIDE),
    "snare-drum": (Fit("sticks"), BAG, Fit("stand", is_standard=False), Fit("pad", is_standard=False)),
    "drum-kit": (Fit("sticks"),),
    "bass-drum": (Fit("beater"), Fit("strap", is_standard=False)),
    "triangle": (Fit("beater"),),
    "gong": (Fit("beater"),),
    "woodblock": (Fit("beater"),),
    "timpani": (Fit("mallets"),),
    "steel-pan": (Fit("mallets"), Fit("stand", is_standard=False), BAG),
    **dict.fromkeys(("glockenspiel", "xylophone", "marimba", "vibraphone"), BARS),
    "djembe": (BAG, Fit("strap", is_standard=False)),
    **dict.fromkeys(("guitar", "cuatro", "mandolin", "ukulele"), PLUCKED),
    **dict.fromkeys(("violin-bow", "viola-bow", "cello-bow", "bass-bow"), (Fit("rosin", is_standard=False),)),
}
