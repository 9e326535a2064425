# SPDX-License-Identifier: GPL-3.0-or-later
"""The screens on the real bench and ledger, with simulated boards on real ptys and a simulated cloud over HTTP."""

from __future__ import annotations

import json
import os
import pty
import threading
import tty
from dataclasses import replace
from pathlib import Path

import pytest

from station.cloud.capabilities import Certificates
from station.cloud.living.client import LivingLink
from station.codes import Code
from station.demo.kinds import kind_of
from station.desk import fitting
from station.desk import live as desk_module
from station.desk.desk import Batch, Desk, Found, Wall
from station.desk.reading import Reading
from station.errors import ConfigError, LedgerFault, NeedsPerson, PortFault, StationError
from station.events import Notice, Phase, SlotEvent, SlotState
from station.intake.generate import generate
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.ledger.view import look_at
from station.model import Certificate, CertName, Identity, IdentityKind, Language, Provider, Secret, State
from station.people.pins import set_pin
from station.people.shift import begin_shift
from station.report.counters import SetProgress
from station.rules import Choice, Outcome
from station.targets.hotplug import PollingWatcher
from station.tui.app import BenchApp
from tests.raw import raw, vault_of
from tests.tui.live_floor import PIN, Bench
from tests.waiting import PATIENCE_S, until


def not_by_hand() -> None:
    raise AssertionError("this board needs nobody")


def test_the_live_desk_is_a_desk(bench: Bench) -> None:
    desk: Desk = bench.desk
    wall: Wall = Reading(look_at(bench.demo.ledger.path), "wall")
    assert desk.station().slots == ("1", "2")
    assert wall.counters().ready == 4


@pytest.mark.asyncio
async def test_a_board_is_flashed_from_the_screen_and_really_holds_its_identity(bench: Bench) -> None:
    from tests.tui.tui_floor import Floor

    app = BenchApp(bench.desk, bench.desk.station(), Language.ENGLISH)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        floor = Floor(app, pilot, bench.desk)  # type: ignore[arg-type]
        await floor.sees("Put a board in")
        bench.plug(0, "1")
        await floor.sees("Remove board", within_s=20)
        uid = bench.demo.boards[0].uid
        held = bench.demo.boards[0].holds()
        assert held is not None
        bench.unplug(0)
        await floor.misses("Remove board", within_s=20)
        await floor.scan("OP77")
        await floor.sees("Operator: 77")
        await floor.press("f9", *PIN, "enter")
        await floor.sees("Supervisor: Li Wei")
        await floor.press("down", "down", "down", "enter", *uid, "enter")
        await floor.sees("writing → consumed", held[0][1], "PASS", uid)
        await floor.press("escape", "ctrl+q", "space")  # out of the menu, where no PIN is asked again
        await floor.until(lambda: not app.is_running)
    assert bench.demo.ledger.stock.by_state()[State.CONSUMED] == 1


