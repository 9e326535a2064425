# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator does at the bench, key by key and board by board."""

from __future__ import annotations

import gc
import re
import warnings
from dataclasses import replace

import pytest
from textual import events

from station.codes import Blame, Code
from station.desk.desk import Scanned
from station.errors import CloudUnreachable, LedgerFault, NeedsPerson
from station.events import Phase, SlotState
from station.ledger.trouble import Trouble
from station.model import Language
from station.tui.grid import SlotGrid
from station.tui.screens.alarm import Alarm
from station.tui.screens.bench import BenchScreen
from station.tui.screens.looked_up import LookedUp
from station.tui.screens.room import may_be_seen
from station.tui.screens.sure import Sure
from tests.tui.fake_desk import DOUBT, UID, FakeDesk, a_lock
from tests.tui.fingers import has_come, post, unhurried
from tests.tui.tui_floor import block, floor

pytestmark = pytest.mark.asyncio
BOARD = {"uid": UID, "device_name": "cam_0007"}


async def test_plug_pass_remove() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        bench.desk.slot("1", SlotState.EMPTY)
        await bench.sees("Put a board in")
        bench.desk.slot("1", SlotState.BUSY, phase=Phase.WRITE, percent=45, **BOARD)
        await bench.sees("writing", "45 %", "Hands off", "…00A1")
        bench.desk.slot("1", SlotState.PASS, **BOARD)
        await bench.sees("Remove board")
        bench.desk.slot("1", SlotState.EMPTY)
        await bench.misses("Remove board")


async def test_a_failed_board_goes_to_the_red_bin_with_its_error() -> None:
    async with floor() as bench:
        bench.desk.slot("2", SlotState.FAIL, code=Code.E204, blame=Blame.BOARD, **BOARD)
        await bench.sees("Red bin – E204", "Read-back differs")


async def test_a_station_fault_does_not_send_the_board_to_the_red_bin() -> None:
    async with floor() as bench:
        bench.desk.slot("2", SlotState.WAITING, code=Code.E311, blame=Blame.STATION, **BOARD)
        shown = await bench.sees("E311")
        assert "Red bin" not in shown
        await bench.press("space")
        await bench.until(lambda: ("confirm",) in bench.desk.done)


async def test_a_board_in_doubt_stays_on_the_screen_until_it_is_put_back_and_passes() -> None:
    async with floor(FakeDesk(slot_count=4)) as bench:
        bench.desk.in_doubt = (DOUBT,)
        bench.desk.slot("3", SlotState.IN_DOUBT, code=Code.E601, **BOARD)
        await bench.sees("TO BE PUT BACK: 1", "Put board …00A1 back in any slot")
        bench.desk.slot("4", SlotState.EMPTY)
        await bench.sees("TO BE PUT BACK: 1")
        bench.desk.slot("1", SlotState.BUSY, phase=Phase.VERIFY, percent=60, **BOARD)
        bench.desk.in_doubt = ()
        bench.desk.slot("1", SlotState.PASS, **BOARD)
        bench.desk.slot("3", SlotState.EMPTY)
        await bench.sees(block("REMOVE BOARD", 3, 58))
        await bench.misses("TO BE PUT BACK: 1")
        await bench.misses("back in any slot")  # slot 3, which it had left, no longer asks for it


async def test_a_board_that_was_done_before_says_so() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        bench.desk.slot("1", SlotState.ALREADY_DONE, **BOARD)
        await bench.sees("Remove board, it was done before")


async def test_the_same_board_in_two_slots_is_refused() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        bench.desk.slot("2", SlotState.FAIL, code=Code.E210, blame=Blame.BOARD, **BOARD)
        await bench.sees("This board is in another slot too", "Take this one out – E210")


