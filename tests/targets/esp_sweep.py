# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault at one byte of a whole session, what came of it, and putting the board in again: for any byte and fault.

The session does what a flow does and judges as it does. Whether the judgement was right is seen in the whole flash of
both boards, page by page: the one that was identified (A), and the one that took its place (B), which carries an
identity of its own or is blank. Their partition lies in the middle of an application; on a board that is `too_small`
it lies behind the end of the flash, where the application begins again, and nothing may be written at all.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import esptool.loader
from idftool.nvs import parse as idf_parse

from station.errors import StationError
from station.model import Holding, Identity, Verdict
from station.profiles.profile import Profile
from station.simulate.esp import BoardSpec, CableTrouble, Command, EspBoard, Fault, Toward
from station.simulate.esp.reply import Reply
from station.simulate.esp.silicon import Silicon
from station.simulate.esp.stub import Stub
from station.targets.base import Session, no_progress
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp.layout import to_entries
from station.targets.esp.nvs import build
from station.targets.esp.options import FIELDS, read_options
from tests.targets.esp_bench import FCTRY, MAC, OTHER_MAC, PARTITIONS, SIZE, aliyun, profile, session, single, stored

OURS = single("camera-a")
THEIRS = single("camera-b")
UID = MAC.replace(":", "")
OTHER_UID = OTHER_MAC.replace(":", "")
OPTIONS = read_options({"preset": "aliyun"})
SHORT_S = 0.4
"""esptool waits 3 s for an answer; simulated boards without pacing give theirs at once."""
FLASH = 2 << 20
SMALL_FLASH = 1 << 20
PAGE = 0x1000
OUR_PAGES = frozenset(range(FCTRY, FCTRY + SIZE, PAGE))
APPLICATION = random.Random(1).randbytes(0x40000)
"""From 128 KB ahead of the partition to as far behind it."""
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


WORDS = ("PASS", "IN_DOUBT", "refused", "FAIL, firmware to be flashed anew")
FAULTS = (CableTrouble.DROP, CableTrouble.FLIP, CableTrouble.SILENCE, *Swap)


@dataclass(frozen=True, slots=True)
class Case:
    chip: str
    loader: Loader
    step: str
    direction: Toward
    at: int
    fault: CableTrouble | Swap
    other_is_blank: bool
    too_small: bool = False
    other_runs_stub: bool = False


@dataclass(slots=True)
class Visit:
    """What a ledger would know of OURS. `wrong` must stay empty."""

    married_to: str = ""  # uid; no other board may ever get a byte of it
    passed: bool = False
    wrong: str = ""
    erased_other: bool = False
    spoilt: bool = False  # E215: the firmware beside it is said to be damaged, and the board stays out


def using(chip: str, loader: Loader) -> Profile:
    return profile(chip, rom_fast_path=[chip]) if loader is Loader.ROM else profile(chip)


def a_board(chip: str, mac: str, link: Path | None = None, *, too_small: bool = False) -> EspBoard:
    size = SMALL_FLASH if too_small else FLASH
    board = EspBoard(BoardSpec(chip=chip, mac=mac, partitions=PARTITIONS, link=link, flash_size=size))
    board.preload(FCTRY % SMALL_FLASH if too_small else FCTRY - 0x20000, APPLICATION)
    if not too_small:
        board.preload(FCTRY, b"\xff" * SIZE)
    return board


def changed_pages(before: bytes, after: bytes) -> set[int]:
    if before == after:
        return set()
    return {at for at in range(0, len(after), PAGE) if before[at : at + PAGE] != after[at : at + PAGE]}


def whole(silicon: Silicon) -> bytes:
    return silicon.flash.read(0, silicon.flash.size)


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


def lengths(chip: str, loader: Loader, link: Path) -> dict[tuple[str, Toward], range]:
    """Which bytes belong to which step, of a session without faults and with nothing new to learn."""
    trust_rom(chip)
    _measure(chip, loader, link)  # the partition table is read once
    return _measure(chip, loader, link)


def trust_rom(chip: str) -> None:
    esp_rom_trust.judge(esp_rom_trust.ChipRevision(chip, a_board(chip, MAC).silicon.build.revision), works=True)


def lengths_too_small(chip: str, loader: Loader, link: Path) -> dict[tuple[str, Toward], range]:
    """Likewise on a board whose flash is too small: it is refused when it is identified."""
    with a_board(chip, MAC, link, too_small=True) as board:
        with suppress(StationError), session(board, using(chip, loader)) as talk:
            talk.identify()
        sent = {Toward.BOARD: board.stats.to_board_bytes, Toward.STATION: board.stats.to_host_bytes}
        assert board.stats.commands.get("FLASH_DEFL_BEGIN", 0) == 0
    return {(STEPS[0], direction): range(count) for direction, count in sent.items()}