def test_counters_doubts_and_history_follow_the_boards(bench: Bench) -> None:
    bench.demo.boards[0].troubles = {"cut_at": 3}
    bench.plug(0, "1")
    bench.reaches("1", SlotState.IN_DOUBT)
    bench.plug(1, "2")
    bench.reaches("2", SlotState.PASS)
    doubt = until(bench.desk.doubts)[0]
    assert (doubt.uid, doubt.slot, doubt.red_bin) == (bench.demo.boards[0].uid, "1", False)
    counters = until(lambda: ((c := bench.desk.counters()).station_faults and c) or None)
    assert (counters.passed, counters.failed, counters.first_pass, counters.in_doubt) == (1, 0, 1.0, 1)
    until(lambda: not bench.desk.bench.writing)
    bench.unplug(0)
    until(lambda: bench.desk.bench.slots["1"].port is None)
    bench.reaches("1", SlotState.IN_DOUBT)  # it stays on the tile although the board is out
    bench.plug(0, "1")
    bench.reaches("1", SlotState.PASS)
    until(lambda: not bench.desk.doubts())
    assert until(lambda: bench.desk.counters().passed == 2)
    found = bench.desk.search(bench.demo.boards[0].uid)
    assert [row.state for row in found.certificates] == [State.CONSUMED]
    moves = [line.after for line in found.lines if line.after]
    assert moves == [State.RESERVED, State.WRITING, State.IN_DOUBT, State.WRITING, State.CONSUMED]
    cut, passed = [line for line in found.lines if line.outcome]
    assert [cut.outcome, passed.outcome] == [Outcome.IN_DOUBT, Outcome.PASS]
    assert [phase for phase, _ in cut.steps] == [Phase.IDENTIFY, Phase.RESERVE, Phase.WRITE]
    # What was cut off is looked at first, and then written again.
    phases = [phase for phase, _ in passed.steps]
    assert phases[0] is Phase.IDENTIFY and phases[-2:] == [Phase.VERIFY_AGAIN, Phase.CONSUME] and Phase.WRITE in phases
    times = [after for _, after in passed.steps]
    assert times == sorted(times) and times[-1] <= passed.seconds + 0.01
    assert {line.certificate for line in found.lines} == {found.certificates[0].name}
    assert [line.outcome for line in bench.desk.last_in("1")] == [Outcome.IN_DOUBT, Outcome.PASS]
    (other,) = bench.desk.last_in("2")
    assert other.certificate and other.certificate != found.certificates[0].name and bench.desk.last_in("3") == ()
    counters = bench.desk.counters()
    assert (counters.passed, counters.failed, counters.first_pass, counters.hourly) == (2, 0, 1.0, (2,))


def test_a_failed_board_is_kept_in_the_red_bin(bench: Bench) -> None:
    bench.demo.boards[0].troubles = {"flips_stored_byte": True}
    bench.plug(0, "1")
    event = bench.reaches("1", SlotState.FAIL)
    assert event.code == "E204"
    assert [doubt.red_bin for doubt in until(bench.desk.doubts)] == [True]


def test_a_pull_runs_beside_the_slots_and_ends_complete(bench: Bench) -> None:
    product = bench.demo.profile.products[0]
    living = bench.desk._pulls._open_cloud("")
    assert isinstance(living, LivingLink)
    batch = generate(bench.demo.ledger, living, product, 150)
    living.close()
    waiting = next(b for b in bench.desk.batches() if b.batch_id == batch)
    assert (waiting.pulled, waiting.total) == (0, 150)
    bench.desk.start_pull(bench.grant(), batch)
    bench.plug(0, "1")
    bench.reaches("1", SlotState.PASS)
    until(lambda: next(b for b in bench.desk.batches() if b.batch_id == batch).pulled == 150)
    assert bench.desk.counters().ready == 3 + 150


def test_a_pull_that_contradicts_a_file_tells_the_bench(bench: Bench) -> None:
    living = bench.desk._pulls._open_cloud("")
    assert isinstance(living, LivingLink)
    batch = generate(bench.demo.ledger, living, bench.demo.profile.products[0], 5)
    [first, *_] = until(lambda: living.page(batch, 1, 5).items)
    living.close()
    other = Identity(primary=replace(first.primary, device_secret=Secret("0" * 32)))
    key = BatchKey(
        provider=Provider.LIVING, batch_id="file", product_key=first.primary.product_key, source="october.csv"
    )
    bench.demo.ledger.receive(key, [other])
    told: list[object] = []
    bench.desk.subscribe(told.append)
    bench.desk.start_pull(bench.grant(), batch)
    assert until(lambda: [item.code for item in told if isinstance(item, Notice)]) == ["E619"]
    assert [dispute.name for dispute in bench.desk.disputes()] == [first.name]


def test_a_pull_is_stopped_between_two_pages_and_resumed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    open_cloud, stopped = bench.desk._pulls._open_cloud, threading.Event()
    living = open_cloud("")
    assert isinstance(living, LivingLink)
    batch = generate(bench.demo.ledger, living, bench.demo.profile.products[0], 150)
    living.close()

    def only_after_the_stop(_name: str) -> Certificates:
        assert stopped.wait(PATIENCE_S)
        return open_cloud("")

    def shown() -> Batch:
        return next(b for b in bench.desk.batches() if b.batch_id == batch)

    monkeypatch.setattr(bench.desk._pulls, "_open_cloud", only_after_the_stop)
    bench.desk.start_pull(bench.grant(), batch)
    assert shown().pulling
    bench.desk.stop_pull(bench.grant(), batch)
    stopped.set()
    until(lambda: not shown().pulling)
    assert 0 < shown().pulled < 150
    bench.desk.start_pull(bench.grant(), batch)
    until(lambda: not shown().pulling and shown().pulled == 150)
    assert bench.desk.counters().ready == 4 + 150


