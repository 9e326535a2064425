# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault at one byte of a whole session, what came of it, and putting the board in again: for any byte and fault.

The session does what a flow does and judges as it does. Whether the judgement was right is seen in the flash of both
boards: the one that was identified (A), and the one that took its place (B), which carries an identity of its own.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import esptool.loader
from esp_bench import FCTRY, MAC, OTHER_MAC, PARTITIONS, SIZE, aliyun, profile, session, single, stored
from idftool.nvs import parse as idf_parse

from station.errors import StationError
from station.model import Holding, Identity, Verdict
from station.profile import Profile
from station.simulate.esp import Direction, EspBoard, Fault, Kind
from station.simulate.esp.silicon import Silicon
from station.targets import esp_rom_trust
from station.targets.base import Session, no_progress
from station.targets.esp_layout import to_entries
from station.targets.esp_options import read_options
from station.targets.nvs import build

OURS = single("camera-a")
THEIRS = single("camera-b")
UID = MAC.replace(":", "")
OTHER_UID = OTHER_MAC.replace(":", "")
OPTIONS = read_options({"preset": "aliyun"})
SHORT_S = 0.4
"""esptool waits 3 s for an answer; simulated boards without pacing give theirs at once."""
STEPS = ("identify", "write", "read back", "restart", "read again", "identify again")


class Loader(StrEnum):
    """Which loader writes."""

    STUB = "stub"
    ROM = "rom"


class Swap(StrEnum):
    """Faults beside those of one byte: another board at the same port."""

    VANISH = "vanish"
    VANISH_OTHER = "vanish, another comes"
    SWAP = "swap"


FAULTS = (Kind.DROP, Kind.FLIP, Kind.SILENCE, *Swap)


@dataclass(frozen=True, slots=True)
class Case:
    chip: str
    loader: Loader
    step: str
    direction: Direction
    at: int
    fault: Kind | Swap
    other_is_blank: bool


@dataclass(slots=True)
class Visit:
    """What a ledger would know of OURS. `wrong` must stay empty."""

    married_to: str = ""  # uid; no other board may ever get a byte of it
    passed: bool = False
    wrong: str = ""
    erased_other: bool = False


def using(chip: str, loader: Loader) -> Profile:
    return profile(chip, rom_fast_path=[chip]) if loader is Loader.ROM else profile(chip)


def a_board(chip: str, mac: str, link: Path | None = None) -> EspBoard:
    return EspBoard(chip=chip, mac=mac, partitions=PARTITIONS, link=link)


def steps(talk: Session, visit: Visit) -> Iterator[str]:
    """A flow with a new board, step by step; raises at the first doubt."""
    board = talk.identify()
    require(board.holding is Holding.BLANK)
    yield STEPS[0]
    talk.require_room(OURS)
    visit.married_to = board.uid
    talk.write(OURS, no_progress)
    yield STEPS[1]
    require(talk.read_back(OURS, no_progress).verdict is Verdict.EQUAL)
    yield STEPS[2]
    talk.restart()
    yield STEPS[3]
    require(talk.read_back(OURS, no_progress).verdict is Verdict.EQUAL)
    yield STEPS[4]
    require(talk.identify().uid == board.uid)
    visit.passed = True
    yield STEPS[5]


class Doubt(StationError):
    """What a flow calls E204 or E209."""


def require(holds: bool) -> None:
    if not holds:
        raise Doubt("differs")


def lengths(chip: str, loader: Loader, link: Path) -> dict[tuple[str, Direction], range]:
    """Which bytes belong to which step, of a session without faults and with nothing new to learn."""
    esp_rom_trust.judge(esp_rom_trust.Kind(chip, a_board(chip, MAC).silicon.build.revision), works=True)
    _measure(chip, loader, link)  # the partition table is read once
    return _measure(chip, loader, link)


def _measure(chip: str, loader: Loader, link: Path) -> dict[tuple[str, Direction], range]:
    found = {}
    at = dict.fromkeys(Direction, 0)
    with a_board(chip, MAC, link) as board:
        with session(board, using(chip, loader)) as talk:
            for step in steps(talk, Visit()):
                now = {Direction.TO_BOARD: board.stats.to_board_bytes, Direction.TO_HOST: board.stats.to_host_bytes}
                for direction in Direction:
                    found[step, direction] = range(at[direction], now[direction])
                at = now
        assert stored(board) == aliyun(OURS)
        assert board.stats.stub_starts == (loader is Loader.STUB)
    return found