async def test_the_language_changes_in_the_middle_of_a_write_and_numbers_do_not() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        bench.desk.slot("1", SlotState.BUSY, phase=Phase.WRITE, percent=45, **BOARD)
        await bench.sees("Hands off", "1234")
        await bench.press("f2")
        shown = await bench.sees("请勿触碰", "烧录", "直通率", "45 %", "1234", "cam_0007")
        assert "Hands off" not in shown
        await bench.press("f2")
        await bench.sees("Hands off")


async def test_no_text_from_outside_can_break_the_screen() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        for hostile in ("[bold]x[/]", "[/nonsense", "[@click=app.quit()]a[/]", "\\[", "价格 [link=x]"):
            bench.desk.slot("1", SlotState.FAIL, code=Code.E200, what=hostile, device_name=hostile, blame=Blame.BOARD)
            bench.desk.notice(Code.E399, hostile)
            bench.desk.emit(Scanned(text=hostile))
            await bench.sees("Scanned", hostile, "E399")


async def test_a_scan_is_echoed_large_and_what_it_did_is_said() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        await bench.scan("SN42")
        await bench.sees("Scanned: SN42", "Label for slot 2", block("SN42", 4))
        assert ("scan", "SN42") in bench.desk.done
        await bench.scan("ZZ")
        await bench.sees("Unknown code, nothing changed")
        await bench.scan("]C142")
        await bench.sees("No board label: scan the board's own")


async def test_a_badge_names_the_operator() -> None:
    async with floor() as bench:
        await bench.sees("Operator: 1042")
        await bench.scan("OP7")
        await bench.sees("Operator: 7")


async def test_a_printed_barcode_confirms_like_the_space_bar() -> None:
    async with floor() as bench:
        await bench.scan("CONFIRM")
        await bench.sees("Confirmed")
        assert ("confirm",) in bench.desk.done
        assert ("scan", "CONFIRM") not in bench.desk.done


async def test_quitting_is_refused_while_a_slot_writes() -> None:
    async with floor(FakeDesk(slot_count=2), ended_by_anyone=True) as bench:
        bench.desk.slot("2", SlotState.BUSY, phase=Phase.WRITE, percent=10)
        await bench.sees("writing")
        await bench.press("ctrl+q")
        await bench.sees("Cannot end now: slot 2 is writing")
        bench.desk.slot("2", SlotState.PASS)
        await bench.sees("Remove board")
        await bench.press("ctrl+c")
        await bench.sees("End this station?")
        await bench.press("escape")
        await bench.misses("End this station?")
        assert ("close",) not in bench.desk.done
        await bench.press("ctrl+q", "space")
        await bench.until(lambda: not bench.app.is_running)
        assert ("close",) in bench.desk.done


async def test_the_desk_has_the_last_word_on_quitting() -> None:
    desk = FakeDesk(closing=NeedsPerson("a board came in", do="wait"))
    async with floor(desk, ended_by_anyone=True) as bench:
        await bench.press("ctrl+q", "space")
        await bench.sees("a board came in")
        assert bench.app.is_running


async def test_a_cloud_that_is_down_is_said_while_the_slots_go_on() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        bench.desk.notice(Code.E401, "no route")
        bench.desk.slot("1", SlotState.PASS, **BOARD)
        await bench.sees("E401", "Cloud not reached", "Go on while identities last", "Remove board")
        await bench.press("space")
        await bench.misses("Cloud not reached")


async def test_stock_that_runs_out_is_seen_before_and_when_it_happens() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        await bench.sees("8120", "26 h")
        bench.desk.figures = replace(bench.desk.figures, ready=0, seconds_left=0.0)
        bench.desk.slot("1", SlotState.NO_STOCK, code=Code.E500, **BOARD)
        await bench.sees("0 min", "No identities left")
        await bench.until(lambda: "NO STOCK" in bench.screen().splitlines()[0])


async def test_an_nvr_set_on_one_board_shows_its_channels() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        bench.desk.slot("1", SlotState.PASS, uid=UID, device_name="nvr_0001", channels=16)
        await bench.sees("nvr_0001", "+ 16 channels")