def test_a_pull_that_is_started_while_it_is_being_stopped_runs_to_its_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_cloud, go_on = bench.desk._pulls._open_cloud, threading.Event()
    living = open_cloud("")
    assert isinstance(living, LivingLink)
    batch = generate(bench.demo.ledger, living, bench.demo.profile.products[0], 150)
    living.close()

    def slowly(_name: str) -> Certificates:
        assert go_on.wait(PATIENCE_S)
        return open_cloud("")

    monkeypatch.setattr(bench.desk._pulls, "_open_cloud", slowly)
    bench.desk.start_pull(bench.grant(), batch)
    bench.desk.stop_pull(bench.grant(), batch)
    bench.desk.start_pull(bench.grant(), batch)
    go_on.set()
    until(lambda: next(b for b in bench.desk.batches() if b.batch_id == batch).pulled == 150)


def test_no_pull_is_begun_once_the_bench_is_left(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(bench.desk._pulls, "_open_cloud", lambda: opened.append("cloud"))
    bench.desk._pulls.close()
    bench.desk.start_pull(bench.grant(), "77")
    assert [b.batch_id for b in bench.desk.batches() if b.pulling] == opened == []


def test_the_set_in_work_is_counted_member_by_member(bench: Bench, tmp_path: Path) -> None:
    nvr, camera = (
        Certificate(product_key=product, device_name=name, device_secret=Secret(f"Secret-{name}"))
        for product, name in (("a1Nvr", "nvr-1"), ("a1Ipc", "ipc-1"))
    )
    whole = Identity(primary=nvr, channels=(camera,), kind=IdentityKind.SET)
    bench.demo.ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="78", product_key="a1Nvr"), [whole])
    text = kind_of("agent", "simulated").profile_for("a1Nvr", "nvr-members")
    (tmp_path / "members.toml").write_text(text.replace('"a1Nvr"', '"a1Nvr", "a1Ipc"'), "utf-8")
    bench.desk.use_profile(bench.grant(), "members")
    for board, done in ((0, 1), (1, 2)):
        bench.plug(board, "1")
        assert bench.reaches("1", SlotState.PASS).set_name == "nvr-1"
        assert until(bench.desk.counters).current_set == SetProgress(name="nvr-1", done=done, total=2)
        bench.unplug(board)
        bench.reaches("1", SlotState.EMPTY)


def test_a_pull_that_cannot_start_says_its_code_and_leaves_the_slots_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_set_up(_name: str) -> LivingLink:
        raise ConfigError("cloud.living.app_key is not set", code=Code.E113)

    monkeypatch.setattr(bench.desk._pulls, "_open_cloud", not_set_up)
    told: list[object] = []
    bench.desk.subscribe(told.append)
    bench.desk.start_pull(bench.grant(), "99999999")
    assert until(lambda: next(b for b in bench.desk.batches() if b.batch_id == "99999999").trouble) == "E113"
    assert until(lambda: [item.code for item in told if isinstance(item, Notice)]) == ["E113"]
    bench.plug(0, "1")
    bench.reaches("1", SlotState.PASS)


def test_wrong_pins_are_refused_and_then_made_to_wait(bench: Bench) -> None:
    for _ in range(5):
        with pytest.raises(NeedsPerson, match="wrong PIN"):
            bench.desk.unlock(Secret("000000"), "")
    with pytest.raises(NeedsPerson, match="too many"):
        bench.desk.unlock(Secret(PIN), "Li Wei")


