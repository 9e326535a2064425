# SPDX-License-Identifier: GPL-3.0-or-later
"""What a supervisor does behind the PIN, while the slots go on."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from station.codes import Code
from station.desk.desk import Grant, Scanned
from station.errors import CloudRefused, CloudUnreachable, TooSoon
from station.events import SlotState
from station.model import Language, State
from station.report.handover import Handover
from station.report.shift import Doubt
from station.rules import Fate
from station.tui.app import BenchApp
from station.tui.screens import menu, pin
from station.tui.screens.alarm import Alarm
from station.tui.screens.handover import HandoverRoom
from station.tui.screens.pin import Pin
from tests.tui.fake_desk import DISPUTE, DOUBT, UID, FakeDesk, a_lock
from tests.tui.tui_floor import Floor, block, floor
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.asyncio

BATCHES, PRODUCTS, CERTIFICATES, SEARCH, DOUBTS, LOCKS, SLOTS, PROFILES, HANDOVER, DISPUTES = (
    ("down",) * number + ("enter",) for number in range(10)
)


async def reason(bench: Floor, text: str) -> None:
    await bench.sees("at least 4 characters")
    await bench.press(*text, "enter")


async def test_nothing_opens_without_the_right_pin_and_the_pin_is_never_shown() -> None:
    async with floor() as bench:
        await bench.press("f9", *"1111", "enter")
        shown = await bench.sees("Wrong PIN")
        assert "1111" not in shown
        await bench.press("escape")
        await bench.misses("Supervisor PIN")
        assert bench.app.screen is bench.app.bench


async def test_the_only_supervisor_is_named_beside_the_question() -> None:
    async with floor() as bench:
        await bench.press("f9")
        shown = await bench.sees("Supervisor PIN: Li Wei")
        assert "another supervisor" not in shown
        await bench.press("down", *"2468", "enter")
        await bench.sees("Supervisor: Li Wei")


async def test_one_of_several_supervisors_is_chosen_with_up_and_down_in_both_languages() -> None:
    async with floor(FakeDesk(people=("Li Wei", "王芳", "Zhao"))) as bench:
        await bench.press("f9")
        await bench.sees("Supervisor PIN: Li Wei", "↑↓: another supervisor")
        await bench.press("up")
        await bench.sees("Supervisor PIN: Zhao")
        await bench.press("down", "down", "f2")
        await bench.sees("班长密码：王芳", "↑↓：另一位班长")
        await bench.press("f2", *"1111", "enter")
        await bench.sees("Wrong PIN", "Supervisor PIN: 王芳")
        await bench.press(*"2468", "enter")
        await bench.sees("Supervisor: 王芳")
        assert ("unlock", "王芳") in bench.desk.done
        await bench.press(*LOCKS)
        await bench.sees("Whole station")
        await bench.press("enter")
        await reason(bench, "fire drill")
        await bench.sees("fire drill")
        assert ("lock", "王芳", None, "fire drill") in bench.desk.done


async def test_a_pin_typed_before_the_names_are_known_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, answered = FakeDesk(), threading.Event()
    monkeypatch.setattr(desk, "supervisors", lambda: answered.wait(PATIENCE_S) and desk.people)
    async with floor(desk) as bench:
        await bench.press("f9", *"2468", "enter")
        await bench.sees("Supervisor: Li Wei")
        answered.set()
        assert ("unlock", "") in bench.desk.done


@pytest.mark.parametrize("way", ["typing", "serial"])
async def test_a_badge_scanned_while_the_pin_is_asked_names_the_operator_and_costs_no_try(way: str) -> None:
    async with floor() as bench:
        await bench.press("f9")
        await bench.sees("Supervisor PIN: Li Wei")
        if way == "typing":
            await bench.press(*"OP9001")
            assert "OP9001" not in bench.screen()
            await bench.press("enter")
        else:
            bench.desk.emit(Scanned(text="OP9001"))
        await bench.sees("Operator: 9001", "Supervisor PIN: Li Wei")
        assert ("unlock",) not in [what[:1] for what in bench.desk.done]


@pytest.mark.parametrize("scan", ["SN5A00C0FFEE01", "]C15A00C0FFEE01"])
async def test_a_label_that_is_typed_where_the_pin_is_asked_costs_no_try(scan: str) -> None:
    async with floor() as bench:
        await bench.press("f9")
        await bench.sees("Supervisor PIN: Li Wei")
        await bench.scan(scan)
        await bench.sees(f"Scanned: {scan}", "Supervisor PIN: Li Wei")
        assert ("unlock",) not in [what[:1] for what in bench.desk.done]


@pytest.mark.parametrize(("gap_s", "tried"), [(0.002, False), (0.0, False), (0.1, True)])
async def test_digits_that_come_faster_than_fingers_are_a_scan_and_cost_no_try(gap_s: float, tried: bool) -> None:
    label = "001122334455"  # a MAC of digits alone may be a PIN by its looks
    async with floor() as bench:
        await bench.press("f9")
        await bench.sees("Supervisor PIN: Li Wei")
        await bench.type_at(label, gap_s)
        shown = await bench.sees("Wrong PIN" if tried else "Unknown code", "Supervisor PIN: Li Wei")
        assert label not in shown
        assert (("unlock", "Li Wei") in bench.desk.done) is tried
        await bench.press(*"2468", "enter")
        await bench.sees("Supervisor: Li Wei")


async def test_a_pin_dialog_left_alone_closes_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async with floor() as bench:
        await bench.press("f9")
        await bench.sees("Supervisor PIN: Li Wei")
        monkeypatch.setattr(pin, "IDLE_S", -1.0)
        await bench.misses("Supervisor PIN")


async def test_a_pull_shows_rate_and_time_left_stops_and_resumes_while_slots_work() -> None:
    async with floor() as bench:
        await bench.supervise(*BATCHES)
        await bench.sees("1208441", "stopped", "E401  Cloud not reached", "complete, 12 withheld, 1 in dispute")
        await bench.press("enter")
        await bench.sees("pulling", "820/s", "min")
        bench.desk.slot("1", SlotState.PASS)
        await bench.press("enter")
        await bench.sees("stopped")
        assert [what[0] for what in bench.desk.done if "pull" in str(what[0])] == ["start_pull", "stop_pull"]
        assert ("start_pull", "Li Wei", "1208441", "a1B2c3D4e5F") in bench.desk.done
        await bench.press("escape", "escape")
        await bench.sees("Remove board")


async def test_a_scanned_batch_is_pulled_only_after_it_was_looked_at() -> None:
    async with floor() as bench:

        def started() -> list[object]:
            return [what[2] for what in bench.desk.done if what[0] == "start_pull"]

        await bench.supervise(*BATCHES)
        await bench.scan("1300001")
        await bench.sees("Pull this batch?", block("1300001", 5, 78))
        await bench.scan("1300001")  # a scanner that is triggered twice
        await bench.sees("Pull this batch?", "nothing changed")
        assert started() == []
        await bench.press("escape")
        await bench.scan("1300002")
        await bench.sees("Pull this batch?")
        await bench.press("space")
        await bench.sees("pulling")
        assert ("start_pull", "Li Wei", "1300002", "") in bench.desk.done
        await bench.press("f4")
        await bench.sees("Pull which batch?")
        await bench.press(*"1300003", "enter")
        await bench.misses("Pull which batch?")
        assert started() == ["1300002", "1300003"]
        await bench.scan("OP77")
        await bench.sees("Operator: 77")


async def test_a_badge_that_is_scanned_twice_does_not_rename_who_hands_over() -> None:
    async with floor(size=(120, 40)) as bench:
        await bench.supervise(*HANDOVER)
        await bench.sees("Operator: 1042")
        for _ in range(2):
            bench.desk.emit(Scanned(text="OP2001"))
            await bench.sees("2001 takes over from 1042")
        await bench.sees("nothing changed")
        assert [what for what in bench.desk.done if what[0] in ("scan", "hand_over")] == []


async def test_a_cloud_that_hangs_does_not_hold_up_scans_keys_or_the_way_out() -> None:
    desk = FakeDesk()
    async with floor(desk) as bench:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))  # with many cores it has many threads
        await bench.supervise()
        desk.cloud_hangs = threading.Event()
        for _ in range(3):
            await bench.press("home", *PRODUCTS)
            await bench.sees("Asking the cloud")
            await bench.press("escape")
        began = time.monotonic()
        await bench.press("escape")
        await bench.scan("SN42")
        await bench.sees("Label for slot 2")
    assert time.monotonic() - began < PATIENCE_S  # the cloud hangs for longer
    desk.cloud_hangs.set()


async def test_the_supervisor_who_came_last_is_asked_first() -> None:
    async with floor(FakeDesk(people=("Anna", "Li Wei"))) as bench:
        await bench.press("f9")
        await bench.sees("Supervisor PIN: Anna")
        await bench.press("down", *"2468", "enter")
        await bench.sees("Supervisor: Li Wei")
        await bench.press("escape", "f9")
        await bench.sees("Supervisor PIN: Li Wei")


async def test_the_confirm_barcode_is_no_label_in_any_room() -> None:
    async with floor() as bench:
        await bench.supervise()
        await bench.scan("CONFIRM")
        await bench.sees("Supervisor: Li Wei", "Confirmed")
        assert not [what for what in bench.desk.done if what[0] == "search"]


async def test_what_was_imported_is_not_pulled() -> None:
    async with floor() as bench:
        await bench.supervise(*BATCHES)
        await bench.sees("file-77")
        await bench.press("down", "down", "enter")
        await bench.pilot.pause(0.2)
        assert not [what for what in bench.desk.done if what[0] == "start_pull"]


async def test_products_of_the_cloud_lead_to_their_batches() -> None:
    async with floor() as bench:
        await bench.supervise(*PRODUCTS)
        await bench.sees("Camera", "published", "8120", "NVR", "in development")
        await bench.press("enter")
        shown = await bench.sees("Batches and pull   a1B2c3D4e5F", "1208441")
        assert "1208442" not in shown
        await bench.press("f4", *"1300004", "enter")
        await bench.misses("Pull which batch?")
        assert ("start_pull", "Li Wei", "1300004", "a1B2c3D4e5F") in bench.desk.done


async def test_without_a_cloud_the_products_of_the_ledger_are_shown_and_why() -> None:
    async with floor(FakeDesk(cloud_trouble=CloudUnreachable("no route"))) as bench:
        await bench.supervise(*PRODUCTS)
        await bench.sees("E401  Cloud not reached", "a1B2c3D4e5F", "8120")


async def test_a_batch_has_a_report_on_the_screen() -> None:
    async with floor() as bench:
        await bench.supervise(*BATCHES)
        await bench.sees("1208441")
        await bench.press("f6")
        await bench.sees("Batch 1208441", "consumed", "1249", "3 × E204", "9f2c4d5e6a7b8c90")
        await bench.press("f7")
        await bench.sees("Saved: /var/lib/station/batch-20260922.txt")
        await bench.press("f2")
        await bench.sees("已烧录", "3 × E204 回读不一致", "追溯记录校验值")


async def test_a_batchs_report_names_the_commands_for_what_is_set_aside_and_left_behind() -> None:
    async with floor(FakeDesk(odd_items=2)) as bench:
        await bench.supervise(*BATCHES)
        await bench.sees("1208441")
        await bench.press("f6")
        await bench.press("ctrl+end")
        await bench.sees(
            "station batch odd 1208441", "station batch orphans 1208441", "reset-secret DEVICE --product a1B2c3D4e5F"
        )


async def test_every_scan_is_shown_large_in_the_rooms_too() -> None:
    async with floor(size=(120, 40)) as bench:
        await bench.supervise(*DOUBTS)
        await bench.scan("SN42")
        await bench.sees("Scanned: SN42", "Label for slot 2", block("SN42", 4))
        await bench.press("escape", "home", *CERTIFICATES)
        await bench.scan("SN43")
        await bench.sees("Scanned: SN43", "Nothing found: SN43")
        await bench.press("escape", "escape", "home", *HANDOVER, *"OP2001", "enter")
        await bench.sees("2001 takes over from 1042", block("2001", 6, 78))
        await bench.press("escape", *"SN1", "enter")
        await bench.sees("E124", "Not a badge")


async def test_certificates_are_filtered_by_state_and_come_page_by_page() -> None:
    async with floor() as bench:
        await bench.supervise(*CERTIFICATES)
        await bench.sees("cam_0001", "consumed")
        await bench.press("ctrl+end")
        await bench.until(lambda: ("certificates", None, "a1B2c3D4e5F/cam_0099") in bench.desk.done)
        await bench.press("f3")
        await bench.sees("State: ready", "cam_0120")
        await bench.misses("cam_0001")


async def test_a_set_shows_its_channels() -> None:
    async with floor() as bench:
        await bench.supervise(*CERTIFICATES)
        await bench.sees("cam_0000")
        await bench.press("enter")
        await bench.sees("Set: a1B2c3D4e5F/cam_0000", "NVR", "a1IPC/ipc_004")


async def test_a_name_a_board_and_a_scan_lead_to_the_whole_history() -> None:
    async with floor() as bench:
        await bench.supervise(*SEARCH)
        await bench.press(*"cam_0009", "enter")
        await bench.sees("writing → consumed", "E311 the port is gone", "try 2", f"Board {UID}", "slot 3, 9.0 s")
        await bench.press(*"nonsense", "enter")
        await bench.sees("Nothing found: nonsense")
        await bench.press("escape")
        await bench.scan(UID)
        await bench.sees("reserved → writing", "cam_0007")
        await bench.press("escape")
        await bench.sees("Supervisor: Li Wei")
        await bench.scan("246810")
        assert "246810" not in await bench.sees("Search: name, board, label")


async def test_several_certificates_that_fit_are_a_list_to_choose_from() -> None:
    async with floor() as bench:
        await bench.supervise(*SEARCH)
        await bench.press(*"cam", "enter")
        await bench.sees("3 certificates", "cam_0007", "cam_0008", "cam_0130")
        await bench.press("down", "enter")
        await bench.sees("Board", "writing → consumed")
        assert ("search", "a1B2c3D4e5F/cam_0008") in bench.desk.done


async def test_what_went_wrong_is_told_in_the_language_of_the_screen() -> None:
    desk = FakeDesk(in_doubt=(DOUBT,))
    desk.locks = {"1": a_lock(Code.E602, "slot 1 is locked: 3 failures in a row, probably the fixture", "1")}
    async with floor(desk) as bench:
        await bench.press("space")
        await bench.supervise()
        await bench.press("f2", *SEARCH)
        await bench.press(*"cam_0009", "enter")
        shown = await bench.sees(
            "烧录中 → 已烧录", "E311 端口断开（the port is gone）", "3 号位，9.0 秒", "第 2 次", "合格"
        )
        assert "WRITING" not in shown
        await bench.press("escape", "home", *DOUBTS)
        await bench.sees("E311 端口断开")
        await bench.press("escape", "home", *LOCKS)
        shown = await bench.sees("E602  本位已锁：连续多块不良")
        assert "failures" not in shown
        await bench.press("escape", "home", *PROFILES, "f5")
        await bench.sees("芯片   esp32c3", "板上内容   空白", "E202  板卡型号不对", "没有向板卡烧录任何内容")
        desk.trouble = CloudRefused("code 20005", do="look at the console", code=Code.E402)
        await bench.press("enter")
        await bench.sees("E402  云端拒绝", "继续作业", "详情（给工程师）：code 20005 → look at the console")


@dataclass
class LateDesk(FakeDesk):
    """Once it is `late`, it tells its doubts only when `told` is set; `waiting` have asked meanwhile."""

    told: threading.Event = field(default_factory=threading.Event)
    late: bool = False
    waiting: int = 0

    def doubts(self) -> tuple[Doubt, ...]:
        if self.late:
            self.waiting += 1
            assert self.told.wait(PATIENCE_S)
        return super().doubts()


async def test_an_answer_that_comes_while_the_program_ends_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = LateDesk()
    close_all = BenchApp._close_all

    async def close_meanwhile(app: BenchApp) -> None:
        await app.screen.query("*").remove()
        desk.told.set()
        await asyncio.sleep(0.3)
        await close_all(app)

    monkeypatch.setattr(BenchApp, "_close_all", close_meanwhile)
    async with floor(desk) as bench:
        await bench.supervise(*DOUBTS)
        desk.late = True
        await bench.until(lambda: desk.waiting == 2)  # the bench below it asks too


async def test_retiring_needs_a_reason_and_empties_the_list_of_doubts() -> None:
    async with floor(FakeDesk(in_doubt=(DOUBT,))) as bench:
        await bench.press("space")
        await bench.supervise(*DOUBTS)
        await bench.sees("E311 the port is gone", "cam_0007")
        await bench.press("f8")
        await reason(bench, "no")
        await bench.sees("Retire a1B2c3D4e5F/cam_0007")
        await bench.press(*"ne", "enter")
        await bench.sees("No board is in doubt")
        assert ("retire", "Li Wei", "a1B2c3D4e5F/cam_0007", "none") in bench.desk.done


@pytest.mark.parametrize("waits_for", ["", "cd00000000000009"])
async def test_all_keys_of_a_doubt_are_told_on_the_smallest_screen(waits_for: str) -> None:
    async with floor(FakeDesk(in_doubt=(replace(DOUBT, waits_for=waits_for),)), size=(80, 24)) as bench:
        await bench.press("space")
        await bench.supervise(*DOUBTS)
        await bench.sees("F8: retire", "Esc: back", "F2: 中文")
        await bench.press("f2")
        await bench.sees("F8：作废", "Esc：返回", "F2: English")


@pytest.mark.parametrize(("key", "fate"), [("f5", Fate.WIPED), ("f6", Fate.SCRAPPED)])
async def test_a_doubt_that_waits_for_another_board_is_settled_with_a_word_on_that_one(key: str, fate: Fate) -> None:
    waiting = replace(DOUBT, waits_for="cd00000000000009")
    async with floor(FakeDesk(in_doubt=(waiting,))) as bench:
        await bench.sees("Find board …0009", "a supervisor says first")
        await bench.press("space")
        await bench.supervise(*DOUBTS)
        await bench.sees("Find board …0009")
        await bench.press("f7")  # nobody vouches while the other one is about
        await bench.press(key)
        await bench.sees(f"Board cd00000000000009 is {fate}")
        await reason(bench, "erased, reads blank")
        await bench.sees("Put back …00A1")
        assert bench.desk.done[-1] == ("settle", "Li Wei", "cd00000000000009", fate, "erased, reads blank")


async def test_a_blank_board_is_vouched_for_with_a_reason() -> None:
    async with floor(FakeDesk(in_doubt=(DOUBT,))) as bench:
        await bench.press("space")
        await bench.supervise(*DOUBTS)
        await bench.press("f5")  # there is no other board
        await bench.press("f7")
        await bench.sees("The blank board with label a4cf12bc00a1", "was written to. How is that known?")
        await reason(bench, "never left the fixture")
        await bench.sees("it is written once more")
        assert bench.desk.done[-1][:3] == ("vouch", "Li Wei", "a1B2c3D4e5F/cam_0007")


async def test_the_cursor_stays_on_its_board_when_another_one_comes_before_it() -> None:
    other = replace(DOUBT, name="a1B2c3D4e5F/cam_0001", uid="a4cf12bc0001", red_bin=True)
    async with floor(FakeDesk(in_doubt=(DOUBT,))) as bench:
        await bench.press("space")
        await bench.supervise(*DOUBTS)
        await bench.sees("Put back …00A1")
        bench.desk.in_doubt = (other, DOUBT)
        await bench.sees("Keep …0001 in the red bin", "Boards in the red bin keep")
        await bench.press("f8")
        await bench.sees("Retire a1B2c3D4e5F/cam_0007")


async def test_a_locked_slot_is_unlocked_with_a_reason() -> None:
    desk = FakeDesk()
    desk.locks["2"] = a_lock(Code.E602, "3 failures in a row", "2")
    async with floor(desk) as bench:
        desk.slot("2", SlotState.LOCKED, code=Code.E602)
        await bench.sees("Call supervisor – E602")
        await bench.supervise(*LOCKS)
        await bench.sees("3 failures in a row", "Whole station")
        await bench.press("down", "down", "enter")
        await bench.sees("Unlock slot 2. What was done about it?")
        await reason(bench, "cleaned")
        await bench.misses("3 failures in a row")
        assert ("unlock_slot", "Li Wei", "2", "cleaned") in desk.done
        await bench.press("escape", "escape")
        await bench.sees("Put a board in")


async def test_what_took_a_locks_place_while_a_reason_was_typed_is_not_lifted_unseen() -> None:
    desk = FakeDesk()
    desk.locks["2"] = a_lock(Code.E602, "3 failures in a row", "2")
    async with floor(desk) as bench:
        desk.slot("2", SlotState.LOCKED, code=Code.E602)
        await bench.supervise(*LOCKS)
        await bench.sees("3 failures in a row")
        await bench.press("down", "down", "enter")
        await bench.sees("Unlock slot 2. What was done about it?")
        desk.locks["2"] = a_lock(Code.E608, "keep this board", "2")
        await reason(bench, "cleaned")
        await bench.sees("E116")
        assert desk.locks["2"].code == Code.E608


async def test_two_chinese_characters_are_a_reason_and_one_is_none() -> None:
    async with floor(language=Language.CHINESE) as bench:
        await bench.press("f9", *"2468", "enter")
        await bench.sees("Li Wei")
        await bench.press(*LOCKS)
        await bench.sees("全站")
        await bench.press("enter")
        await bench.sees("至少 2 个汉字")
        await bench.press("检", "enter")
        assert not [what for what in bench.desk.done if what[0] == "lock"]
        await bench.press("修", "enter")
        await bench.until(lambda: ("lock", "Li Wei", None, "检修") in bench.desk.done)


@pytest.mark.parametrize(("language", "said"), [(Language.ENGLISH, " s"), (Language.CHINESE, " 秒")])
async def test_the_seconds_until_a_pin_is_looked_at_again_count_down(language: Language, said: str) -> None:
    async with floor(language=language) as bench:
        bench.desk.trouble = TooSoon("too many wrong PINs", wait_s=500)
        await bench.press("f9", "1", "enter")
        shown = await bench.sees("E606", said)

        def left(screen: str) -> int:
            return int(re.findall(rf"–  (\d+){said}", screen)[-1])

        await bench.until(lambda: left(bench.screen()) < left(shown))
        pin = bench.app.screen
        assert isinstance(pin, Pin)
        pin._may_again = time.monotonic()
        await bench.misses("E606")


async def test_a_scan_is_no_reason() -> None:
    async with floor() as bench:
        await bench.supervise(*LOCKS)
        await bench.sees("Whole station")
        await bench.press("enter")
        await bench.sees("at least 4 characters")
        for scan in ("OP1042", UID, UID.upper(), f"{UID} a1B2c3D4e5F/cam_0007"):
            await bench.scan(scan)
            await bench.sees(f"Scanned: {scan}", "at least 4 characters")
        assert not [what for what in bench.desk.done if what[0] == "lock"]
        await reason(bench, "fixture 2 bent")
        await bench.misses("at least 4 characters")
        assert ("lock", "Li Wei", None, "fixture 2 bent") in bench.desk.done


async def test_the_whole_station_is_locked_by_hand() -> None:
    async with floor() as bench:
        await bench.supervise(*LOCKS)
        await bench.sees("Whole station")
        await bench.press("enter")
        await reason(bench, "fire drill")
        await bench.sees("fire drill")
        assert ("lock", "Li Wei", None, "fire drill") in bench.desk.done


async def test_a_slot_learns_its_port_from_one_board() -> None:
    async with floor() as bench:
        await bench.supervise(*SLOTS)
        await bench.sees("usb-0:2:1.3")
        await bench.press("down", "down", "enter")
        await bench.sees("Slot 3 is usb-0:9:1.0")


async def test_a_new_slot_is_learned_and_stands_on_the_bench_with_what_it_said_meanwhile() -> None:
    async with floor(FakeDesk(slot_count=2)) as bench:
        await bench.supervise(*SLOTS)
        await bench.sees("F4: new slot", "usb-0:2:1.2")
        bench.desk.slot("3", SlotState.LOCKED, code=Code.E608)
        await bench.press("f4")
        await bench.sees("Slot 3 is usb-0:9:1.0")
        assert ("learn", "Li Wei", "3") in bench.desk.done
        await bench.press("escape", "escape")
        await bench.sees("Call supervisor – E608")


async def test_there_are_never_more_slots_than_a_screen_has_room_for() -> None:
    async with floor(FakeDesk(slot_count=16)) as bench:
        await bench.supervise(*SLOTS)
        await bench.sees("usb-0:2:1.16")
        await bench.press("f4")
        await bench.sees("E115", "at most 16 slots")
        assert not [what for what in bench.desk.done if what[0] == "learn"]


async def test_a_profile_is_checked_dry_before_it_is_used() -> None:
    async with floor() as bench:
        await bench.supervise(*PROFILES)
        await bench.sees("camera-esp")
        await bench.press("down", "f5")
        await bench.sees("✓ good   chip   esp32c3", "✗ bad   E202", "there is no partition fctry")
        await bench.press("enter")
        await bench.until(lambda: ("use_profile", "Li Wei", "camera-esp") in bench.desk.done)


@pytest.mark.parametrize(("room", "key"), [(SLOTS, "enter"), (PROFILES, "f5")])
async def test_a_newer_wait_for_a_board_ends_the_one_before_it_and_leaving_the_room_ends_the_last(
    room: tuple[str, ...], key: str
) -> None:
    async with floor(FakeDesk(switched=threading.Event())) as bench:
        await bench.supervise(*room)
        await bench.sees("usb-0:2:1.3" if room == SLOTS else "camera-esp")
        await bench.press(key)
        await bench.until(lambda: bench.desk.waits)
        assert not bench.desk.waits[0].is_set()
        await bench.press(key)
        await bench.until(lambda: len(bench.desk.waits) == 2)
        assert [wait.is_set() for wait in bench.desk.waits] == [True, False]
        await bench.press("escape")
        await bench.until(bench.desk.waits[1].is_set)
        assert bench.desk.switched is not None
        bench.desk.switched.set()


async def test_a_dry_check_says_when_the_board_must_be_switched_off_and_on_by_hand() -> None:
    switched = threading.Event()
    async with floor(FakeDesk(switched=switched)) as bench:
        await bench.supervise(*PROFILES)
        await bench.sees("camera-esp")
        await bench.press("f5")
        await bench.sees("Board off and on", "nothing is written")
        await bench.press("f2")
        await bench.sees("板卡断电再上电")
        await bench.press("f2")
        switched.set()
        await bench.sees("✓ good   chip   esp32c3")
        assert "Board off and on" not in bench.screen()


async def test_the_shift_is_handed_over_to_a_badge() -> None:
    async with floor(size=(120, 40)) as bench:
        await bench.supervise(*HANDOVER)
        await bench.sees("Operator: 1042", "E204", "98.7%", "9f2c4d5e6a7b8c90", "consumed 1246")
        await bench.press(*"2001", "enter")
        await bench.sees("2001 takes over from 1042. Close this shift?")
        await bench.press("escape")
        assert not [what for what in bench.desk.done if what[0] == "hand_over"]
        await bench.press(*"2001", "enter")
        await bench.sees("2001 takes over from 1042. Close this shift?")
        await bench.press("space")
        await bench.sees("Saved: /var/lib/station/handover-20260922.txt", "Operator: 2001")


async def test_a_badge_that_is_faster_than_the_report_is_asked_about_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    is_ready, asked = threading.Event(), []
    async with floor() as bench:
        report = bench.desk.handover

        def slowly() -> Handover:
            asked.append(is_ready.is_set())
            is_ready.wait(PATIENCE_S)
            return report()

        monkeypatch.setattr(bench.desk, "handover", slowly)
        bench.app.push_screen(HandoverRoom(Grant(name="Li Wei")))
        await bench.until(lambda: asked)
        bench.desk.emit(Scanned(text="OP2001"))
        await bench.until(lambda: asked == [False, False])
        is_ready.set()
        await bench.sees("2001 takes over from 1042. Close this shift?")


async def test_a_scanner_that_does_not_type_searches_and_hands_over_too() -> None:
    async with floor(size=(120, 40)) as bench:
        await bench.supervise(*SEARCH)
        bench.desk.emit(Scanned(text=UID))
        await bench.sees("reserved → writing", "cam_0007")
        await bench.press("escape", "home", *HANDOVER)
        await bench.sees("Operator: 1042")
        bench.desk.emit(Scanned(text="OP2001"))
        await bench.sees("2001 takes over from 1042")
        bench.desk.emit(Scanned(text="CONFIRM"))
        await bench.sees("Saved: /var/lib/station/handover-20260922.txt")
        assert ("hand_over", "OP2001") in bench.desk.done
        assert ("scan", "OP2001") not in bench.desk.done


async def test_every_supervisor_screen_changes_language_while_it_is_open() -> None:
    async with floor() as bench:
        await bench.supervise()
        await bench.press("f2")
        await bench.sees("批次与拉取", "交接班")
        for number in range(9):
            await bench.press(*["down"] * number, "enter")
            await bench.sees("Esc：返回", "F2: English")
            await bench.press("escape")
            await bench.sees("批次与拉取")
            await bench.press("home")


async def test_a_menu_left_alone_closes_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async with floor() as bench:
        await bench.supervise(*SEARCH)
        await bench.sees("Type or scan")
        monkeypatch.setattr(menu, "IDLE_S", -1.0)
        shown = bench.app.screen_stack[1]
        assert isinstance(shown, menu.Menu)
        shown.close_when_idle()
        await bench.sees("Put a board in")


async def test_a_menu_left_alone_does_not_take_an_alarm_away_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with floor() as bench:
        await bench.supervise()
        bench.desk.notice(Code.E701, "cam_0007 on two boards", serious=True)
        await bench.sees("cam_0007 on two boards")
        monkeypatch.setattr(menu, "IDLE_S", -1.0)
        shown = bench.app.screen_stack[1]
        assert isinstance(shown, menu.Menu)
        shown.close_when_idle()
        assert isinstance(bench.app.screen, Alarm)


@pytest.mark.parametrize(
    ("room", "way"),
    [(SLOTS, "key"), (PROFILES, "key"), (SLOTS, "idle"), (PROFILES, "quit")],
    ids=["slots, key", "profiles, key", "slots, idle", "profiles, quit"],
)
async def test_the_bench_is_held_while_a_room_that_changes_it_is_open_and_released_however_it_is_left(
    monkeypatch: pytest.MonkeyPatch, room: tuple[str, ...], way: str
) -> None:
    async def asked(*wanted: str) -> None:
        for _ in range(100):
            if (holds := [what[0] for what in desk.done if what[0] in ("hold", "release")]) == list(wanted):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(holds)

    desk = FakeDesk()
    async with floor(desk) as bench:
        await bench.supervise(*room)
        await bench.sees("camera-esp" if room is PROFILES else "usb-0:2:1.3")
        await asked("hold")
        if way == "key":
            await bench.press("escape")
        elif way == "idle":
            monkeypatch.setattr(menu, "IDLE_S", -1.0)
            shown = bench.app.screen_stack[1]
            assert isinstance(shown, menu.Menu)
            shown.close_when_idle()
        else:
            await bench.press("ctrl+q", "space")
        await asked("hold", "release")


async def test_what_is_withheld_comes_back_with_a_reason_one_or_a_batch() -> None:
    withheld = "a1B2c3D4e5F/cam_0130"
    async with floor() as bench:
        bench.desk.states[withheld] = State.WITHHELD
        await bench.supervise(*CERTIFICATES)
        await bench.sees("F8: retire")
        assert "F7" not in bench.screen()
        await bench.press("f3", "f3")
        await bench.sees("State: withheld", "F7: back to stock", "cam_0130")
        await bench.press("f7")
        await reason(bench, "label was on the wrong shelf")
        await bench.sees("1 back in stock")
        assert ("let_back", "Li Wei", withheld, "label was on the wrong shelf") in bench.desk.done
        await bench.press("escape", "home", *BATCHES)
        await bench.sees("1208441")
        await bench.press("f5")
        await bench.sees("pulling")
        assert ("start_pull", "Li Wei", "1208441", "a1B2c3D4e5F", "recheck") in bench.desk.done
        await bench.press("f7")
        await reason(bench, "audit of the shelf")
        await bench.sees("3 back in stock, 2 stay withheld")
        assert ("let_batch_back", "Li Wei", "1208441", "audit of the shelf") in bench.desk.done


@pytest.mark.parametrize(("key", "which"), [("f5", "held"), ("f6", "arrived")])
async def test_of_two_contents_a_supervisor_keeps_one_with_a_reason(key: str, which: str) -> None:
    async with floor(FakeDesk(in_dispute=(DISPUTE,))) as bench:
        await bench.supervise(*DISPUTES)
        await bench.sees("cam_0011", "october.csv", "october-new.csv")
        await bench.press(key)
        await bench.sees(f"of {DISPUTE.name}")
        await reason(bench, "the first file was cut off")
        await bench.sees("1 back in stock", "Nothing is in dispute")
        asked = ("keep", "Li Wei", str(DISPUTE.name), which, "the first file was cut off")
        assert asked in bench.desk.done
        await bench.press(key)
        await bench.misses("How is that known?")


async def test_only_what_is_withheld_is_asked_a_reason_to_come_back() -> None:
    async with floor() as bench:
        await bench.supervise(*CERTIFICATES)
        await bench.sees("cam_0000")
        await bench.press("f7")
        await bench.press("down", "f8")
        await bench.sees("Retire a1B2c3D4e5F/cam_0001 for ever")


@pytest.mark.parametrize(("key", "asked"), [("f5", "flash_without"), ("f8", "end_set")])
async def test_a_set_that_lost_a_camera_takes_a_supervisors_word_and_a_whole_one_offers_none(
    key: str, asked: str
) -> None:
    desk = FakeDesk(members_are=[State.READY, *[State.CONSUMED] * 4])
    async with floor(desk) as bench:
        await bench.supervise(*CERTIFICATES)
        await bench.sees("cam_0000")
        await bench.press("enter")
        shown = await bench.sees("Set:", "ipc_003")
        assert "without the retired" not in shown
        await bench.press(key)
        await bench.misses("at least 4 characters")
        await bench.press("escape")
        desk.members_are[2] = State.RETIRED
        await bench.press("enter")
        await bench.sees("F5: without the retired", "F8: end the set")
        await bench.press(key)
        await reason(bench, "camera 2 burnt")
        await bench.until(lambda: [done[0] for done in desk.done if done[0] == asked] == [asked])
        [done] = [done for done in desk.done if done[0] == asked]
        assert done[1:] == ("Li Wei", done[2], "camera 2 burnt")