async def test_a_member_of_an_nvr_set_shows_its_channel_and_what_is_missing() -> None:
    async with floor(FakeDesk(slot_count=2), size=(160, 30)) as bench:
        bench.desk.nvr_set(done=3, total=5)
        bench.desk.slot("1", SlotState.PASS, device_name="ipc_3", set_name="nvr_0001", channel=3, set_missing=2)
        bench.desk.slot("2", SlotState.PASS, device_name="nvr_0001", set_name="nvr_0001", channel=0, set_missing=0)
        await bench.sees("channel 3 of nvr_0001", "2 still missing", "NVR of nvr_0001", "NVR set nvr_0001: 3 of 5 done")


async def test_the_set_in_work_is_named_on_the_smallest_screen_with_sixteen_slots() -> None:
    async with floor(FakeDesk(slot_count=16, in_doubt=(DOUBT,)), size=(80, 24)) as bench:
        await bench.press("space")
        bench.desk.nvr_set(done=3, total=5)
        await bench.sees("NVR set nvr_0001: 3 of 5 done, 2 still missing", "TO BE PUT BACK: 1")
        bench.desk.slot("16", SlotState.FAIL, code=Code.E204, blame=Blame.BOARD, **BOARD)
        await bench.sees("Red bin – E204")


async def test_after_a_pulled_plug_the_first_screen_says_what_is_in_doubt() -> None:
    async with floor(FakeDesk(in_doubt=(DOUBT,))) as bench:
        await bench.sees("Put each of these boards back", "cam_0007", "Put back …00A1")
        await bench.press("space")
        await bench.misses("Put each of these boards back")
        await bench.sees("TO BE PUT BACK: 1")


@pytest.mark.parametrize(
    ("count", "size"), [(1, (80, 24)), (2, (120, 30)), (9, (80, 24)), (200, (80, 24)), (200, (120, 30))]
)
async def test_however_many_are_in_doubt_the_way_on_and_what_to_do_stay_visible(
    count: int, size: tuple[int, int]
) -> None:
    doubts = tuple(replace(DOUBT, name=f"a1/cam_{n}", uid=f"a4cf12bc{n:04x}", red_bin=n % 3 == 1) for n in range(count))
    async with floor(FakeDesk(in_doubt=doubts), size) as bench:
        kept = sum(doubt.red_bin for doubt in doubts)
        shown = await bench.sees("Put each of these boards back", "Put back …0000", "Space: go on")
        quiet = f"in red bin: {kept}"
        assert (quiet in shown) == (kept > 0)
        assert "Keep …" not in shown
        await bench.press("space")
        banner = (await bench.sees(f"TO BE PUT BACK: {count - kept}")).splitlines()[1]
        assert "…0000" in banner
        assert (quiet in banner) == (kept > 0)


async def test_on_a_large_screen_what_is_wrong_and_in_doubt_is_in_block_letters_and_moves_no_tile() -> None:
    waits = replace(DOUBT, name="a1/cam_9", uid="a4cf12bc0c7f")
    async with floor(size=(200, 50)) as bench:
        grid = bench.app.bench.query_one(SlotGrid)
        await bench.sees("Put a board in")
        before = grid._tile_size()
        bench.desk.in_doubt = (DOUBT, waits)
        bench.desk.lock = a_lock(Code.E603, "5 failures in the last 10 boards")
        await bench.sees(block("PUT BACK 00A1 0C7F", 4, 98), block("E603 CALL THE SUPERVISOR", 4, 98))
        bench.desk.in_doubt = tuple(replace(DOUBT, name=f"a1/cam_{n}", uid=f"a4cf12bc{n:04x}") for n in range(9))
        await bench.sees(block("PUT BACK 0000 0001 +7", 4, 98))
        await bench.press("f2")
        await bench.sees(block("E603 叫班长", 4, 98))
        assert grid._tile_size() == before


