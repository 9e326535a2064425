# SPDX-License-Identifier: GPL-3.0-or-later
"""What the screens say, as one value per language, so that a missing text is a type error and not a blank screen.

Numbers, error codes, names and units are never translated. Texts with {holes} are filled by `str.format` with values
that may be hostile; nothing here is ever read as markup. Named tuples, since every command makes these classes when it
starts: dataclasses of as many fields took a fifth of the time of `station status`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from station.codes import Code
from station.events import Phase, SlotState
from station.ledger.trouble import CODE, Trouble, trouble_of
from station.model import Holding, Language, State
from station.rules import Choice, Fate, Outcome
from station.words.command_words import CommandWords
from station.words.guide_words import GuideWords


class CodeText(NamedTuple):
    """An error code for people: what happened, what to do, and what it means for the board in hand, if anything."""

    what: str
    do: str
    means: str = ""


class BenchWords(NamedTuple):
    """The operator's screen."""

    insert: str
    scan_label: str
    scan_serial: str
    scan_serial_short: str
    scan_printed: str
    scan_printed_short: str
    hands_off: str
    wait: str
    power_cycle: str
    power_cycle_short: str
    remove: str
    remove_done: str
    red_bin: str  # {code}
    not_the_board: str  # {code}
    put_back: str  # {uid}
    put_back_short: str  # {uid}
    call: str  # {code}
    call_short: str  # {code}
    passed: str
    failed: str
    yield_: str
    last_hour: str
    shift: str
    left: str
    runs_out: str
    in_doubt: str
    in_doubt_aside: str  # {count} in the red bin
    plan: str  # {plan}
    of_plan: str  # {plan} {percent}
    kept_in_bin: str  # {count}
    in_red_bin: str  # {uid}
    find_other: str  # {uid}
    find_other_short: str  # {uid}
    batch: str  # {batch}
    line_heads: tuple[str, ...]  # a bench, its boards in 60 minutes, yield, boards to be put back, last seen
    line_away: str
    line_benches: str  # {there} {all}
    line_lasts: str  # {span}
    operator: str
    nobody: str
    since: str
    set_line: str  # {name} {done} {total}
    set_missing: str  # {missing}
    channels: str  # {count}
    channel: str  # {number} {name}
    whole_nvr: str  # {name}
    keys_help: str
    keys_confirm: str
    keys_supervisor: str
    keys_quit: str
    seconds: str  # {n}
    minutes: str  # {n}
    hours: str  # {n}
    days: str  # {n}
    scanned: str
    scan_unknown: str
    scan_no_label: str
    scan_no_serial: str
    scan_operator: str  # {name}
    scan_label_ok: str  # {slot}
    scan_serial_ok: str  # {slot}
    scan_confirm: str
    still_writing: str  # {slots}
    leave: str
    leave_do: str
    waking: str  # {count}
    waking_do: str
    waking_red_bin: str
    waking_waits: str
    alarm: str
    alarm_do: str
    alarm_board: str
    alarm_look_up: str
    alarm_lift: str
    go_on: str
    back: str


