# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator does, on the real bench and ledger, with simulated boards that are opened afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from station.demo.kinds import DemoBoard
from station.ledger.values import BatchKey
from station.model import Certificate, CertName, Identity, IdentityKind, Language, Provider, Secret, State
from station.simulate.agent_board import SimulatedAgentBoard
from station.tui.app import BenchApp
from tests.tui.live_floor import PIN, Bench, live
from tests.tui.tui_floor import Floor, block

pytestmark = pytest.mark.asyncio
LONG = 20.0


@asynccontextmanager
async def screen(bench: Bench, size: tuple[int, int] = (120, 30)) -> AsyncIterator[Floor]:
    app = BenchApp(bench.desk, bench.desk.station(), Language.ENGLISH)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Floor(app, pilot, bench.desk)  # type: ignore[arg-type]


async def supervise(floor: Floor, room: int) -> None:
    await floor.press("f9")
    await floor.sees("Supervisor PIN: Li Wei")
    await floor.press(*PIN, "enter")
    await floor.sees("Supervisor: Li Wei")
    await floor.press(*["down"] * room, "enter")


def tile(shown: str, slot: int, of: int = 2, width: int = 120) -> str:
    """A column of the screen: the tile of a slot where all stand side by side."""
    wide = width // of
    return "\n".join(line[(slot - 1) * wide : slot * wide] for line in shown.splitlines())


async def test_a_board_that_reads_back_something_else_goes_to_the_red_bin_and_passes_when_it_was_mended(
    bench: Bench,
) -> None:
    bench.demo.boards[0].troubles = {"flips_stored_byte": True}
    async with screen(bench) as floor:
        bench.plug(0, "1")
        await floor.sees("Red bin – E204", "Read-back differs", within_s=LONG)
        await floor.sees("bin 1")
        bench.unplug(0)
        await floor.misses("Red bin – E204", within_s=LONG)
        bench.plug(0, "2")
        await floor.sees("Remove board", within_s=LONG)
        await floor.misses("bin 1")
    row = bench.demo.ledger.certificates.page(state=State.CONSUMED)[0]
    held = bench.demo.boards[0].holds()
    assert held is not None and held[0][1] == row.name.device_name
    assert row.attempt > 1


async def test_a_board_pulled_while_it_is_written_is_put_back_in_another_slot_and_gets_the_same_identity(
    bench: Bench,
) -> None:
    bench.demo.boards[0].troubles = {"cut_at": 3}
    async with screen(bench) as floor:
        bench.plug(0, "1")
        tail = bench.demo.boards[0].uid[-4:].upper()
        await floor.sees("TO BE PUT BACK: 1", f"Put board …{tail} back in any slot", within_s=LONG)
        married = bench.demo.ledger.certificates.page(state=State.IN_DOUBT)[0].name
        bench.unplug(0)
        bench.plug(1, "1")  # somebody goes on with the next board
        await floor.sees("Remove board", "TO BE PUT BACK: 1", within_s=LONG)
        bench.plug(0, "2")
        await floor.misses("TO BE PUT BACK: 1", within_s=LONG)
        await floor.misses("back in any slot", within_s=LONG)
        await floor.until(lambda: floor.screen().count("Remove board") == 2, within_s=LONG)
    held = [board.holds() for board in bench.demo.boards[:2]]
    assert held[0] is not None and held[0][0][:2] == (married.product_key, married.device_name)
    assert held[1] is not None and held[1] != held[0]


async def test_a_done_board_takes_nothing_when_it_comes_again(bench: Bench) -> None:
    async with screen(bench) as floor:
        bench.plug(0, "1")
        await floor.sees("Remove board", within_s=LONG)
        bench.unplug(0)
        await floor.misses("Remove board", within_s=LONG)
        bench.plug(0, "2")
        await floor.sees("it was done before", within_s=LONG)
    assert bench.demo.ledger.stock.by_state()[State.READY] == 3


async def test_two_boards_with_one_uid_are_not_both_flashed(bench: Bench) -> None:
    first = bench.demo.boards[0]
    twin = DemoBoard(first.uid, first.store.with_name("twin.bin"), first.kind)
    async with screen(bench) as floor:
        bench.plug(0, "1")
        await floor.sees("Remove board", within_s=LONG)
        twin.plug(bench.demo.fixtures["2"])
        try:
            await floor.sees("This board is in another slot too", "Take this one out – E210", within_s=LONG)
        finally:
            twin.unplug()
    assert twin.holds() is None
    assert bench.demo.ledger.stock.by_state()[State.CONSUMED] == 1


async def test_three_failures_lock_the_slot_until_a_supervisor_has_looked_at_it(bench: Bench) -> None:
    async with screen(bench) as floor:
        for board in range(3):
            bench.demo.boards[board].troubles = {"flips_stored_byte": True}
            bench.plug(board, "1")
            await floor.sees("Red bin – E204", within_s=LONG)
            bench.unplug(board)
            if board < 2:
                await floor.misses("Red bin – E204", within_s=LONG)
        await floor.sees("Call supervisor – E602", within_s=LONG)  # also while it is empty
        bench.plug(3, "1")
        await floor.until(lambda: bench.desk.bench.slots["1"].port)
        await floor.until(bench.looks_again())
        assert bench.demo.boards[3].holds() is None
        await supervise(floor, 5)
        await floor.sees("failures in a row", "LOCKED")
        await floor.press("down", "enter")
        await floor.sees("Unlock slot 1. What was done about it?")
        await floor.press(*"needle replaced", "enter")
        await floor.misses("failures in a row")
        await floor.press("escape", "escape")
        await floor.sees("Remove board", within_s=LONG)
    assert bench.demo.boards[3].holds() is not None


