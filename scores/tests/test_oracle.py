"""Files of the test suite, note for note like music21: onset, sounding pitch and length of every written note.

`./run bench scores` compares all 150; here is one of each sort. The three that differ are music21's: a note without a
staff that it puts on two staves (02e), a chord that it breaks up at a direction (21f), and a file that is not
well-formed, which both refuse (32ad).
"""

from fractions import Fraction

import pytest

from scores.reading import read_file

NAMES = [
    "01d-Pitches-Microtones.xml",
    "03c-Rhythm-DivisionChange.xml",
    "11d-TimeSignatures-CompoundMultiple.xml",
    "21c-Chords-ThreeNotesDuration.xml",
    "23d-Tuplets-Nested.xml",
    "24d-AfterGrace.xml",
    "32c-MultipleNotationChildren.xml",
    "33d-Spanners-OctaveShifts.xml",
    "33i-Ties-NotEnded.xml",
    "43d-MultiStaff-StaffChange.xml",
    "46e-PickupMeasure-SecondVoiceStartsLater.xml",
    "72c-TransposingInstruments-Change.xml",
    "73a-Percussion.xml",
    "90a-Compressed-MusicXML.mxl",
]


def near(value: object) -> Fraction:
    return Fraction(value).limit_denominator(1000)  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_notes_are_those_of_another_reader(shared_data, name):
    import music21

    path = shared_data / "music" / "musicxml-testsuite" / "xmlFiles" / name
    theirs = []
    for part in music21.converter.parse(str(path), forceSource=True).toSoundingPitch().parts:
        for element in part.flatten().notes:
            if isinstance(element, music21.harmony.Harmony):
                continue
            for single in getattr(element, "notes", [element]):
                pitch = -1 if isinstance(single, music21.note.Unpitched) else single.pitch.ps
                length = 0 if element.duration.isGrace else element.quarterLength
                theirs.append((near(element.offset), pitch, near(length)))
    ours = []
    for _, note in read_file(path).score.notes():
        onsets = [note.on, *(on for _, on in note.tied)]
        for on, end in zip(onsets, [*onsets[1:], note.end], strict=True):
            pitch = -1 if note.midi is None else note.midi + note.cents / 100
            ours.append((near(on), pitch, near(end - on)))
    assert sorted(ours) == sorted(theirs)
