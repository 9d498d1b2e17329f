"""The first terms of a loan, in every language we have them in: what an organisation starts with, and publishes anew in
its own words. Plain values; who wrote them is no lawyer and no speaker of every language, so drafts are marked.

The first line is the title. Paragraphs are parted by an empty line.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """A language in which terms can be read and signed; more than the site itself speaks."""

    code: str
    name: str  # in itself
    is_rtl: bool = False

    @property
    def direction(self) -> str:
        return "rtl" if self.is_rtl else "ltr"


LANGUAGES = {
    language.code: language
    for language in (
        Language("nl", "Nederlands"),
        Language("en", "English"),
        Language("pap-aw", "Papiamento"),
        Language("pap-cw", "Papiamentu"),
        Language("ar", "العربية", is_rtl=True),
        Language("de", "Deutsch"),
        Language("es", "Español"),
        Language("fr", "Français"),
        Language("pl", "Polski"),
        Language("pt", "Português"),
        Language("ti", "ትግርኛ"),
        Language("tr", "Türkçe"),
        Language("uk", "Українська"),
    )
}


@dataclass(frozen=True)
class Text:
    text: str
    is_draft: bool = False  # no speaker has read it yet

    @property
    def title(self) -> str:
        return self.text.strip().split("\n", 1)[0].strip()

    @property
    def paragraphs(self) -> list[str]:
        rest = self.text.strip().split("\n", 1)[1:]
        return [" ".join(part.split()) for part in "\n".join(rest).split("\n\n") if part.strip()]


FIRST: dict[str, Text] = {
    "nl": Text(
        """Dit instrument is in jouw zorg

Je krijgt dit instrument om op te spelen, op school en thuis. Lenen is gratis. Het blijft van het leerorkest.

Zorg er goed voor: bewaar het droog, niet naast de verwarming en niet in een koude auto. Leen het niet uit aan anderen.

Gaat er iets stuk of raakt het kwijt? Zeg het meteen tegen de docent. Dan maken wij het. Je hoeft niets te betalen:
er ontstaat geen schuld.

Repareer niets zelf. Een gesprongen snaar of een losse klep is gewoon werk voor onze werkplaats.

Stop je met spelen, of ga je van school? Breng het instrument dan terug. Dan kan een ander kind erop spelen."""
    ),
    "en": Text(
        """This instrument is in your care

You get this instrument to play on, at school and at home. It costs nothing. It still belongs to the learning orchestra.

Take good care of it: keep it dry, away from a heater and out of a cold car. Do not lend it to others.

Does something break, or is it lost? Tell the teacher at once. We repair it. You pay nothing: there is no debt.

Do not repair anything yourself. A broken string or a loose key is normal work for our workshop.

Do you stop playing, or leave the school? Then bring the instrument back, so that another child can play it."""
    ),
    "pap-aw": Text(
        """E instrumento aki ta den bo cuido

Bo ta haya e instrumento aki pa toca, na scol y na cas. E no ta costa nada. E ta keda di e orkesta.

Cuid'e bon: warda e na un lugar seco, leu di calor y no den un auto. No fi'e na otro persona.

Algo a daña, of e instrumento a perde? Avisa e docente mesora. Nos ta drecha e. Bo no tin di paga nada: no tin debe.

No drecha nada bo mes. Un cuerda kibra ta trabou normal pa nos taller.

Bo ta stop di toca, of bo ta bandona e scol? Trece e instrumento bek, pa un otro mucha por toca cune.""",
        is_draft=True,
    ),
    "pap-cw": Text(
        """E instrumènt akí ta den bo kuido

Bo ta haña e instrumènt akí pa toka, na skol i na kas. E no ta kosta nada. E ta keda di e orkesta.

Kuid'é bon: ward'é na un lugá seku, leu di kalor i no den un outo. No fi'é na otro persona.

Algu a daña, òf e instrumènt a pèrdè? Avisá e dosente mesora. Nos ta drech'é. Bo no tin ku paga nada: no tin debe.

No drecha nada bo mes. Un kuèrdè kibrá ta trabou normal pa nos tayer.

Bo ta stòp di toka, òf bo ta bai for di e skol? Trese e instrumènt bèk, pa un otro mucha por toka kuné.""",
        is_draft=True,
    ),
    "ar": Text(
        """هذه الآلة في رعايتك

تحصل على هذه الآلة لتعزف عليها في المدرسة وفي البيت. الإعارة مجانية. تبقى الآلة ملكًا للأوركسترا التعليمية.

اعتنِ بها جيدًا: احفظها في مكان جاف، بعيدًا عن المدفأة وعن السيارة الباردة. لا تُعِرها لغيرك.

هل انكسر شيء أو ضاعت الآلة؟ أخبر المعلّم فورًا. نحن نصلحها. لا تدفع شيئًا: لا ينشأ أي دَين.

لا تصلح شيئًا بنفسك. الوتر المقطوع عمل عادي لورشتنا.

هل تتوقف عن العزف أو تترك المدرسة؟ أعِد الآلة لكي يعزف عليها طفل آخر.""",
        is_draft=True,
    ),
}
