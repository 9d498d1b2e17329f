"""What people send, by subject."""

from .cover import AwayForm, StandInForm
from .log import PieceForm, new_notes, piece_was
from .marks import MOST_BYTES, DecisionForm, NotABatch, changed_marks, read_batch, was
from .next_time import NextTimeForm
from .year import CancelForm, HourForm, MoveForm, TuttiForm

__all__ = [
    "MOST_BYTES",
    "AwayForm",
    "CancelForm",
    "DecisionForm",
    "HourForm",
    "MoveForm",
    "NextTimeForm",
    "NotABatch",
    "PieceForm",
    "StandInForm",
    "TuttiForm",
    "changed_marks",
    "new_notes",
    "piece_was",
    "read_batch",
    "was",
]
