# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports in English."""

from __future__ import annotations

from types import MappingProxyType

from station.words.report_words import ReportWords

REPORT = ReportWords(
    titles=MappingProxyType(
        {"batch": "Batch {name}", "shift": "This shift", "day": "Day {name}", "line": "The whole ledger"}
    ),
    made="made {at} at {bench}; all times are {zone}",
    period="from {since} to {until}",
    ever="from the first board to {until}",
    figures=MappingProxyType(
        {
            "passed": "boards passed",
            "failed": "boards failed",
            "first_pass": "first-pass yield",
            "per_hour": "boards an hour, first to last",
            "stays": "stays in slots",
            "already_done": "put in again, done before",
            "received": "certificates received",
            "boards": "boards with a certificate",
            "attempts_over_one": "needed more than one attempt",
            "in_doubt": "in doubt",
            "withheld": "withheld",
            "missing": "in the cloud, not brought here",
            "conflicting": "in dispute",
            "odd": "set aside as odd",
            "ready": "left in stock",
        }
    ),
    tables=MappingProxyType(
        {
            "figures": "In numbers",
            "stretches": "Over time",
            "failures": "Failed boards by code",
            "others": "Station faults, hands and alarms",
            "slots": "Slots compared",
            "phases": "Time per phase",
            "stock": "Certificates by state",
            "open": "Why something is not done",
            "events": "Locks, alarms and decisions",
            "certificates": "Boards and certificates",
            "proof": "Proof",
        }
    ),
    columns=MappingProxyType(
        {
            "figure": "what",
            "value": "value",
            "begin": "begins",
            "passed": "passed",
            "failed": "failed",
            "others": "blames no board",
            "part_passed": "yield",
            "code": "code",
            "meaning": "meaning",
            "boards": "boards",
            "part": "added up",
            "stays": "stays",
            "bench": "bench",
            "slot": "slot",
            "median_s": "median s",
            "ninth_s": "9 of 10 s",
            "phase": "phase",
            "times": "times",
            "state": "state",
            "certificates": "certificates",
            "why": "why",
            "at": "when",
            "event": "what happened",
            "who": "who",
            "detail": "detail",
            "name": "certificate",
            "set": "set",
            "channel": "channel",
            "board": "board",
            "attempt": "attempt",
        }
    ),
    stretches=MappingProxyType({"hour": "Boards per hour", "day": "Boards per day", "week": "Boards per week"}),
    yields=MappingProxyType({"hour": "Yield by hour", "day": "Yield by day", "week": "Yield by week"}),
    nothing="nothing",
    rows="rows {first} to {last} of {of}",
    counted_rows="{of} rows, of which {shown} are listed: first those with a reason, then as they came. All of them:"
    " station report export.",
    more_events="The newest {most}; all of them: station audit log.",
    checked_all="All {lines} lines of the audit were recomputed and held against the rows: intact.",
    checked_newest="The newest {lines} of {of} lines of the audit were recomputed: intact. All of them: station audit"
    " verify.",
    broken="BROKEN: {what}",
    signature="Signed by {bench}, key {key}",
    how_to_verify="Whether this page was altered: station report verify FILE",
    written="{path} is written",
    whole="{path} is as it was signed by {bench}, key {key}",
    of_this_ledger="this ledger wrote it: line {line} of the audit",
    key_known="this ledger knows the key, and has no line of this file",
)
