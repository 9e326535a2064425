# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board of a bench: what it says is what is in the ledger, and it looks as its pictures show."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from station.codes import Code
from station.config.settings import Config, load
from station.desk.desk import SlotNow
from station.desk.wall_of_bench import WallOfBench
from station.errors import LedgerFault
from station.events import SlotState
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, VisitRow
from station.ledger.view import look_at
from station.model import BoardUid, Certificate, Identity, IdentityKind, Language, Provider, Secret
from station.people.shift import begin_shift
from station.rules import Outcome
from station.secrets.vault import Vault
from station.tui.wall import WallApp
from station.words.tongues import TONGUES
from tests.ledger.ledger_samples import evidence
from tests.tui.fake_desk import DOUBT, NOW, UID, FakeDesk, a_lock
from tests.tui.test_snapshots import EVERY_LOOK, LOST, README, SIZES, compare, looks
from tests.tui.tui_floor import Size
from tests.tui.wall_floor import on_wall

pytestmark = pytest.mark.asyncio

PROFILE = 'name = "{name}"\ntarget = "agent"\nproducts = ["{product}"]\n'
PLATES = (
    SlotNow(slot="1", state=SlotState.PASS, at=NOW),
    SlotNow(slot="2", state=SlotState.BUSY, uid=UID),
    SlotNow(slot="3", state=SlotState.FAIL, code=Code.E204, at=NOW),
    SlotNow(slot="4", state=SlotState.IN_DOUBT, code=Code.E311, uid=UID, at=NOW),
    SlotNow(slot="5", state=SlotState.LOCKED, code=Code.E602),
    SlotNow(slot="6", state=SlotState.ALREADY_DONE, at=NOW),
    SlotNow(slot="7", state=SlotState.NO_STOCK, code=Code.E500, at=NOW),
    SlotNow(slot="8"),
)


def a_desk() -> FakeDesk:
    """A shift that keeps its plan nearly, with every state on its plates."""
    desk = FakeDesk(in_doubt=(DOUBT, LOST), plates=PLATES)
    desk.figures = replace(desk.figures, plan=320, part_of_plan=312 / 320)
    return desk


# -- pictures ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def _same_time_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("bars", "plots", "plates"):
        monkeypatch.setattr(f"station.tui.{module}.clock", lambda at: "08:00")