async def test_five_failures_of_ten_lock_the_station(bench: Bench) -> None:
    async with screen(bench) as floor:
        for slot, board in (("1", 0), ("2", 1), ("1", 2), ("2", 3), ("1", 0)):
            bench.demo.boards[board].troubles = {"flips_stored_byte": True}
            bench.plug(board, slot)
            await floor.sees("Red bin – E204", within_s=LONG)
            bench.unplug(board)
            await floor.misses("Red bin – E204", within_s=LONG)
        await floor.sees("E603  Station locked", within_s=LONG)
        await floor.until(lambda: floor.screen().count("Call supervisor – E603") == 2, within_s=LONG)
        await supervise(floor, 5)
        await floor.sees("Whole station", "LOCKED")
        await floor.press("enter")
        await floor.sees("Unlock Whole station")
        await floor.press(*"cables changed", "enter")
        await floor.press("escape", "escape")
        await floor.misses("E603", within_s=LONG)
        bench.plug(1, "1")
        await floor.sees("Remove board", within_s=LONG)


async def test_the_language_changes_while_a_board_is_written_and_nothing_else_does(bench: Bench) -> None:
    slow = SimulatedAgentBoard(
        "de000000000000aa", bench.demo.folder / "slow.bin", bench.demo.fixtures["1"], latency_s=0.25
    )
    async with screen(bench) as floor:
        with slow:
            await floor.sees("writing", "Hands off", within_s=LONG)
            await floor.press("f2")
            await floor.sees("请勿触碰")
            await floor.press("ctrl+q")
            await floor.sees("现在不能结束")
            await floor.sees("请取出板卡", within_s=LONG)
    assert bench.demo.ledger.stock.by_state()[State.CONSUMED] == 1


async def test_the_cloud_goes_down_while_boards_are_flashed(bench: Bench) -> None:
    bench.demo.cloud.stop()
    async with screen(bench) as floor:
        await supervise(floor, 0)
        await floor.press("f4", *"99999999", "enter")
        await floor.sees("E401", within_s=60.0)
        await floor.press("escape", "escape")
        await floor.sees("Cloud not reached", "Go on while identities last")
        bench.plug(0, "1")
        await floor.sees("Remove board", "Cloud not reached", within_s=LONG)
        await floor.press("space")
        await floor.misses("Cloud not reached")


async def test_stock_runs_out_and_the_waiting_board_goes_on_when_more_arrives(bench: Bench) -> None:
    ledger = bench.demo.ledger
    key = bench.demo.profile.products[0]
    for row in ledger.certificates.page(state=State.READY)[1:]:
        ledger.retire(row.name, "test", by="Li Wei")
    async with screen(bench) as floor:
        bench.plug(0, "1")
        await floor.sees("Remove board", within_s=LONG)
        bench.plug(1, "2")
        await floor.sees("No identities left", within_s=LONG)
        more = Certificate(product_key=key, device_name="late-1", device_secret=Secret("Secret-late-1"))
        batch = BatchKey(provider=Provider.LIVING, batch_id="77", product_key=key)
        ledger.receive(batch, [Identity(primary=more)])
        await floor.sees("late-1", within_s=LONG)
        await floor.misses("No identities left", within_s=LONG)
        await floor.until(bench.demo.boards[1].holds, within_s=LONG)  # its name is shown before it is written
    held = bench.demo.boards[1].holds()
    assert held is not None and held[0][1] == "late-1"


async def test_an_nvr_gets_its_whole_set(tmp_path: Path) -> None:
    with live(tmp_path, channels=3) as bench:
        async with screen(bench) as floor:
            bench.plug(0, "1")
            await floor.sees("Remove board", "+ 3 channels", within_s=LONG)
        held = bench.demo.boards[0].holds()
        assert held is not None and len(held) == 4


async def test_the_members_of_a_set_go_to_boards_of_their_own_and_the_screen_says_what_is_missing(bench: Bench) -> None:
    nvr, camera = (
        Certificate(product_key=product, device_name=name, device_secret=Secret(f"Secret-{name}"))
        for product, name in (("a1Nvr", "nvr-1"), ("a1Ipc", "ipc-1"))
    )
    whole = Identity(primary=nvr, channels=(camera,), kind=IdentityKind.SET)
    ledger, folder = bench.demo.ledger, bench.demo.folder
    ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="78", product_key="a1Nvr"), [whole])
    text = bench.demo.boards[0].kind.profile_for("a1Nvr", "nvr-members")
    (folder / "members.toml").write_text(text.replace('"a1Nvr"', '"a1Nvr", "a1Ipc"'), "utf-8")
    bench.desk.use_profile(bench.grant(), "members")
    async with screen(bench, (160, 30)) as floor:
        bench.plug(0, "1")
        await floor.sees("channel 1 of nvr-1, 1 still missing", "NVR set nvr-1: 1 of 2 done", within_s=LONG)
        bench.plug(1, "2")
        await floor.sees("NVR of nvr-1, 0 still missing", "NVR set nvr-1: 2 of 2 done", within_s=LONG)
    names = {CertName(*certificate[:2]) for board in bench.demo.boards[:2] for certificate in board.holds() or ()}
    assert names == {nvr.name, camera.name}


async def test_a_big_word_is_seen_for_each_end(bench: Bench) -> None:
    async with screen(bench, (200, 50)) as floor:
        await floor.sees("Put a board in")
        bench.plug(0, "1")
        shown = await floor.sees("Remove board", within_s=LONG)
        assert any(block("PASS", rows, 90) in tile(shown, 1, 2, 200) for rows in range(5, 40))
