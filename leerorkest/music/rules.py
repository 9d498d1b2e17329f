"""The four families of the orchestra. Their colours, shapes and words mean the same on every page and in print."""

from enum import StrEnum


class Family(StrEnum):
    STRINGS = "strings"
    WOODWIND = "woodwind"
    BRASS = "brass"
    PERCUSSION = "percussion"