async def test_boards_in_the_red_bin_are_a_quiet_number_and_ask_for_nothing() -> None:
    kept = tuple(replace(DOUBT, name=f"a1/cam_{n}", red_bin=True) for n in range(4))
    async with floor(FakeDesk(in_doubt=kept)) as bench:
        shown = await bench.sees("bin 4")
        assert isinstance(bench.app.screen, BenchScreen), "no dialog at the start"
        assert "TO BE PUT BACK" not in shown
        assert "PUT BACK" in shown  # the figure's name


async def test_an_alarm_fills_the_screen_until_a_supervisor_lifts_it() -> None:
    async with floor() as bench:
        bench.desk.notice(Code.E701, "cam_0007 on two boards", serious=True)
        await bench.sees("Clone: identity on two boards", "cam_0007 on two boards", "Stop all work")
        await bench.press("escape", "space")
        assert isinstance(bench.app.screen, Alarm)
        await bench.press("f9", *"2468", "enter")
        await bench.sees("Unlock Whole station")
        await bench.press(*"checked", "enter")
        await bench.misses("Stop all work")
        assert ("unlock_slot", "Li Wei", None, "checked") in bench.desk.done


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.ENGLISH, "Slot 2: board a4cf1204 – take it out, set it aside"),
        (Language.CHINESE, "2 号位：板卡 a4cf1204 – 取出，单独隔离"),
    ],
)
async def test_an_alarm_names_its_slot_and_board_also_when_the_board_is_taken_out(
    language: Language, said: str
) -> None:
    async with floor(language=language) as bench:
        bench.desk.notice(Code.E701, "cam_0007 on two boards", serious=True)
        bench.desk.slot("2", SlotState.LOCKED, uid="a4cf1204", code=Code.E701, what="cam_0007 on two boards")
        bench.desk.slot("1", SlotState.FAIL, uid="a4cf1205", code=Code.E204)
        bench.desk.lock = a_lock(Code.E701, "cam_0007 on two boards")
        shown = await bench.sees(said)
        assert "a4cf1205" not in shown
        bench.desk.slot("2", SlotState.LOCKED, code=Code.E701)
        bench.desk.notice(Code.E705, "cam_0009 was never sent", serious=True)
        await bench.sees("cam_0009 was never sent", said)


async def test_a_supervisor_may_look_the_board_of_an_alarm_up_before_it_is_lifted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with floor(FakeDesk(lock=a_lock(Code.E701, "cam_0007 on two boards"))) as bench:
        bench.desk.slot("2", SlotState.LOCKED, uid=UID, code=Code.E701)
        await bench.sees(f"Slot 2: board {UID}")
        await bench.press("f3", *"2468", "enter")
        await bench.sees(f"Board {UID}", "a1B2c3D4e5F/cam_0007")
        await bench.press("escape")
        assert isinstance(bench.app.screen, Alarm)
        await bench.press("f3", *"2468", "enter")
        await bench.until(lambda: isinstance(bench.app.screen, LookedUp))
        monkeypatch.setattr("station.tui.screens.looked_up.IDLE_S", 0.0)
        await bench.until(lambda: isinstance(bench.app.screen, Alarm))


async def test_a_second_alarm_is_shown_below_the_first_and_a_repeated_one_once() -> None:
    async with floor() as bench:
        bench.desk.notice(Code.E701, "cam_0007 on two boards", serious=True)
        bench.desk.notice(Code.E701, "cam_0007 on two boards", serious=True)
        await bench.sees("cam_0007 on two boards")
        bench.desk.notice(Code.E705, "cam_0009 was never sent", serious=True)
        shown = await bench.sees("cam_0009 was never sent")
        assert shown.count("cam_0007 on two boards") == 1
        assert sum(isinstance(screen, Alarm) for screen in bench.app.screen_stack) == 1


