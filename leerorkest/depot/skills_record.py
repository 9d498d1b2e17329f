"""What somebody learnt in a workshop, to take along: for an employer as a PDF, for another system as JSON."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import typst
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leerorkest.shared.tables import quoted

from .queries.repairs import Skill


def as_data(name: str, skills: Sequence[Skill]) -> dict[str, Any]:
    """{"name", "skills": [{"step", "difficulty", "times", "minutes", "first_on", "last_on", "signed_by"}]}: days in
    ISO 8601, difficulty from 1 (first week) to 3 (with the master beside you)."""
    return {
        "name": name,
        "skills": [
            {
                "step": skill.step,
                "difficulty": skill.difficulty,
                "times": skill.times,
                "minutes": skill.minutes,
                "first_on": skill.first_on.isoformat(),
                "last_on": skill.last_on.isoformat(),
                "signed_by": list(skill.signed_by),
            }
            for skill in skills
        ],
    }


def as_pdf(name: str, skills: Sequence[Skill], on: date) -> bytes:
    """One table on A4, the hardest steps first."""
    heads = [_("Step"), _("Level"), _("Times"), _("Minutes"), _("First"), _("Last"), _("Signed by")]
    cells = [
        [
            skill.step,
            str(skill.difficulty),
            str(skill.times),
            str(skill.minutes),
            date_format(skill.first_on, "SHORT_DATE_FORMAT"),
            date_format(skill.last_on, "SHORT_DATE_FORMAT"),
            ", ".join(skill.signed_by),
        ]
        for skill in skills
    ]
    title = _("What %(name)s learnt in the workshop") % {"name": name}
    levels = _("Level 1: first week. 2: after practice. 3: with the master beside you.")
    rows = ", ".join(quoted(cell) for row in cells for cell in row)
    source = f"""
#set document(title: {quoted(title)})
#set page(paper: "a4", margin: 20mm)
#set text(font: "Libertinus Serif", size: 10pt)
#text(size: 18pt, weight: "bold", {quoted(title)})

#text({quoted(date_format(on, "DATE_FORMAT"))})

#table(columns: (1fr, auto, auto, auto, auto, auto, auto), stroke: 0.4pt + gray, inset: 5pt,
  table.header({", ".join(f"strong({quoted(head)})" for head in heads)}),
  {rows})

#text(size: 9pt, {quoted(levels)})
"""
    return typst.compile(source.encode(), format="pdf", ignore_system_fonts=True)
