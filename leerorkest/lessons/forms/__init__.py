"""What people send, by subject."""

from .marks import MOST_BYTES, DecisionForm, NotABatch, changed_marks, read_batch, was
from .year import CancelForm, HourForm

__all__ = ["MOST_BYTES", "CancelForm", "DecisionForm", "HourForm", "NotABatch", "changed_marks", "read_batch", "was"]