def packets_of_write(chip: str, loader: Loader, link: Path) -> list[tuple[str, int]]:
    """Command and first byte of every packet of the step that writes, and what comes after the last."""
    lengths(chip, loader, link)
    found: list[tuple[str, int]] = []
    with a_board(chip, MAC, link) as board:
        answer = board.silicon.packet

        def noted(packet: bytes) -> Reply:
            found.append((Command(packet[1]).name, at[0]))
            at[0] = board.stats.to_board_bytes
            return answer(packet)

        with session(board, using(chip, loader)) as talk:
            for step in steps(talk, Visit()):
                if step == STEPS[0]:
                    at = [board.stats.to_board_bytes]
                    board.silicon.packet = noted  # type: ignore[method-assign]
                if step == STEPS[1]:
                    break
            return [*found, ("what comes next", at[0])]


def starts_in_stub(board: EspBoard, baud: int) -> None:
    """It runs a stub that somebody has left at this speed, its last write ended."""
    board.silicon._loader = Stub(board.silicon)
    board.silicon.baud, board.silicon.baud_is_known = baud, True


def _measure(chip: str, loader: Loader, link: Path) -> dict[tuple[str, Toward], range]:
    found = {}
    at = dict.fromkeys(Toward, 0)
    with a_board(chip, MAC, link) as board:
        with session(board, using(chip, loader)) as talk:
            for step in steps(talk, Visit()):
                now = {Toward.BOARD: board.stats.to_board_bytes, Toward.STATION: board.stats.to_host_bytes}
                for direction in Toward:
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
        other.preload(FCTRY, build(to_entries(THEIRS, OPTIONS, fields=FIELDS[:3]), SIZE))
    other.silicon.attached = True  # the worst case: it comes from a tool that has just written it
    if case.other_runs_stub:
        starts_in_stub(other, OPTIONS.baud)
    board = a_board(case.chip, MAC, link, too_small=case.too_small)
    before = {UID: whole(board.silicon), OTHER_UID: whole(other.silicon)}
    flashes = {UID: board.silicon, OTHER_UID: other.silicon}
    with board:
        board.inject(_fault(case, other))
        try:
            with session(board, using(case.chip, case.loader)) as talk:
                for _ in steps(talk, visit):
                    pass
        except StationError as error:
            assert not visit.passed
            visit.spoilt = error.code == "E215"
        board.unplug()
        board.disarm()  # a byte that was not reached (how often a sync is repeated depends on time)
        if visit.passed and not _holds(flashes[visit.married_to], OURS):
            visit.wrong = "PASS, and the board does not hold its identity"
        visit.erased_other = visit.married_to != OTHER_UID and _stored(other.silicon) != theirs
        if case.too_small and visit.married_to == UID:
            visit.wrong = "a flash that is too small was called large enough"
        for uid, silicon in flashes.items():
            board.unplug()
            board.silicon = silicon
            board.plug()
            if not (uid == UID and (case.too_small or visit.spoilt)):
                visit.wrong = visit.wrong or _put_in_again(board, case, uid, visit)
    for uid, silicon in flashes.items():
        touched = changed_pages(before[uid], whole(silicon))
        if (touched - OUR_PAGES and not (uid == UID and visit.spoilt)) or (touched and case.too_small and uid == UID):
            visit.wrong = visit.wrong or f"pages {sorted(map(hex, touched - OUR_PAGES))} of {uid} were changed"
    secret = OURS.primary.device_secret.reveal().encode()
    carriers = [uid for uid, silicon in flashes.items() if secret in whole(silicon)]
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
    match case.fault:
        case Swap.SWAP:
            trouble = CableTrouble.SWAP
        case Swap.VANISH | Swap.VANISH_OTHER:
            trouble = CableTrouble.UNPLUG
        case _:
            trouble = case.fault
    return Fault(trouble=trouble, toward=case.direction, at=case.at, other=other if swapped else None)


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
    for (step, direction), places in lengths_too_small(chip, loader, link).items():
        for fault in FAULTS:
            at = places if not per_class else chosen.sample(places, min(per_class, len(places)))
            cases += [Case(chip, loader, step, direction, place, fault, place % 2 == 0, too_small=True) for place in at]
    return cases


def _word(visit: Visit) -> str:
    if visit.spoilt:
        return WORDS[3]
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