class Office(NamedTuple):
    """The supervisor's screens."""

    supervisor: str
    pin: str
    another_supervisor: str
    batches: str
    certificates: str
    search: str
    doubts: str
    lockouts: str
    slots: str
    profiles: str
    handover: str
    batch: str
    product: str
    pulled: str
    rate: str
    time_left: str
    per_second: str  # {n}
    pull: str
    complete: str
    stopped: str
    waiting: str
    pulling: str
    state: str
    all_states: str
    filter: str
    name: str
    board: str
    slot: str
    attempt: str
    to_do: str
    set_: str
    open_set: str
    channel: str
    retire: str
    let_back: str
    let_back_reason: str  # {name}
    back_in_stock: str  # {n}
    stay_withheld: str  # {n}
    ask_again: str
    retire_reason: str  # {name}
    reason: str
    reason_needed: str
    retired: str  # {name}
    set_short: str
    set_end: str
    set_short_reason: str  # {name}
    set_end_reason: str  # {name}
    set_shortened: str  # {name}
    set_ended: str  # {name}
    settle: str
    settle_reason: Mapping[Fate, str]  # {uid} {name}
    settled: str  # {uid}
    vouch: str
    vouch_reason: str  # {name} {uid}
    vouched: str  # {uid}
    search_hint: str
    nothing_found: str
    several_found: str  # {n}
    no_certificate: str
    when: str
    who: str
    event: str
    evidence: str
    no_doubts: str
    disputes: str
    disputes_do: str
    no_disputes: str
    keep: str
    keep_reason: Mapping[Choice, str]  # {name}
    held: str
    arrived: str
    waits: str
    unlock_reason: str  # {slot}
    lock_reason: str  # {slot}
    whole_station: str
    port: str
    learn: str
    new_slot: str
    learning: str  # {slot}
    learned: str  # {slot} {port}
    none: str
    profile: str
    target: str
    use: str
    dry_check: str
    dry_checking: str
    good: str
    bad: str
    hand_over_to: str
    saved: str  # {path}
    totals: str
    failures: str
    station_faults: str
    stock: str
    audit_head: str
    per_hour: str
    cancel: str
    ok: str
    detail: str
    products: str
    asking_cloud: str
    developing: str
    published: str
    kind: str
    which_batch: str
    pull_sure: str
    pull_number: str
    report: str
    save: str
    withheld: str  # {n}
    left_out: str  # {n}
    counting: str
    by_odd: str  # {batch}, {product}
    by_orphans: str  # {batch}, {product}
    by_reset: str  # {batch}, {product}
    boards: str
    more_attempts: str
    flashed: str
    hand_over_sure: str  # {to} {of}
    sure_keys: str
    choose: str
    lock_or_unlock: str
    type_to_filter: str
    filter_by: str
    sort_keys: str
    log_of: str  # {what}
    log_key: str
    wire: str
    wire_before: str  # {n} {slot}
    slot_logs: str


class Past(NamedTuple):
    """The history of a certificate and a board, and what a look at a board finds out."""

    events: Mapping[str, str]  # of the audit
    details: Mapping[str, str]  # the names of an audit line's details
    outcomes: Mapping[Outcome, str]  # of a board's stay in a slot
    holdings: Mapping[Holding, str]
    stay: str  # {slot} {seconds}
    slot: str  # {slot}
    board: str  # {uid}
    attempt: str  # {n}
    uid: str
    chip: str
    holds: str
    room: str


class Marks(NamedTuple):
    """What stands between texts that are put together: full width where the language writes so."""

    colon: str = ": "
    wide_colon: str = ":  "  # before figures
    comma: str = ", "
    aside: str = " ({})"


class Words(NamedTuple):
    """A language. `native`: the one that errors and audit lines are written in, so that they need no other words."""

    language: Language
    native: bool
    states: Mapping[SlotState, tuple[str, ...]]  # longest first; the tile takes the first that fits
    phases: Mapping[Phase, str]
    ledger: Mapping[State, str]
    codes: Mapping[Code, CodeText]  # every one
    troubles: Mapping[Trouble, CodeText]  # E702: which one it is
    short: Mapping[str, str]  # what to do, by its full wording, for the smallest tiles
    past: Past
    commands: CommandWords
    bench: BenchWords
    office: Office
    guide: GuideWords
    marks: Marks = Marks()

    def of(self, name: str, what: object) -> str:
        """What is said of a name."""
        return f"{name}{self.marks.colon}{what}"

    def told(self, code: Code, what: str) -> CodeText:
        """The text of a code; for a ledger that may not be believed, which of its texts `what` is."""
        trouble = trouble_of(what) if code == CODE else None
        return self.troubles[trouble] if trouble else self.codes[code]
