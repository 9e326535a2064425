# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the error codes in English."""

from __future__ import annotations

from types import MappingProxyType

from station.codes import Exit
from station.words.manual import Manual

MANUAL = Manual(
    title="Help: what a code means",
    topic="TOPIC",
    page="station help TOPIC",
    all_codes="A code: station help E204; all of them: station help errors; a command: station help flash",
    line="{label}: {about}",
    how="First what stands at the slots now, then every code. ↑ ↓ choose one; below is its page.",
    code="Code",
    what="What happened",
    means="What it means",
    do="What to do",
    who="Who",
    counted="Counts in yield",
    yes="yes, against the board",
    no="no",
    acts=MappingProxyType(
        {
            Exit.BOARD_FAILED: "the operator at the slot",
            Exit.USAGE: "whoever typed it or set it up; else the engineer",
            Exit.STATION_FAULT: "the operator looks at cable and fixture; then the engineer",
            Exit.CLOUD: "the supervisor; then the engineer",
            Exit.NO_CERTIFICATES: "the supervisor: pull or order a batch",
            Exit.PERSON_NEEDED: "the operator as it says; what needs a PIN, the supervisor",
            Exit.INTEGRITY: "the supervisor, before any other board; then the engineer",
        }
    ),
)