async def test_two_alarms_that_come_at_once_are_one_screen() -> None:
    async with floor() as bench:
        for what in ("cam_0007 on two boards", "cam_0009 on two boards"):
            bench.desk.notice(Code.E701, what, serious=True)
        await bench.sees("cam_0007 on two boards", "cam_0009 on two boards")
        assert bench.app.is_running


async def test_an_alarm_that_comes_while_a_pin_is_looked_at_is_not_taken_away_with_it() -> None:
    desk = FakeDesk()
    async with floor(desk) as bench:
        await bench.press("f9")
        await bench.sees("Supervisor PIN: Li Wei")
        desk.slow_s = 0.6
        await bench.press(*"2468", "enter")
        desk.notice(Code.E701, "cam_0007 on two boards", serious=True)
        await bench.sees("cam_0007 on two boards")
        desk.slow_s = 0.0
        await bench.pilot.pause(1.5)
        await bench.sees("cam_0007 on two boards")
        assert isinstance(bench.app.screen, Alarm)
        await bench.press("f9")
        await bench.sees("Supervisor PIN: Li Wei")
        await bench.press(*"2468", "enter")
        await bench.sees("Unlock Whole station")
        await bench.press(*"checked", "enter")
        await bench.sees("Supervisor: Li Wei")  # the menu that the first PIN was for


async def test_an_alarm_that_was_lifted_elsewhere_goes_and_one_that_nobody_lifted_stays() -> None:
    desk = FakeDesk(lock=a_lock(Code.E701, "clone: board a1 carries cam_0007"))
    async with floor(desk) as bench:
        await bench.sees("board a1 carries cam_0007")
        desk.lock = None
        await bench.misses("board a1 carries cam_0007")
        desk.notice(Code.E703, "a secret does not open", serious=True)
        await bench.sees("a secret does not open")
        await bench.pilot.pause(2.5)
        assert isinstance(bench.app.screen, Alarm)


@pytest.mark.parametrize(
    ("trouble", "language", "said"),
    [
        (Trouble.WITNESS, Language.ENGLISH, "older copy"),
        (Trouble.MACHINE, Language.ENGLISH, "belongs to another PC"),
        (Trouble.FILE, Language.CHINESE, "账本文件丢失或被替换"),
    ],
)
async def test_a_ledger_set_back_fills_the_screen_and_no_unlock_is_offered(
    trouble: Trouble, language: Language, said: str
) -> None:
    desk = FakeDesk(lock=a_lock(Code.E702, f"{trouble}: board a1"))
    async with floor(desk, language=language) as bench:
        shown = await bench.sees(said)
        assert "F9" not in shown, "a key that does nothing is not offered"
        await bench.press("f9")
        await bench.sees("E614")
        await bench.press("escape")
        assert isinstance(bench.app.screen, Alarm)


async def test_a_stray_key_does_not_swallow_the_space_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    async with floor() as bench:
        await bench.press("x")
        await bench.pilot.pause(0.4)
        await bench.press("space")
        await bench.until(lambda: ("confirm",) in bench.desk.done)


async def test_an_alarm_that_locked_the_station_is_an_alarm_again_after_a_restart() -> None:
    desk = FakeDesk(lock=a_lock(Code.E701, "clone: board a1 carries cam_0007, which belongs to board a2"))
    async with floor(desk, language=Language.CHINESE) as bench:
        await bench.sees("重号：两块板证书相同", "该证书属于板卡 a2", "不要动任何板卡")
        await bench.press("f9", *"2468", "enter")
        await bench.sees("请填处理措施")
        await bench.press(*"checked", "enter")
        await bench.misses("不要动任何板卡")
        await bench.misses("E701")


async def test_a_locked_station_is_said_until_it_is_unlocked() -> None:
    async with floor(FakeDesk(lock=a_lock(Code.E603, "5 failures in the last 10 boards"))) as bench:
        await bench.sees("E603", "Station locked")
        bench.desk.lock = None
        await bench.misses("Station locked")


