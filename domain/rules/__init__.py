"""The law as dated data 法规数据: clauses, deadlines, rules, catalogues, gathered in an edition.

An edition 版次 is the whole of `domain/law/` without its calendars, named by the hash of its
bytes; a calendar edition is named likewise. Both are adopted by events. Inside an edition the day
on which the triggering fact happened chooses the text in force (CR8).
"""

from __future__ import annotations

from domain.rules.checking import KindNames, Mistake
from domain.rules.edition import (
    EVERY_KIND,
    FIRST_DAY,
    LAST_DAY,
    UNSURE,
    Anchor,
    Area,
    Catalogue,
    Clause,
    Confidence,
    Deadline,
    Disease,
    Edition,
    Extension,
    InForce,
    Nature,
    Policy,
    PolicyMissingError,
    Reference,
    Rule,
    day_name,
)
from domain.rules.reading import (
    Files,
    LawError,
    content_hash,
    parse_calendar,
    parse_edition,
    split,
)

__all__ = [
    "EVERY_KIND",
    "FIRST_DAY",
    "LAST_DAY",
    "UNSURE",
    "Anchor",
    "Area",
    "Catalogue",
    "Clause",
    "Confidence",
    "Deadline",
    "Disease",
    "Edition",
    "Extension",
    "Files",
    "InForce",
    "KindNames",
    "LawError",
    "Mistake",
    "Nature",
    "Policy",
    "PolicyMissingError",
    "Reference",
    "Rule",
    "content_hash",
    "day_name",
    "parse_calendar",
    "parse_edition",
    "split",
]
