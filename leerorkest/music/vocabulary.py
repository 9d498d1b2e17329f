"""The instruments of the programme: what they are called in its languages, their class and their sizes.

Hornbostel-Sachs classes follow the MIMO revision of 2011 (MIMO - Musical Instrument Museums Online). The Papiamento
names (Aruba, then Curaçao and Bonaire) are drafts that wait for a speaker's eye. A name is what a teacher there says.
"""

from dataclasses import dataclass

from .rules import Family


@dataclass(frozen=True)
class Kind:
    code: str
    family: Family
    nl: str
    en: str
    pap_aw: str
    pap_cw: str
    hornbostel_sachs: str = ""
    sizes: tuple[str, ...] = ()
    is_played: bool = True  # False: it goes with an instrument, and is one object with a tag of its own


FRACTIONS = {"1/16": "1/16", "1/10": "1/10", "1/8": "⅛", "1/4": "¼", "1/2": "½", "3/4": "¾", "7/8": "⅞", "4/4": "4/4"}
INCHES = ("11", "12", "13", "14", "15", "15.5", "16", "16.5")
VIOLIN = ("1/16", "1/10", "1/8", "1/4", "1/2", "3/4", "7/8", "4/4")
CELLO = ("1/10", "1/8", "1/4", "1/2", "3/4", "7/8", "4/4")
BASS = ("1/10", "1/8", "1/4", "1/2", "3/4", "4/4")
GUITAR = ("1/4", "1/2", "3/4", "7/8", "4/4")

S, W, B, P = Family.STRINGS, Family.WOODWIND, Family.BRASS, Family.PERCUSSION