def test_the_audit_names_the_supervisor_who_gave_the_pin_and_not_the_operator(bench: Bench) -> None:
    set_pin(bench.demo.ledger, "Wang Fang", Secret("135790"), by="Li Wei")
    assert bench.desk.supervisors() == ("Li Wei", "Wang Fang")
    bench.desk.scan("OP1042")
    grant = bench.desk.unlock(Secret("135790"), "Wang Fang")
    assert grant.name == "Wang Fang"
    with pytest.raises(NeedsPerson, match="several"):
        bench.desk.unlock(Secret("135790"), "")
    bench.desk.lock_slot(bench.grant(), "1", "bent pins")
    lock = bench.desk.slots()[0].lock
    assert lock is not None and lock.what == "Li Wei: bent pins"
    bench.desk.unlock_slot(grant, "1", "straightened", told=(lock.code,))
    bench.desk.retire(grant, bench.desk.certificates(State.READY, "", 1)[0].name, "label lost")
    with raw(bench.demo.ledger.path) as db:
        rows = db.execute(
            "SELECT event, actor, detail FROM audit WHERE event IN ('locked', 'unlocked', 'retired') ORDER BY seq"
        ).fetchall()
    assert [(row["event"], json.loads(row["detail"])["by"]) for row in rows] == [
        ("locked", "Li Wei"),
        ("unlocked", "Wang Fang"),
        ("retired", "Wang Fang"),
    ]
    assert all(row["actor"].endswith("/1042") for row in rows)


def test_what_is_withheld_comes_back_by_the_supervisor_who_gave_the_pin(bench: Bench) -> None:
    ledger = bench.demo.ledger
    key = BatchKey(provider=Provider.LIVING, batch_id="of-a-file", product_key="a1Late", source="late.csv")
    late = [
        Certificate(product_key="a1Late", device_name=f"late{n}", device_secret=Secret(f"late-{n}"), cloud_status=1)
        for n in range(3)
    ]
    ledger.receive(key, [Identity(primary=certificate) for certificate in late])
    one = late[0].name
    assert bench.desk.let_back(bench.grant(), str(one), "label was lost").back == 1
    assert bench.desk.let_batch_back(bench.grant(), key.batch_id, "audit of the shelf").back == 2
    with pytest.raises(StationError):
        bench.desk.let_back(bench.grant(), str(one), "again")
    with raw(ledger.path) as db:
        rows = db.execute("SELECT detail FROM audit WHERE event = 'let back' ORDER BY seq").fetchall()
    assert [json.loads(row["detail"])["by"] for row in rows] == ["Li Wei"] * 3
    assert {row.state for row in bench.desk.search("late").certificates} == {State.READY}


def test_a_dispute_is_seen_and_settled_on_the_screen(bench: Bench) -> None:
    ledger = bench.demo.ledger
    name = CertName("a1Camera", "disputed")
    for source, secret in (("cut.csv", "Cut"), ("whole.csv", "CutNoMore")):
        key = BatchKey(provider=Provider.LIVING, batch_id=source, product_key="a1Camera", source=source)
        certificate = Certificate(product_key="a1Camera", device_name="disputed", device_secret=Secret(secret))
        ledger.receive(key, [Identity(primary=certificate)])
    [dispute] = bench.desk.disputes()
    assert (dispute.name, dispute.held_from, dispute.arrived_from) == (name, "cut.csv", "whole.csv")
    settled = bench.desk.keep(bench.grant(), dispute, Choice.ARRIVED, "the first file was cut off")
    assert (settled.waits, bench.desk.disputes()) == ("", ())
    assert bench.desk.search("disputed").certificates[0].state is State.READY


def test_a_lock_by_hand_stops_the_slot_until_it_is_lifted(bench: Bench) -> None:
    grant = bench.grant()
    bench.desk.lock_slot(grant, "1", "bent pins")
    lock = bench.desk.slots()[0].lock
    assert lock is not None and "bent pins" in lock.what
    bench.plug(0, "1")
    assert bench.reaches("1", SlotState.LOCKED).code == "E608"
    bench.desk.unlock_slot(grant, "1", "straightened", told=(lock.code,))
    bench.reaches("1", SlotState.PASS)
    bench.desk.lock_slot(grant, None, "fire drill")
    whole = bench.desk.station().lock
    assert whole is not None and "fire drill" in whole.what
    bench.desk.unlock_slot(grant, None, "over", told=(whole.code,))
    assert bench.desk.station().lock is None