async def test_a_ledger_that_fails_is_a_dialog_with_what_to_do_not_a_crash() -> None:
    desk = FakeDesk()
    async with floor(desk) as bench:
        desk.trouble = CloudUnreachable("no route", do="check the cable")
        await bench.scan("SN1")
        await bench.sees("E401", "no route", "check the cable")
        await bench.press("space")
        await bench.misses("check the cable")


async def test_there_is_no_command_palette_and_no_focus_on_the_bench() -> None:
    async with floor() as bench:
        await bench.press("ctrl+p", "tab", "escape")
        assert bench.app.screen is bench.app.bench
        assert bench.app.focused is None


async def test_only_a_supervisor_ends_the_station() -> None:
    async with floor() as bench:
        await bench.press("ctrl+q", "space")
        await bench.sees("Supervisor PIN: Li Wei")
        await bench.press("ctrl+c", *"1111", "enter")
        await bench.sees("Wrong PIN")
        await bench.press("escape")
        await bench.misses("Supervisor PIN")
        assert ("close",) not in bench.desk.done
        await bench.press("ctrl+q", "space")
        await bench.sees("Supervisor PIN: Li Wei")
        await bench.press(*"2468", "enter")
        await bench.until(lambda: not bench.app.is_running)
        assert ("close",) in bench.desk.done


async def test_where_nobody_has_a_pin_anyone_ends_the_station() -> None:
    async with floor(FakeDesk(people=())) as bench:
        await bench.press("ctrl+q", "space")
        await bench.until(lambda: not bench.app.is_running)


async def test_a_scan_steps_aside_for_the_tile_below_it_that_changes_and_is_still_said() -> None:
    async with floor(FakeDesk(slot_count=8), (80, 24)) as bench:
        bench.desk.slot("8", SlotState.BUSY, phase=Phase.WRITE, percent=10)
        await bench.sees("Hands off")
        await bench.scan("SN42")
        await bench.sees("Label for slot 2", block("SN42", 4, 78))
        bench.desk.slot("1", SlotState.PASS)  # in the upper row
        await bench.sees("Remove board")
        bench.desk.slot("8", SlotState.FAIL, code=Code.E204, blame=Blame.BOARD)
        await bench.sees("Red bin", "Scanned: SN42  –  Label for slot 2")
        assert block("SN42", 4, 78) not in bench.screen()
        await bench.press("f2", "f2")
        await bench.scan("SN43")
        await bench.sees("Label for slot 2", block("SN43", 4, 78))


async def test_one_ask_to_leave_at_a_time() -> None:
    async with floor() as bench:
        await bench.press("ctrl+q", "ctrl+q")
        assert sum(isinstance(screen, Sure) for screen in bench.app.screen_stack) == 1


async def test_the_ui_thread_asks_the_desk_nothing() -> None:
    import threading

    desk = FakeDesk()
    info = desk.station()
    desk.threads.clear()
    from station.tui.app import BenchApp

    app = BenchApp(desk, info, Language.ENGLISH)
    async with app.run_test() as pilot:
        await pilot.press("space", "S", "N", "enter", "f9", *"2468", "enter", "enter")
        await pilot.pause(0.2)
    assert desk.threads
    assert threading.get_ident() not in desk.threads


async def test_a_slow_desk_does_not_hold_up_a_key() -> None:
    async with floor(FakeDesk(slow_s=1.0)) as bench:
        bench.desk.slot("1", SlotState.PASS, **BOARD)
        await bench.press("f2")
        await bench.sees("请放入板卡", within_s=0.8)