# In the order of a score; plucked strings and keyboards stand where our teachers seat them.
KINDS = (
    # woodwind
    Kind("piccolo", W, "Piccolo", "Piccolo", "Piccolo", "Pikolo", "421.121.12"),
    Kind("flute", W, "Dwarsfluit", "Flute", "Fluit traverso", "Flùit traverso", "421.121.12"),
    Kind("fife", W, "Dwarsfluitje", "Fife", "Fluit chikito", "Flùit chikitu", "421.121.12"),
    Kind("recorder", W, "Blokfluit", "Recorder", "Blokfluit", "Blòkflùit", "421.221.12"),
    Kind("alto-recorder", W, "Altblokfluit", "Alto recorder", "Blokfluit alto", "Blòkflùit alto", "421.221.12"),
    Kind("oboe", W, "Hobo", "Oboe", "Hobo", "Hobo", "422.112"),
    Kind("english-horn", W, "Althobo", "Cor anglais", "Hobo alto", "Hobo alto", "422.112"),
    Kind("clarinet", W, "Klarinet", "Clarinet", "Clarinet", "Klarinèt", "422.211.2"),
    Kind("c-clarinet", W, "C-klarinet", "C clarinet", "Clarinet den C", "Klarinèt den C", "422.211.2"),
    Kind("bass-clarinet", W, "Basklarinet", "Bass clarinet", "Clarinet baho", "Klarinèt baho", "422.211.2"),
    Kind(
        "soprano-saxophone", W, "Sopraansaxofoon", "Soprano saxophone", "Saxofon soprano", "Saksofon soprano", "422.212"
    ),
    Kind("alto-saxophone", W, "Altsaxofoon", "Alto saxophone", "Saxofon alto", "Saksofon alto", "422.212"),
    Kind("tenor-saxophone", W, "Tenorsaxofoon", "Tenor saxophone", "Saxofon tenor", "Saksofon tenor", "422.212"),
    Kind(
        "baritone-saxophone",
        W,
        "Baritonsaxofoon",
        "Baritone saxophone",
        "Saxofon bariton",
        "Saksofon bariton",
        "422.212",
    ),
    Kind("bassoon", W, "Fagot", "Bassoon", "Fagot", "Fagòt", "422.112"),
    Kind("quint-bassoon", W, "Kwintfagot", "Tenoroon", "Fagot chikito", "Fagòt chikitu", "422.112"),
    Kind("melodica", W, "Melodica", "Melodica", "Melodica", "Melódika"),
    Kind("accordion", W, "Accordeon", "Accordion", "Acordeon", "Akordeon", "412.132-62-8"),
    # brass
    Kind("horn", B, "Hoorn", "French horn", "Hoorn", "Hòrnu", "423.232.12"),
    Kind("natural-horn", B, "Natuurhoorn", "Natural horn", "Hoorn natural", "Hòrnu natural", "423.121.22"),
    Kind("cornet", B, "Cornet", "Cornet", "Cornet", "Kornèt"),
    Kind("trumpet", B, "Trompet", "Trumpet", "Trompet", "Trompèt", "423.233.1"),
    Kind("flugelhorn", B, "Bugel", "Flugelhorn", "Bugel", "Bugel", "423.231.11"),
    Kind("alto-horn", B, "Althoorn", "Alto horn", "Hoorn alto", "Hòrnu alto", "423.232.2"),
    Kind("baritone", B, "Bariton", "Baritone", "Bariton", "Bariton"),
    Kind("trombone", B, "Trombone", "Trombone", "Trombone", "Trombòn", "423.22"),
    Kind(
        "valve-trombone", B, "Ventieltrombone", "Valve trombone", "Trombone di ventil", "Trombòn di vèntil", "423.233.2"
    ),
    Kind("bass-trombone", B, "Bastrombone", "Bass trombone", "Trombone baho", "Trombòn baho", "423.22"),
    Kind("euphonium", B, "Euphonium", "Euphonium", "Euphonium", "Eufonio", "423.231.2"),
    Kind("tuba", B, "Tuba", "Tuba", "Tuba", "Tuba", "423.231.2"),
    Kind("sousaphone", B, "Sousafoon", "Sousaphone", "Sousafon", "Sousafon", "423.231.2"),
    # percussion, and what is struck, scraped or shaken on the islands
    Kind("timpani", P, "Pauken", "Timpani", "Timpani", "Tímpani"),
    Kind("snare-drum", P, "Kleine trom", "Snare drum", "Tambor chikito", "Tambor chikitu", "211.212.11-92"),
    Kind("bass-drum", P, "Grote trom", "Bass drum", "Bombo", "Bombo", "211.212.1"),
    Kind("drum-kit", P, "Drumstel", "Drum kit", "Drum", "Drùm"),
    Kind("cymbals", P, "Bekkens", "Cymbals", "Platillo", "Platio"),
    Kind("triangle", P, "Triangel", "Triangle", "Triangulo", "Triángulo", "111.211"),
    Kind("tambourine", P, "Tamboerijn", "Tambourine", "Tamborin", "Tamburin", "211.311"),
    Kind("gong", P, "Gong", "Gong", "Gong", "Gòng", "111.241.11"),
    Kind("woodblock", P, "Woodblock", "Woodblock", "Bloki di palo", "Blòki di palu", "111.243"),
    Kind("claves", P, "Claves", "Claves", "Claves", "Klaves", "111.11"),
    Kind("maracas", P, "Maracas", "Maracas", "Maraca", "Maraka", "112.13"),
    Kind("guiro", P, "Guiro", "Guiro", "Guiro", "Guiro", "112.23"),
    Kind("cajon", P, "Cajón", "Cajón", "Cahon", "Kahon"),
    Kind("bongos", P, "Bongo’s", "Bongos", "Bongo", "Bongo"),
    Kind("congas", P, "Conga’s", "Congas", "Conga", "Konga"),
    Kind("djembe", P, "Djembé", "Djembe", "Djembe", "Djembe", "211.221.1"),
    Kind("tambu", P, "Tambú", "Tambú", "Tambu", "Tambú"),
    Kind("wiri", P, "Wiri", "Wiri", "Wiri", "Wiri"),
    Kind("chapi", P, "Chapi", "Chapi", "Chapi", "Chapi"),
    Kind("agan", P, "Agan", "Agan", "Agan", "Agan"),
    Kind("marimbula", P, "Marimbula", "Marimbula", "Marimbula", "Marímbula"),
    Kind("steel-pan", P, "Steelpan", "Steel pan", "Steelpan", "Stilpèn"),
    Kind("glockenspiel", P, "Klokkenspel", "Glockenspiel", "Carillon", "Klokenspil"),
    Kind("xylophone", P, "Xylofoon", "Xylophone", "Xylofon", "Silofon", "111.212"),
    Kind("marimba", P, "Marimba", "Marimba", "Marimba", "Marimba", "111.212"),
    Kind("vibraphone", P, "Vibrafoon", "Vibraphone", "Vibrafon", "Vibrafon", "111.222"),
    Kind("piano", P, "Piano", "Piano", "Piano", "Piano"),
    Kind("keyboard", P, "Keyboard", "Keyboard", "Keyboard", "Kibort"),
    # strings
    Kind("harp", S, "Harp", "Harp", "Harpa", "Arpa", "322.222-5"),
    Kind("guitar", S, "Gitaar", "Guitar", "Guitara", "Kitara", "321.322-5", GUITAR),
    Kind("cuatro", S, "Cuatro", "Cuatro", "Cuarta", "Kuarta", "321.322"),
    Kind("mandolin", S, "Mandoline", "Mandolin", "Mandolin", "Mandolin"),
    Kind("ukulele", S, "Ukelele", "Ukulele", "Ukulele", "Ukulele"),
    Kind("benta", S, "Benta", "Benta", "Benta", "Benta"),
    Kind("violin", S, "Viool", "Violin", "Fio", "Fio", "321.322-7", VIOLIN),
    Kind("viola", S, "Altviool", "Viola", "Fio alto", "Fio alto", "321.322-71", INCHES),
    Kind("cello", S, "Cello", "Cello", "Cello", "Chèlo", "321.322-71", CELLO),
    Kind("double-bass", S, "Contrabas", "Double bass", "Contrabaho", "Kontrabaho", "321.322-71", BASS),
    # what is valuable enough for a tag of its own; a case stands here whatever lies in it
    Kind("violin-bow", S, "Vioolstok", "Violin bow", "Arco di fio", "Arko di fio", sizes=VIOLIN, is_played=False),
    Kind(
        "viola-bow",
        S,
        "Altvioolstok",
        "Viola bow",
        "Arco di fio alto",
        "Arko di fio alto",
        sizes=INCHES,
        is_played=False,
    ),
    Kind("cello-bow", S, "Cellostok", "Cello bow", "Arco di cello", "Arko di chèlo", sizes=CELLO, is_played=False),
    Kind(
        "bass-bow",
        S,
        "Contrabasstok",
        "Double bass bow",
        "Arco di contrabaho",
        "Arko di kontrabaho",
        sizes=BASS,
        is_played=False,
    ),
    Kind("case", S, "Koffer", "Case", "Koffer", "Kòfer", is_played=False),
)


def label_of(size: str) -> str:
    """ "1/2" reads as ½; a viola's "14" as 14″."""
    return FRACTIONS.get(size, f"{size}″")