def test_retired_is_final_and_in_the_history(bench: Bench) -> None:
    name = bench.desk.certificates(State.READY, "", 10)[0].name
    bench.desk.retire(bench.grant(), name, "label lost")
    found = bench.desk.search(name)
    assert [row.state for row in found.certificates] == [State.RETIRED]
    assert found.lines[-1].details == (("by", "Li Wei"), ("why", "label lost"))
    assert len(bench.desk.certificates(State.READY, "", 10)) == 3


def test_the_handover_is_saved_as_text_and_json_and_a_new_shift_begins(bench: Bench) -> None:
    bench.desk.scan("OP1042")
    bench.plug(0, "1")
    bench.reaches("1", SlotState.PASS)
    until(lambda: bench.desk.counters().passed)
    text = Path(bench.desk.hand_over("OP2001"))
    saved = json.loads(text.with_suffix(".json").read_text("utf-8"))
    assert (saved["operator"], saved["to"], saved["counters"]["passed"]) == ("1042", "2001", 1)
    assert saved["audit_head"] in text.read_text("utf-8")
    assert (text.stat().st_mode & 0o777, saved["stock"]["CONSUMED"]) == (0o600, 1)
    assert bench.desk.station().operator == "2001"
    assert bench.desk.counters().passed == 0


def test_the_desk_is_not_closed_while_a_board_is_written(bench: Bench) -> None:
    bench.plug(0, "1")
    until(lambda: bench.desk.bench.writing)
    with pytest.raises(NeedsPerson):
        bench.desk.close()
    bench.reaches("1", SlotState.PASS)
    until(lambda: not bench.desk.bench.writing)
    bench.desk.close()


def test_a_dry_check_looks_and_writes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "BOARD_S", 0.1)
    with pytest.raises(PortFault, match="no board"):
        bench.desk.dry_check("demo", not_by_hand, threading.Event())
    bench.desk.lock_slot(bench.grant(), None, "only looking")
    bench.plug(0, "1")
    bench.reaches("1", SlotState.LOCKED)
    checks = bench.desk.dry_check("demo", not_by_hand, threading.Event())
    assert all(check.good for check in checks)
    assert checks[0].detail == bench.demo.boards[0].uid
    assert bench.demo.boards[0].holds() is None
    assert bench.demo.ledger.stock.by_state()[State.READY] == 4


@pytest.mark.asyncio
async def test_a_serial_scanner_is_heard_on_the_screen_and_its_loss_is_told(bench: Bench, tmp_path: Path) -> None:
    from tests.tui.tui_floor import Floor

    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    (tmp_path / "scanner").symlink_to(os.ttyname(theirs))
    os.close(theirs)
    bench.desk.start_scanner(str(tmp_path / "scanner"))
    app = BenchApp(bench.desk, bench.desk.station(), Language.ENGLISH)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        floor = Floor(app, pilot, bench.desk)  # type: ignore[arg-type]
        await floor.sees("Put a board in")
        for _ in range(50):  # what is sent before the port is open is lost
            os.write(ours, b"\x1b[2J[/]\r[bold]OP9\rOP4711\r")
            await pilot.pause(0.1)
            if "Operator: 4711" in floor.screen():
                break
        await floor.sees("Operator: 4711", "Scanned: OP4711")
        (tmp_path / "scanner").unlink()
        os.close(ours)
        await floor.sees("E315", "Plug the scanner in")


