# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says on paper: a page, tables and spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple

from station.model import Language


class ReportWords(NamedTuple):
    """Keys of the tables are what is told of, as it is written in the code."""

    titles: Mapping[str, str]  # of each kind of report; {name}
    made: str  # {at} {bench} {zone}
    period: str  # {since} {until}
    ever: str  # {until}
    figures: Mapping[str, str]
    tables: Mapping[str, str]  # the heading of each
    columns: Mapping[str, str]
    stretches: Mapping[str, str]  # by how long they are: what the first picture shows
    yields: Mapping[str, str]  # likewise of the second
    nothing: str
    rows: str  # {first} {last} {of}
    counted_rows: str  # {shown} {of}
    more_events: str  # {most}
    checked_all: str  # {lines}
    checked_newest: str  # {lines} {of}
    broken: str  # {what}
    signature: str  # {bench} {key}
    how_to_verify: str
    written: str  # {path}
    whole: str  # {path} {bench} {key}
    of_this_ledger: str  # {line}
    key_known: str


@cache
def report_words(language: Language) -> ReportWords:
    """Loaded only where a report is made."""
    words: ReportWords = import_module(f"station.words.{Language(language).name.lower()}_report").REPORT
    return words