async def test_a_board_that_a_person_must_switch_off_and_on_says_so_in_both_languages() -> None:
    async with floor() as bench:
        bench.desk.slot("1", SlotState.BUSY, phase=Phase.RESTART, percent=75, do="switch the board off and on", **BOARD)
        await bench.sees("Board off and on", "75 %")
        await bench.press("f2")
        await bench.sees("板卡断电再上电")
        bench.desk.slot("1", SlotState.BUSY, phase=Phase.VERIFY_AGAIN, percent=85, **BOARD)
        await bench.sees("请勿触碰", "85 %")
        await bench.misses("板卡断电再上电")


async def test_the_confirm_barcode_goes_on_to_the_bench_after_a_pulled_plug() -> None:
    async with floor(FakeDesk(in_doubt=(DOUBT,))) as bench:
        await bench.sees("Put each of these boards back")
        await bench.scan("CONFIRM")
        await bench.misses("Put each of these boards back")


async def test_the_smallest_screen_still_names_the_operator_and_the_shift() -> None:
    async with floor(FakeDesk(operator="", profile="camera-esp32-c3"), size=(80, 24)) as bench:
        await bench.sees("LINE-3", "nobody – scan your badge   since ")
        header = bench.screen().splitlines()[0]
        assert re.search(r"since \d\d:\d\d +\d\d:\d\d $", header)


async def test_a_question_that_is_replaced_or_outlived_before_it_began_leaves_nothing_behind() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with floor() as bench:
            await bench.sees("Put a board in")
            for _ in range(3):  # each replaces the one before it
                bench.app.bench.read_standing()
        gc.collect()
    assert [str(warning.message) for warning in caught if "never awaited" in str(warning.message)] == []


async def test_a_scan_is_a_scan_in_every_dialog_and_never_its_keys() -> None:
    desk = FakeDesk()
    async with floor(desk) as bench:
        label = f"{UID} a1B2c3D4e5F/cam_0007"  # as our own labels say it: with a blank
        await bench.press("ctrl+q")
        await bench.sees("End this station?")
        await bench.scan(label)
        await bench.sees("End this station?", "Unknown code, nothing changed")
        assert ("close",) not in desk.done
        await bench.press("escape")
        desk.trouble = CloudUnreachable("no route", do="check the cable")
        await bench.scan("SN1")
        await bench.sees("check the cable")
        desk.trouble = None
        await bench.scan("SN2")
        await bench.sees("check the cable", "Label for slot 2")
        await bench.scan("CONFIRM")
        await bench.misses("check the cable")


async def test_a_code_of_control_characters_ends_no_station() -> None:
    """Ctrl+Q and Space would, where anyone may end it."""
    async with floor(ended_by_anyone=True) as bench:
        await bench.sees("Put a board in")
        for code in (("S", "N", "ctrl+q", "1", "enter"), ("ctrl+q", "space", "S", "N", "2", "enter")):
            now = unhurried(bench.pilot)
            for name in code:
                post(bench.pilot, name, now)
            await has_come(bench.pilot)
        await bench.sees("End this station?", "Unknown code, nothing changed")
        assert [what for what in bench.desk.done if what[0] in ("scan", "close")] == [("scan", "SN1")]


async def test_a_scan_that_is_too_long_is_no_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("scanner", "screens.room"):
        monkeypatch.setattr(f"station.tui.{module}.MAX_LENGTH", 16)
    async with floor() as bench:
        await bench.scan("SN" + "1" * 15)
        await bench.sees("Scanned:", "Unknown code, nothing changed")
        bench.app.post_message(events.Paste("https://maker.example/?sn=" + "2" * 40))
        await bench.sees("Scanned: https://", "Unknown code, nothing changed")
        assert not [what for what in bench.desk.done if what[0] == "scan"]


async def test_a_pasted_scan_is_cleaned_and_each_of_its_lines_is_one_scan() -> None:
    async with floor() as bench:
        bench.app.post_message(events.Paste("SN1\x1b[2J\r\n\x07OP77\n\n"))
        await bench.sees("Operator: 77")
        assert sorted(what for what in bench.desk.done if what[0] == "scan") == [("scan", "OP77"), ("scan", "SN1[2J")]