def test_a_board_is_found_with_all_it_ever_carried_and_with_its_label(bench: Bench) -> None:
    bench.plug(0, "1")
    first = bench.reaches("1", SlotState.PASS)
    until(lambda: not bench.desk.bench.writing)
    bench.desk.retire(bench.grant(), f"{first.product_key}/{first.device_name}", "rework")
    bench.unplug(0)
    bench.reaches("1", SlotState.EMPTY)
    bench.plug(0, "2")
    second = bench.reaches("2", SlotState.PASS)
    until(lambda: not bench.desk.bench.writing)
    label = f"{second.uid} {second.product_key}/{second.device_name}"  # as `station report labels` prints it
    for text in (second.uid, second.uid.upper(), label):
        found = bench.desk.search(text)
        assert [row.state for row in found.certificates] == [State.RETIRED, State.CONSUMED]
        assert {line.name.rpartition("/")[2] for line in found.lines if line.event == "consumed"} == {
            first.device_name,
            second.device_name,
        }
        assert [line.slot for line in found.lines if line.outcome is Outcome.PASS] == ["1", "2"]


def test_a_board_that_was_turned_away_is_found_although_no_certificate_knows_it(bench: Bench) -> None:
    text = (bench.demo.folder / "demo.toml").read_text("utf-8")
    (bench.demo.folder / "chip.toml").write_text(f'chips = ["another"]\n{text}', "utf-8")
    bench.desk.use_profile(bench.grant(), "chip")
    bench.plug(0, "1")
    assert bench.reaches("1", SlotState.FAIL).code == "E202"
    found = until(lambda: ((f := bench.desk.search(bench.demo.boards[0].uid)).uid and f) or None)
    assert found.certificates == ()
    assert [(line.outcome, line.slot) for line in found.lines] == [(Outcome.FAIL, "1")]
    assert dict(found.lines[0].details)["code"] == "E202"


def test_several_that_begin_alike_are_found_without_a_history(bench: Bench) -> None:
    arrived = [
        Identity(primary=Certificate(product_key="a1Cam", device_name=name, device_secret=Secret(f"Secret-{name}")))
        for name in ("cam-1", "cam-2", "other")
    ]
    bench.demo.ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="79", product_key="a1Cam"), arrived)
    found = bench.desk.search("cam-")
    assert [row.name for row in found.certificates] == ["a1Cam/cam-1", "a1Cam/cam-2"]
    assert found.lines == ()
    assert bench.desk.search("nothing") == Found()


