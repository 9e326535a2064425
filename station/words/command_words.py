# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands say on a terminal, as one value per language and subject: talk, and lines for people. Objects for
programs (`--json`) and files are in no language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from station.model import IdentityKind
from station.rules import Choice, Fate, WayBack


class RunWords(NamedTuple):
    """`flash` and `resolve` at a board."""

    slot: str
    took: str  # {seconds}
    channel: str  # {number} {nvr}
    nvr_itself: str  # {nvr}
    still_missing: str  # {number}
    set_complete: str
    not_counted: str  # a board that was done before, in a run that ends after so many
    counts: str  # {passed} {failed} {in_doubt} {ready}
    beside: str  # {alarms} {station_faults}
    bare: str  # {number}
    ended_early: str  # {kind}


class ProgressWords(NamedTuple):
    """Long commands while they run."""

    identities: str
    devices: str
    rows: str
    lines: str
    done: str  # {done} {unit} {rate}
    done_of: str  # {done} {total} {unit} {rate}
    left: str  # {time}
    seconds: str  # {s}
    minutes: str  # {m} {s}
    ending: str


class PullWords(NamedTuple):
    """`pull` and `pull --recheck`."""

    batch: str  # {batch} {counts}
    between: str  # the counts of a batch
    held: str  # {number}
    held_of: str  # {number} {total}
    new: str  # {number}
    known: str  # {number}
    completed: str  # {number}
    dressed: str  # {number}
    odd: str  # {number}
    conflicting: str  # {number}
    withheld: str  # {number}
    certificates: str  # {number}
    not_complete: str
    other_status: str  # {number}
    without_status: str  # {number} {state} {setting}
    childless: str  # {number} {names}
    childless_do: str
    still_disputed: str  # {number}
    set_aside: str  # {number} {see}
    stopped: str  # {go_on}
    asked: str  # {batch} {asked} {withheld}
    gone: str  # {name}
    stay: str  # {why} {number}
    ways: Mapping[WayBack, str]
    let_back: str  # {batch}
    pulled_as: str  # {batch} {kind}
    batch_of: Mapping[IdentityKind, str]
    here: str  # {number} {batch}
    waiting: str  # {batch}


class ImportWords(NamedTuple):
    """`import`, and what it and `pull` say of names in dispute."""

    template: str  # {file}
    never_used: str  # {word} {number}
    skipped: str  # {row}
    used: str  # {number}
    sheet: str  # {sheet}
    headings: str  # {row} {columns}
    no_headings: str  # {columns}
    column: str  # {name} {letter}
    came: str  # {batch} {number} {new}
    would_come: str  # {batch} {number} {new}
    disputed: str  # {name}
    disputed_on_board: str  # {name}
    shared: str  # {name} {holder} {arrived}
    more: str  # {number}
    decide: str
    decided_against: str  # {number}


class WordOfSupervisor(NamedTuple):
    """What a supervisor's word did, and what waits for it."""

    back: str  # {number}
    stay: str  # {number} {why}
    retired: str  # {name}
    reworked: str  # {name} {uid}
    device_ended: str  # {name}
    no_device: str  # {name}
    slot_unlocked: str  # {slot}
    station_unlocked: str
    vouched: str  # {uid} {name}
    serial_corrected: str  # {uid} {before} {now}
    stranger: str  # {uid} {since} {name}
    stranger_of_unknown: str  # {uid} {since}
    waits: str  # {name} {married} {uid}
    takes_none: str  # {uid}
    no_strangers: str
    fates: Mapping[Fate, str]
    waits_no_more: str  # {name} {uid} {fate}
    settled: str  # {uid} {fate}
    may_go_without: str  # {nvr} {cameras}
    without: str  # {nvr} {cameras}
    without_do: str
    no_sets: str
    set_ended: str  # {nvr} {number}
    stays_on_record: str  # {name}
    kept: Mapping[Choice, str]  # {name} {state}
    no_disputes: str
    pin_set: str  # {name}
    removed: str  # {name}
    none_yet: str


class SlotWords(NamedTuple):
    """`slots` and `udev`."""

    heads: tuple[str, ...]  # slot, path, port, adapter
    none: str
    plug_in: str  # {slot}
    learned: str  # {slot} {port}
    permissions: str


class LedgerWords(NamedTuple):
    """`backup`, `restore`, `recover`, `adopt`, `ledger copy`; what opening a ledger has to say."""

    backed_up: str  # {file} {lines} {head}
    backed_up_with_key: str  # {file} {lines} {head}
    restored: str  # {lines} {at}
    locked: str
    comes_ready: str
    told: str  # {told} {in_doubt}
    decided: str  # {number}
    withheld: str  # {number}
    must_look: str  # {what}
    damaged: str  # {lines}
    clock_behind: str  # {seconds}
    to_be_upgraded: str  # {version}
    in_doubt_now: str  # {name} {do}
    moved: str  # {to} {rows} {lines} {head}
    moved_before: str  # likewise
    key_exported: str  # {file}
    key_imported: str  # {key}
    key_known: str  # {key}


class LineWords(NamedTuple):
    """`status --line`."""

    heads: tuple[str, ...]  # bench, boards in the last hour, yield, to be put back, in the red bin, heard of
    seen: str  # {seconds}
    away: str
    line: str  # {per_hour} {ready} {lasting} {in_doubt}
    lasting: str  # {hours}
    plan: str  # {plan} {percent}
    locked: str  # {lock}


class ShowWords(NamedTuple):
    """`show`."""

    head: str  # {name} {state} {uid} {batch} {why}
    serial: str  # {serial}
    of_set: str  # {nvr} {done} {size}
    missing: str  # {channels}
    channel: str  # {number}
    nvr: str
    proved: str  # {method}
    visit: str  # {visit}
    by: str  # {name}
    beside: str  # {number} {name}


class CommandWords(NamedTuple):
    means: str
    do: str
    interrupted: str
    go_on: str  # {what}
    stock_heads: tuple[str, ...]  # product, kind, state, identities, certificates
    received: str  # {received} {consumed}
    put_back: str  # {uid}
    find_first: str  # {uid}
    audit_head: str  # {head} {lines}
    nothing_in_doubt: str
    label_printed: str  # {name} {uid}
    no_label_waits: str
    since: str  # {name} {since} {do}
    why: str  # {why}
    run: RunWords
    progress: ProgressWords
    pull: PullWords
    importing: ImportWords
    supervisor: WordOfSupervisor
    slots: SlotWords
    ledger: LedgerWords
    line: LineWords
    show: ShowWords