async def test_a_text_that_is_pasted_is_no_crowd_of_scans() -> None:
    async with floor() as bench:
        bench.app.post_message(events.Paste("\n".join(f"SN{number}" for number in range(1400))))
        await bench.sees("Scanned:", "Unknown code, nothing changed")
        assert not [what for what in bench.desk.done if what[0] == "scan"]


async def test_no_escape_sequence_reaches_the_terminal() -> None:
    hostile = "\x1b]0;x\x07\x9b2J\u202edab"
    desk = FakeDesk()
    async with floor(desk) as bench:
        desk.trouble = CloudUnreachable(hostile, do=hostile)
        bench.desk.emit(Scanned(text="SN1"))
        shown = await bench.sees("E401", "\\u001b]0;x")
        assert not set(shown) & set("\x1b\x07\x9b\u202e")


async def test_a_trouble_that_lasts_is_told_once_and_on_the_bar() -> None:
    desk = FakeDesk()
    async with floor(desk) as bench:
        desk.unreadable = LedgerFault("disk I/O error", do="see the disk")
        await bench.sees("E320", "Record on disk failed")
        await bench.pilot.pause(2.5)
        assert len(bench.app.screen_stack) == 1
        desk.unreadable = None
        await bench.misses("E320")


async def test_a_defect_of_the_program_is_a_dialog_and_the_bench_goes_on() -> None:
    desk = FakeDesk()
    async with floor(desk) as bench:
        desk.trouble = ValueError("secret text")  # type: ignore[assignment]
        await bench.scan("SN1")
        shown = await bench.sees("E399", "Program defect", "ValueError at fake_desk.py")
        assert "secret text" not in shown
        assert bench.app.is_running


async def test_answers_slower_than_the_clock_still_arrive() -> None:
    async with floor(FakeDesk(slow_s=0.5)) as bench:  # three reads: 1.5 s an answer, asked for every second
        await bench.sees("8120")
        bench.desk.figures = replace(bench.desk.figures, ready=17)
        await bench.sees(" 17 ")


async def test_something_harmless_does_not_hide_something_serious_and_space_does_not_clear_it() -> None:
    async with floor() as bench:
        bench.desk.notice(Code.E320, "disk full", serious=True)
        await bench.sees("Record on disk failed")
        bench.desk.notice(Code.E401, "no route")
        await bench.press("space")
        await bench.pilot.pause(0.3)
        await bench.sees("Record on disk failed")
        await bench.supervise()
        await bench.press("escape")
        await bench.misses("Record on disk failed")


async def test_what_may_be_a_pin_is_not_shown_when_it_is_typed_where_nobody_asked() -> None:
    async with floor() as bench:
        for typed in ("2468", "13579246", "secret99", "geheim-77", "camera0001"):
            await bench.scan(typed)
            shown = await bench.sees("Scanned: ***", "Unknown code, nothing changed")
            assert typed not in shown
            await bench.press("f9")  # what was shown large goes with the next key
            await bench.sees("Supervisor PIN: Li Wei")
            await bench.press("escape")
            await bench.misses("Scanned")


@pytest.mark.parametrize(
    ("scan", "known", "seen"),
    [
        ("SN5A00C0FFEE01", False, True),
        ("5A:00:C0:FF:EE:01", False, True),
        ("]C15A00C0FFEE01", False, True),
        ("OP1042", True, True),
        ("CONFIRM", False, True),
        ("CAM-0001", True, True),  # a slot took it as its board's label
        ("CAM-0001", False, False),
        ("24680246", True, False),  # even then
        ("2468", False, False),
        ("123456789012", False, False),
    ],
)
async def test_only_what_no_pin_may_be_is_seen(scan: str, *, known: bool, seen: bool) -> None:
    assert may_be_seen(scan, is_label=known) is seen