def run(case: Case, link: Path) -> Visit:
    """The session with its fault, then both boards put in again."""
    visit = Visit()
    other = a_board(case.chip, OTHER_MAC)
    if case.other_is_blank:
        theirs: dict[str, object] = {}
    else:
        theirs = aliyun(THEIRS)
        other.preload(FCTRY, build(to_entries(THEIRS, OPTIONS, product_secret=False), SIZE))
    other.silicon.attached = True  # the worst case: it comes from a tool that has just written it
    board = a_board(case.chip, MAC, link)
    flashes = {UID: board.silicon, OTHER_UID: other.silicon}
    with board:
        board.inject(_fault(case, other))
        try:
            with session(board, using(case.chip, case.loader)) as talk:
                for _ in steps(talk, visit):
                    pass
        except StationError:
            assert not visit.passed
        board.unplug()
        board.disarm()  # a byte that was not reached (how often a sync is repeated depends on time)
        if visit.passed and not _holds(flashes[visit.married_to], OURS):
            visit.wrong = "PASS, and the board does not hold its identity"
        visit.erased_other = visit.married_to != OTHER_UID and _stored(other.silicon) != theirs
        for uid, silicon in flashes.items():
            board.unplug()
            board.silicon = silicon
            board.plug()
            visit.wrong = visit.wrong or _put_in_again(board, case, uid, visit)
    secret = OURS.primary.device_secret.reveal().encode()
    carriers = [uid for uid, silicon in flashes.items() if secret in silicon.flash.read(0, 4 << 20)]
    if carriers != [visit.married_to] * bool(visit.married_to):
        visit.wrong = visit.wrong or f"married to {visit.married_to or 'none'}, and on {carriers}"
    return visit


def _stored(silicon: Silicon) -> dict[str, object]:
    image = idf_parse(silicon.flash.read(FCTRY, SIZE), strict=False)
    return {f"{e.namespace}/{e.key}": e.value for e in image.entries}


def _holds(silicon: Silicon, identity: Identity) -> bool:
    return _stored(silicon) == aliyun(identity)


def _fault(case: Case, other: EspBoard) -> Fault:
    swapped = case.fault in (Swap.SWAP, Swap.VANISH_OTHER)
    kind = case.fault if isinstance(case.fault, Kind) else Kind.SWAP if case.fault is Swap.SWAP else Kind.VANISH
    return Fault(kind=kind, direction=case.direction, at=case.at, other=other if swapped else None)


def _put_in_again(board: EspBoard, case: Case, uid: str, visit: Visit) -> str:
    """As often as it takes on a busy machine: with `SHORT_S`, an answer may come too late."""
    for tries_left in reversed(range(4)):
        try:
            with session(board, using(case.chip, case.loader)) as talk:
                return _resolve(talk, board, uid, visit)
        except StationError as error:
            if not tries_left:
                return f"put in again: {error.what}"
    raise AssertionError


def _resolve(talk: Session, board: EspBoard, uid: str, visit: Visit) -> str:
    """As a flow resolves a doubt: compare, write the same identity again where it differs, compare."""
    info = talk.identify()
    if info.uid != uid:
        return f"board {uid} calls itself {info.uid}"
    if uid != visit.married_to:
        return "a board that is not married to it carries it" if OURS.name in info.names else ""
    verdict = talk.read_back(OURS, no_progress).verdict
    if (verdict is Verdict.EQUAL) != _holds(board.silicon, OURS):
        return f"{verdict}, and the flash says otherwise"
    if verdict is not Verdict.EQUAL:
        talk.write(OURS, no_progress)
        verdict = talk.read_back(OURS, no_progress).verdict
    return "" if verdict is Verdict.EQUAL and _holds(board.silicon, OURS) else f"written again, and {verdict}"


def sample(chip: str, loader: Loader, per_class: int, link: Path, seed: int) -> list[Case]:
    """`per_class` positions for each step, direction and fault; 0 for every byte."""
    chosen = random.Random(seed)
    cases = []
    for (step, direction), places in lengths(chip, loader, link).items():
        for fault in FAULTS:
            at = places if not per_class else chosen.sample(places, min(per_class, len(places)))
            cases += [Case(chip, loader, step, direction, place, fault, place % 2 == 0) for place in at]
    return cases


def _word(visit: Visit) -> str:
    return "PASS" if visit.passed else "IN_DOUBT" if visit.married_to else "refused"


def sweep(cases: Iterable[Case], folder: Path, threads: int = 16) -> tuple[Counter[str], list[tuple[Case, str]]]:
    """Counts by outcome, and every case in which something was wrong."""
    esptool.loader.MAX_TIMEOUT = SHORT_S
    counts: Counter[str] = Counter()
    wrong = []
    with ThreadPoolExecutor(threads) as pool:
        numbered = list(enumerate(cases))
        for (_, case), outcome in zip(
            numbered, pool.map(lambda n: run(n[1], folder / f"tty{n[0]}"), numbered), strict=True
        ):
            counts[_word(outcome)] += 1
            counts["the other board's partition was erased"] += outcome.erased_other
            if outcome.wrong:
                wrong.append((case, outcome.wrong))
    return counts, wrong
