# SPDX-License-Identifier: GPL-3.0-or-later
"""A supervisor's work at the real bench: profiles and slots change, and no board is flashed under their hands."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from station.bench import setup as assembly
from station.codes import Code
from station.desk import dry_check, fitting
from station.errors import BoardFault, ConfigError, LedgerFault, NeedsPerson, PortFault, StationError
from station.events import SlotState
from station.model import BoardInfo, Language, State
from station.rules import Outcome
from station.targets import usb
from station.targets.slots import SeenPort, SlotSpec
from station.tui.app import BenchApp
from tests.tui.live_floor import Bench
from tests.tui.tui_floor import Floor
from tests.waiting import PATIENCE_S, until

PROFILES = ("up",) * 4 + ("enter",)


def config(bench: Bench) -> str:
    return (bench.demo.folder / "config" / "station.toml").read_text("utf-8")


def profile(bench: Bench, name: str, *changes: tuple[str, str]) -> None:
    """A profile beside the demo's, under its own name."""
    text = (bench.demo.folder / "demo.toml").read_text("utf-8").replace('name = "', f'name = "{name}-', 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (bench.demo.folder / f"{name}.toml").write_text(text, "utf-8")


def not_by_hand() -> None:
    raise AssertionError("this board needs nobody")


class Question:
    """Asked in a thread, as a screen does."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self._ask = ask
        self.answer: object = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.answer = self._ask()
        except StationError as error:
            self.answer = error.code

    def is_answered(self) -> object:
        """With what; by itself a wait would last a minute."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        return self.answer


class Sockets(list[str]):
    """USB sockets with a board in them; a test appends to it. No udev."""

    looks = 0

    def scan(self) -> list[SeenPort]:
        seen = [SeenPort(device=f"/dev/{n}", topology=path) for n, path in enumerate(self)]
        self.looks += 1
        return seen

    def are_watched(self) -> None:
        """Whoever learns a port knows by now what was there before, and looks on."""
        looks = self.looks
        until(lambda: self.looks > looks + 1)


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Sockets:
    there = Sockets()
    monkeypatch.setattr(usb, "scan", there.scan)
    return there


class Wait(threading.Event):
    """Whether a wait was given up; tells too when it is asked whether it was."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def is_set(self) -> bool:
        self.begun.set()
        return super().is_set()


def test_another_profile_is_used_from_the_next_board_on_and_after_the_next_start(bench: Bench) -> None:
    profile(bench, "other")
    (bench.demo.folder / "broken.toml").write_text("x =", "utf-8")
    rows = {row.name: row for row in bench.desk.profiles()}
    assert rows["demo"].in_use and not rows["other"].in_use and rows["broken"].trouble
    assert rows["broken"].trouble.code == "E111"
    bench.desk.use_profile(bench.grant(), "other")
    assert bench.desk.station().profile == f"other-{rows['demo'].name}".replace("demo", bench.demo.profile.name)
    assert tomllib.loads(config(bench))["bench"]["profile"] == "other"
    assert "# this bench's own settings" in config(bench) and "# what line 3 makes" in config(bench)
    bench.plug(0, "1")
    bench.reaches("1", SlotState.PASS)


def test_a_profile_without_products_is_said_in_the_list_and_cannot_end_the_bench(bench: Bench) -> None:
    products = f'products = ["{bench.demo.profile.products[0]}"]'
    profile(bench, "empty", (products, "products = []"))
    row = next(row for row in bench.desk.profiles() if row.name == "empty")
    assert row.trouble is not None and row.trouble.code == "E112"
    before = config(bench)
    with pytest.raises(ConfigError):
        bench.desk.use_profile(bench.grant(), "empty")
    assert bench.desk.station().profile == bench.demo.profile.name
    assert config(bench) == before
    bench.plug(0, "1")
    bench.reaches("1", SlotState.PASS)


def test_boards_that_are_done_are_not_touched_by_another_profile(bench: Bench) -> None:
    bench.demo.boards[0].troubles = {"flips_stored_byte": True}
    bench.plug(0, "1")
    assert bench.reaches("1", SlotState.FAIL).code == "E204"
    bench.plug(1, "2")
    bench.reaches("2", SlotState.PASS)
    until(lambda: not bench.desk.bench.writing)
    profile(bench, "other")
    bench.desk.use_profile(bench.grant(), "other")
    until(bench.looks_again())
    assert [e.state for e in bench.desk.bench.slots.snapshot()] == [SlotState.FAIL, SlotState.PASS]
    assert [v.outcome for v in bench.demo.ledger.visits.since(0)] == [Outcome.FAIL, Outcome.PASS]


def test_a_profile_that_cannot_be_kept_is_not_used(bench: Bench) -> None:
    profile(bench, "other")
    (bench.demo.folder / "config" / "station.toml").unlink()
    with pytest.raises(ConfigError):
        bench.desk.use_profile(bench.grant(), "other")
    assert bench.desk.bench.profile == bench.demo.profile


@pytest.mark.parametrize("change", ["profile", "slot", "dry check"])
def test_while_a_board_is_in_hand_nothing_is_changed_and_nothing_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """What the file has would come true at the next start."""
    profile(bench, "other")
    grant, before, given_up = bench.grant(), config(bench), threading.Event()
    given_up.set()
    changes: dict[str, Callable[[], object]] = {
        "profile": lambda: bench.desk.use_profile(grant, "other"),
        "slot": lambda: bench.desk.learn_slot(grant, "1", given_up),
        "dry check": lambda: bench.desk.dry_check("other", not_by_hand, given_up),
    }
    with monkeypatch.context() as in_hand, pytest.raises(NeedsPerson) as refused:
        in_hand.setattr(bench.desk.bench.slots, "busy", lambda: 1)
        changes[change]()
    assert refused.value.code == "E609"
    assert (config(bench), bench.desk.bench.profile) == (before, bench.demo.profile)
    assert not bench.desk.bench.slots.are_held


@pytest.mark.asyncio
async def test_a_board_plugged_in_for_a_dry_check_is_not_flashed_until_the_room_is_left(bench: Bench) -> None:
    profile(bench, "strict", ("target =", 'chips = ["another"]\ntarget ='))
    app = BenchApp(bench.desk, bench.desk.station(), Language.ENGLISH)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        floor = Floor(app, pilot, bench.desk)  # type: ignore[arg-type]
        await floor.press("f9", *"246810", "enter")
        await floor.sees("Supervisor: Li Wei")
        await floor.press(*PROFILES)
        await floor.sees("strict")
        await floor.press("down", "f5")
        await floor.sees("or the next one")
        bench.plug(0, "1")
        await floor.sees("✓ good   board uid", bench.demo.boards[0].uid, "✗ bad   chip")
        assert bench.demo.boards[0].holds() is None
        await floor.press("enter")
        await floor.sees("►  strict")
        await floor.press("escape", "escape")
        await floor.sees("E202")  # with the profile that was chosen, never with the one before it
    assert bench.demo.boards[0].holds() is None
    assert bench.demo.ledger.stock.by_state()[State.CONSUMED] == 0


@pytest.mark.parametrize("begun", [True, False])
def test_giving_up_ends_a_dry_checks_wait_whether_it_has_begun_or_not(bench: Bench, begun: bool) -> None:
    wait = Wait()
    if not begun:
        wait.set()
    check = Question(lambda: bench.desk.dry_check("demo", not_by_hand, wait))
    assert wait.begun.wait(PATIENCE_S)
    wait.set()
    assert check.is_answered() == ()
    bench.plug(0, "1")
    bench.reaches("1", SlotState.PASS)


def test_a_dry_check_waits_half_a_minute_for_a_board(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "BOARD_S", 0.2)
    with pytest.raises(PortFault, match="no board"):
        bench.desk.dry_check("demo", not_by_hand, Wait())


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("way", ["give up", "close"])
def test_giving_up_or_quitting_ends_the_wait_for_a_board_to_learn_whether_it_has_begun_or_not(
    bench: Bench, sockets: Sockets, way: str, begun: bool
) -> None:
    before, grant, wait = config(bench), bench.grant(), Wait()
    end = wait.set if way == "give up" else bench.desk.close
    if not begun:
        end()
    learning = Question(lambda: bench.desk.learn_slot(grant, "1", wait))
    assert wait.begun.wait(PATIENCE_S)
    if begun:
        end()
    assert learning.is_answered() == ""
    assert config(bench) == before


def test_a_board_that_comes_after_a_wait_was_given_up_is_the_next_waits(bench: Bench, sockets: Sockets) -> None:
    given_up = Wait()
    first = Question(lambda: bench.desk.learn_slot(bench.grant(), "1", given_up))
    second = Question(lambda: bench.desk.learn_slot(bench.grant(), "2", Wait()))
    given_up.set()
    assert first.is_answered() == ""
    sockets.are_watched()
    sockets.append("usb-1-9:1.0")
    assert second.is_answered() == "usb-1-9:1.0"
    assert [row.port for row in bench.desk.slots()] == [bench.demo.slots[0].path, "usb-1-9:1.0"]
    assert [slot["path"] for slot in tomllib.loads(config(bench))["slot"]][1] == "usb-1-9:1.0"


def test_no_board_is_flashed_while_a_slot_is_learned_and_one_that_is_done_is_left_alone(
    bench: Bench, sockets: Sockets
) -> None:
    bench.plug(0, "1")
    bench.reaches("1", SlotState.PASS)
    until(lambda: not bench.desk.bench.writing)
    learning = Question(lambda: bench.desk.learn_slot(bench.grant(), "3", Wait()))
    sockets.are_watched()
    bench.plug(1, "2")
    assert bench.reaches("2", SlotState.WAITING).code == "E611"
    sockets.append("usb-1-9:1.0")
    assert learning.is_answered() == "usb-1-9:1.0"
    bench.reaches("2", SlotState.PASS)
    assert bench.desk.station().slots == ("1", "2", "3")
    assert {e.slot: e.state for e in bench.desk.bench.slots.snapshot()} == {
        "1": SlotState.PASS,
        "2": SlotState.PASS,
        "3": SlotState.EMPTY,
    }


def test_a_port_that_cannot_be_kept_is_not_used(bench: Bench, sockets: Sockets, tmp_path: Path) -> None:
    (bench.demo.folder / "config" / "station.toml").write_text("[[slot", "utf-8")
    learning = Question(lambda: bench.desk.learn_slot(bench.grant(), "1", Wait()))
    assert learning.is_answered() == "E110"
    assert bench.desk.slots()[0].port == bench.demo.slots[0].path


def test_a_new_slot_has_a_number_that_the_file_does_not_know_either(bench: Bench, sockets: Sockets) -> None:
    """The run was begun with some of the file's slots only."""
    file = bench.demo.folder / "config" / "station.toml"
    file.write_text(f'{config(bench)}[[slot]]\nname = "3"\npath = "usb-1-3:1.0"\n', "utf-8")
    assert bench.desk.new_slot() == "4"
    before = config(bench)
    for slot, socket in (("3", "usb-1-9:1.0"), ("4", "usb-1-3:1.0")):
        sockets.clear()
        learning = Question(lambda slot=slot: bench.desk.learn_slot(bench.grant(), slot, Wait()))  # type: ignore[misc]
        sockets.are_watched()
        sockets.append(socket)
        assert learning.is_answered() == "E110"
        assert (config(bench), bench.desk.station().slots) == (before, ("1", "2"))


def test_one_socket_does_not_become_two_slots(bench: Bench, sockets: Sockets) -> None:
    """A run that was begun with a port has a slot that the file does not know."""
    bench.desk._fitting.slots = (SlotSpec(name="port1", path="usb-1-9"),)
    before = config(bench)
    learning = Question(lambda: bench.desk.learn_slot(bench.grant(), "3", Wait()))
    sockets.are_watched()
    sockets.append("usb-1-9:1.0")
    assert learning.is_answered() == "E110"
    assert config(bench) == before


def test_a_bench_with_sixteen_slots_in_its_file_gets_no_further_one(bench: Bench) -> None:
    more = "".join(f'[[slot]]\nname = "{n}"\npath = "usb-1-{n}:1.0"\n' for n in range(3, 17))
    (bench.demo.folder / "config" / "station.toml").write_text(config(bench) + more, "utf-8")
    with pytest.raises(ConfigError) as refused:
        bench.desk.new_slot()
    assert refused.value.code == "E115"


def test_nobody_waits_for_a_board_where_its_slot_could_not_be_kept(bench: Bench, sockets: Sockets) -> None:
    bench.desk._fitting._config_file = None
    for ask in (bench.desk.new_slot, lambda: bench.desk.learn_slot(bench.grant(), "1", Wait())):
        assert Question(ask).is_answered() == "E110"
    assert sockets == []


def out_of_order(*_: object, **__: object) -> None:
    raise LedgerFault("disk I/O error")


def test_a_slot_that_cannot_be_noted_is_not_assigned(
    bench: Bench, sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, before, ports = bench.grant(), config(bench), bench.desk.slots()
    monkeypatch.setattr(bench.demo.ledger.audit, "note", out_of_order)
    learning = Question(lambda: bench.desk.learn_slot(grant, "1", Wait()))
    sockets.are_watched()
    sockets.append("usb-1-9:1.0")
    assert learning.is_answered() == "E320"
    assert (config(bench), bench.desk.slots()) == (before, ports)
    assert not list((bench.demo.folder / "config").glob("*.new"))


@pytest.mark.parametrize("what_fails", ["note", "warm_up"])
def test_a_profile_that_cannot_be_noted_or_begun_is_not_chosen(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, what_fails: str
) -> None:
    profile(bench, "other")
    grant, before = bench.grant(), config(bench)
    monkeypatch.setattr(bench.demo.ledger.audit if what_fails == "note" else assembly, what_fails, out_of_order)
    with pytest.raises(LedgerFault):
        bench.desk.use_profile(grant, "other")
    assert (config(bench), bench.desk.bench.profile) == (before, bench.demo.profile)


class ByHand:
    """A board that tells who it is only while it starts, which a person makes it do: target and session in one."""

    instruction = identify_instruction = "switch the board off and on"

    def __init__(self) -> None:
        self.did: list[str] = []

    def open(self, *_: object, **__: object) -> ByHand:
        return self

    def identify(self) -> BoardInfo:
        self.did.append("identify")
        raise BoardFault("nobody answers", code=Code.E201)

    def close(self) -> None:
        self.did.append("close")


def test_who_checks_dry_is_told_to_switch_the_board_before_it_is_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = ByHand()
    monkeypatch.setattr(dry_check, "get_target", lambda _name: board)
    bench.desk.hold()
    bench.plug(0, "1")
    checks = bench.desk.dry_check("demo", lambda: board.did.append("told"), Wait())
    assert (board.did, [check.error.code for check in checks if check.error]) == (
        ["told", "identify", "close"],
        ["E201"],
    )