def test_the_products_of_the_cloud_stand_beside_what_is_left_of_each(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = bench.demo.profile.products[0]
    found = bench.desk.products()
    row = next(row for row in found.rows if row.product_key == key)
    assert (row.name, row.state, row.stock[State.READY], found.trouble) == ("Demo camera", "published", 4, None)

    def nobody() -> LivingLink:
        raise ConfigError("cloud.living.app_key is not set", code=Code.E113)

    monkeypatch.setattr(bench.desk, "_open_catalogue", nobody)
    alone = bench.desk.products()
    assert [(row.product_key, row.stock[State.READY]) for row in alone.rows] == [(key, 4)]
    assert alone.trouble is not None and alone.trouble.code == "E113"


def test_a_pull_keeps_the_product_secret_where_the_profile_in_use_needs_it(bench: Bench, tmp_path: Path) -> None:
    text = (tmp_path / "demo.toml").read_text("utf-8")
    (tmp_path / "secretive.toml").write_text(f"product_secret = true\n{text}", "utf-8")
    bench.desk.use_profile(bench.grant(), "secretive")
    living = bench.desk._pulls._open_cloud("")
    assert isinstance(living, LivingLink)
    batch = generate(bench.demo.ledger, living, bench.demo.profile.products[0], 1)
    living.close()
    bench.desk.start_pull(bench.grant(), batch)
    until(lambda: next(b for b in bench.desk.batches() if b.batch_id == batch).pulled == 1)
    row = bench.demo.ledger.certificates.page(batch_id=batch)[0]
    assert bench.demo.ledger.identity(row.identity_id).primary.product_secret


def test_the_report_of_a_batch_says_what_became_of_it(bench: Bench) -> None:
    bench.plug(0, "1")
    bench.reaches("1", SlotState.PASS)
    until(lambda: not bench.desk.bench.writing)
    report = bench.desk.batch_report(bench.demo.batch_id)
    assert (report.received, report.states[State.CONSUMED], report.boards) == (4, 1, 1)
    text = Path(bench.desk.save_batch(bench.demo.batch_id))
    again = Path(bench.desk.save_batch(bench.demo.batch_id))
    table = text.with_suffix(".csv").read_text("utf-8-sig").splitlines()
    assert report.audit_head in text.read_text("utf-8") and text != again
    assert len(table) == 1 + 4 and sum(bench.demo.boards[0].uid in line for line in table) == 1
    assert text.stat().st_mode & 0o777 == text.with_suffix(".csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.asyncio
async def test_a_screen_whose_bench_sees_no_ports_any_more_says_so_and_asks_for_no_board(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tui.tui_floor import Floor

    def broken(_watcher: object, _timeout_s: float) -> object:
        raise OSError("what the device said")

    app = BenchApp(bench.desk, bench.desk.station(), Language.ENGLISH)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        floor = Floor(app, pilot, bench.desk)  # type: ignore[arg-type]
        await floor.sees("Put a board in")
        monkeypatch.setattr(PollingWatcher, "events", broken)
        shown = await floor.sees(
            "E331", "The run ended early", "End the station, start it again", "Call supervisor – E331"
        )
        assert "Put a board in" not in shown
        assert "what the device said" not in shown
        await floor.press("ctrl+q", "space")
        await floor.sees("Supervisor PIN: Li Wei")
        await floor.press(*PIN, "enter")
        await floor.until(lambda: not app.is_running)


def test_a_listener_that_fails_ends_the_run_and_the_others_hear_of_it(bench: Bench) -> None:
    heard: list[object] = []

    def deaf(_item: object) -> None:
        raise ValueError("what it was told")

    bench.desk._listeners.append(deaf)
    bench.desk.subscribe(heard.append)
    bench.plug(0, "1")
    notice = until(lambda: next((item for item in heard if isinstance(item, Notice)), None))
    assert (notice.code, notice.serious) == ("E331", True)
    assert "ValueError at test_live_desk.py" in notice.what and "what it was told" not in notice.what
    assert {event.code for event in bench.desk.bench.slots.snapshot() if event.slot == "2"} == {"E331"}


def test_what_changes_while_a_screen_begins_to_listen_is_what_it_shows(bench: Bench) -> None:
    def listener(item: object) -> None:
        if isinstance(item, SlotEvent):
            if not locking:
                locking.append(threading.Thread(target=bench.desk.lock_slot, args=(grant, "2", "bent pins")))
                locking[0].start()
                locking[0].join(0.5)
            shown[item.slot] = item.state

    grant = bench.grant()
    locking: list[threading.Thread] = []
    shown: dict[str, SlotState] = {}
    until(lambda: len(bench.desk.bench.slots.snapshot()) == 2)
    bench.desk.subscribe(listener)
    locking[0].join(PATIENCE_S)
    assert shown == {"1": SlotState.EMPTY, "2": SlotState.LOCKED}


def test_a_badge_that_is_scanned_while_the_header_is_read_signs_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.desk.scan("OP1042")
    read, scanning = bench.desk._read.station, threading.Thread(target=bench.desk.scan, args=("OP2001",))

    def slow(slots: tuple[str, ...]) -> object:
        info = read(slots)
        if scanning.ident is None:
            scanning.start()
            scanning.join(0.5)
        return info

    monkeypatch.setattr(bench.desk._read, "station", slow)
    bench.desk.station()
    scanning.join(PATIENCE_S)
    assert bench.demo.ledger.operator == "2001"


def test_a_shift_that_was_handed_over_from_the_command_line_is_signed_by_its_operator(bench: Bench) -> None:
    bench.desk.scan("OP1042")
    with Ledger(bench.demo.ledger.path, vault_of(bench.demo.ledger)) as other:
        begin_shift(other, "2001")
    assert bench.desk.station().operator == bench.demo.ledger.operator == "2001"


def test_a_badge_that_cannot_be_kept_does_not_sign(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise LedgerFault("disk I/O error")

    bench.desk.scan("OP1042")
    monkeypatch.setattr(desk_module, "rename_operator", full)
    with pytest.raises(LedgerFault):
        bench.desk.scan("OP2001")
    assert bench.desk.station().operator == bench.demo.ledger.operator == "1042"