@pytest.mark.usefixtures("_same_time_everywhere")
@EVERY_LOOK
async def test_the_wall_board(
    size: Size, language: Language, look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looks(monkeypatch, look)
    async with on_wall(WallApp(a_desk(), language), size) as wall:
        await wall.sees("E204", "E602", DOUBT.uid[-4:].upper())
        name = f"wall-{size[0]}x{size[1]}-{language}{look and f'-{look}'}"
        compare(name, wall.app.export_screenshot(title="station board"), tmp_path)


@pytest.mark.usefixtures("_same_time_everywhere")
@pytest.mark.parametrize(("language", "name"), [(Language.ENGLISH, "wall"), (Language.CHINESE, "wall-zh")])
async def test_the_picture_in_the_readme_is_of_this_one(language: Language, name: str, tmp_path: Path) -> None:
    async with on_wall(WallApp(a_desk(), language), (128, 36)) as wall:
        await wall.sees("E204", "E602")
        compare(name, wall.app.export_screenshot(title="station board"), tmp_path, README)


async def test_sixteen_slots_have_a_plate_each_on_the_smallest_screen() -> None:
    slots = tuple(SlotNow(slot=str(n), state=SlotState.FAIL, code=Code.E204) for n in range(1, 17))
    async with on_wall(WallApp(FakeDesk(plates=slots)), SIZES[0]) as wall:
        shown = await wall.sees(" 16 ")
        assert all(f" {slot.slot} " in shown for slot in slots)
        assert (shown.count("FAIL"), shown.count("E204")) == (1 + 16, 1 + 16)
        assert all(code in shown for code in ("E201", "E203"))  # the plots have room too


async def test_what_cannot_be_read_is_said_over_the_last_numbers_and_goes_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("station.tui.wall.REFRESH_S", 0.05)
    desk = a_desk()
    async with on_wall(WallApp(desk)) as wall:
        await wall.sees("E602", misses=("E320",))
        desk.unreadable = LedgerFault("the disk is gone", code=Code.E320)
        await wall.sees("E320", "E602", "Read-back differs")
        desk.unreadable = None
        await wall.sees("E602", misses=("E320",))


@pytest.mark.parametrize("language", list(Language))
async def test_nobody_is_asked_for_a_badge_where_there_is_no_scanner(language: Language) -> None:
    desk = FakeDesk(operator="")
    async with on_wall(WallApp(desk, language)) as wall:
        text = TONGUES[language].bench
        await wall.sees(text.since, misses=(text.nobody, text.operator))


async def test_a_lock_of_the_station_is_above_all() -> None:
    desk = FakeDesk(lock=a_lock(Code.E603, "5 of the last 10 failed"))
    async with on_wall(WallApp(desk)) as wall:
        await wall.sees("E603")


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
async def test_it_takes_no_input_but_its_keys(key: str) -> None:
    desk = FakeDesk()
    app = WallApp(desk)
    async with on_wall(app) as wall:
        await wall.pilot.press("space", "f9", "enter", "S", "N", "1", "escape", "ctrl+p", "tab")
        assert len(app.screen_stack) == 1
        assert desk.done == []
        await wall.pilot.press("f2")
        assert app.language is Language.CHINESE
        await wall.pilot.press(key)
        assert not app.is_running


# -- what it says is what is so ----------------------------------------------------------------------------------------


class Bench:
    """A ledger that the test writes, and a wall board that looks at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "profiles").mkdir()
        for name, product in (("cam", "a1Cam"), ("dome", "a1Dome")):
            (folder / "profiles" / f"{name}.toml").write_text(PROFILE.format(name=name, product=product))
        self.configure("cam")
        self.ledger = Ledger(folder / "ledger.db", Vault(bytes(32)))
        for product, count in (("a1Cam", 10), ("a1Dome", 3)):
            key = BatchKey(provider=Provider.LIVING, batch_id=f"of-{product}", product_key=product)
            names = [f"{product}{n}" for n in range(count)]
            self.ledger.receive(key, [Identity(primary=_certificate(product, name)) for name in names])
        begin_shift(self.ledger, "1042")

    def configure(self, profile: str) -> None:
        slots = "".join(f'[[slot]]\nname = "{n}"\npath = "usb-0:2:1.{n}"\n' for n in range(1, 7))
        text = f'[bench]\nname = "LINE-9"\nprofile = "{profile}"\nplan = 60\n{slots}'
        self.config = self.folder / "station.toml"
        before = self.config.stat().st_mtime_ns if self.config.exists() else 0
        self.config.write_text(text)
        os.utime(self.config, ns=(before + 10**9, before + 10**9))

    def read_config(self) -> Config:
        return load(self.config, {}, {})

    def flash(self, number: int, slot: str, *, doubt: Code | None = None) -> None:
        """With the stay that a bench writes."""
        uid = BoardUid(f"a0b1c2{number:06x}")
        claim = self.ledger.reserve(["a1Cam"], IdentityKind.SINGLE, uid, slot)
        self.ledger.begin(claim.attempt)
        outcome = Outcome.PASS
        if doubt:
            self.ledger.doubt(claim.attempt, doubt, "it was so")
            outcome = Outcome.FAIL if doubt.blame == "board" else Outcome.IN_DOUBT
        else:
            self.ledger.consume(claim.attempt, evidence(claim))
        self.stay(slot, outcome, doubt, uid=uid, identity=claim.attempt.identity_id)

    def stay(
        self, slot: str, outcome: Outcome, code: Code | None = None, *, uid: BoardUid | None = None, identity: int = 0
    ) -> None:
        visit = VisitRow(at=time.time(), slot=slot, outcome=outcome, code=code, board_uid=uid)
        self.ledger.visits.record(replace(visit, identity_id=identity or None))

    def wall(self) -> WallOfBench:
        return WallOfBench(look_at(self.folder / "ledger.db"), self.read_config(), self.read_config)


def _certificate(product: str, name: str) -> Certificate:
    return Certificate(product_key=product, device_name=name, device_secret=Secret("s3cret"))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_what_it_says_is_what_is_in_the_ledger(bench: Bench) -> None:
    for number in range(3):
        bench.flash(number, "1")
    bench.flash(3, "2", doubt=Code.E204)
    bench.flash(4, "3", doubt=Code.E311)
    bench.stay("4", Outcome.STATION_FAULT, Code.E500)
    bench.stay("5", Outcome.REMOVED)
    in_hand = bench.ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid("a0b1c2000009"), "6")
    bench.ledger.begin(in_hand.attempt)
    wall = bench.wall()
    counted, info = wall.counters(), wall.station()
    assert (counted.passed, counted.failed, counted.first_pass) == (3, 1, 0.75)
    assert (counted.ready, counted.in_doubt, counted.in_red_bin) == (10 - 6, 2, 1)
    assert (counted.seconds_left, counted.last_hour, counted.plan) == (None, 3, 60)
    assert (info.name, info.profile, info.product, info.batch) == ("LINE-9", "cam", "a1Cam", "of-a1Cam")
    assert [(one.slot, one.state, one.code) for one in wall.slots_now()] == [
        ("1", SlotState.PASS, None),
        ("2", SlotState.FAIL, Code.E204),
        ("3", SlotState.IN_DOUBT, Code.E311),
        ("4", SlotState.NO_STOCK, Code.E500),
        ("5", None, None),
        ("6", SlotState.BUSY, None),
    ]
    async with on_wall(WallApp(wall), (128, 36)) as board:
        told = "LINE-9   cam   a1Cam   batch of-a1Cam", "TO BE PUT BACK: 1", "in red bin: 1", "E500"
        shown = await board.sees(*told)
        assert "LASTS" in shown
        assert " d" not in shown.split("LASTS")[1].split("\n")[0]


async def test_a_slot_s_lock_and_a_doubt_come_and_go(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.tui.wall.REFRESH_S", 0.05)
    bench.flash(0, "3", doubt=Code.E311)
    async with on_wall(WallApp(bench.wall()), (128, 36)) as board:
        await board.sees("IN DOUBT", "TO BE PUT BACK: 1", misses=("E602",))
        bench.ledger.locks.lock("2", Code.E602, "three in a row")
        await board.sees("E602", "LOCKED")
        bench.ledger.locks.unlock("2", "the pin was bent", by="Li Wei")
        known = bench.ledger.bound_to(BoardUid("a0b1c2000000"))
        assert known is not None
        bench.ledger.retire(known.name, "scrapped", by="Li Wei")
        await board.sees("LINE-9", misses=("IN DOUBT", "TO BE PUT BACK", "E602"))


async def test_an_alarm_is_on_the_wall_until_it_is_lifted(bench: Bench) -> None:
    bench.stay("2", Outcome.ALARM, Code.E701, uid=BoardUid("a0b1c2000000"))
    bench.ledger.locks.lock(STATION, Code.E701, "clone")
    wall = bench.wall()
    wall.counters()
    assert {(one.state, one.code) for one in wall.slots_now()} == {(SlotState.LOCKED, Code.E701)}
    bench.ledger.locks.unlock(STATION, "set aside", by="Li Wei")
    assert {(one.state, one.code) for one in wall.slots_now()} == {(None, None)}


async def test_another_profile_is_seen_and_a_broken_configuration_is_not_taken(bench: Bench) -> None:
    wall = bench.wall()
    assert (wall.counters().ready, wall.station().product) == (10, "a1Cam")
    bench.configure("dome")
    assert (wall.counters().ready, wall.station().product) == (3, "a1Dome")
    bench.configure('dome"\nnonsense = "')
    assert (wall.counters().ready, wall.station().product) == (3, "a1Dome")


async def test_without_stock_it_is_said_in_the_header(bench: Bench) -> None:
    bench.configure("none")
    wall = bench.wall()
    assert (wall.counters().ready, wall.station().profile) == (13, "")
    bench.configure("dome")
    for number in range(3):
        bench.ledger.reserve(["a1Dome"], IdentityKind.SINGLE, BoardUid(f"d0{number:010x}"), "1")
    async with on_wall(WallApp(wall), (128, 36)) as board:
        await board.sees("NO STOCK")
