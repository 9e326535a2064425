# SPDX-License-Identifier: GPL-3.0-or-later
"""What `import station` promises to other people's programs."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import station
from station.codes import Exit
from station.model import State
from station.rules import Outcome
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.printer import LabelPrinter
from tests.cli.cli_shell import Shell

UID = "5a00000000000001"
PROMISED = {
    "PulledBatch": "batch certificates complete conflicts held known new odd product_key seconds total withheld",
    "StockCertificate": (
        "attempt batch board_uid changed_at channel code device_name kind product_key reason set_name state"
    ),
    "PastCertificate": "batch board_uid name set_name state",
    "PastEvent": "after at attempt before board_uid details event name outcome slot who",
    "UnitHistory": "board_uid certificates events",
    "SlotEvent": (
        "at attempt blame channel channels code device_name do percent phase product_key seconds set_missing set_name"
        " slot state uid what serial asks doubt"
    ),
    "Notice": "at code do serious slot what",
}
"""Fields; none ever goes within a major version."""
METHODS = {
    "open_station": "folder",
    "Station.pull": "self batch product nvr with_product_secret",
    "Station.flash": "self profile slots ports count watch label serial",
    "Station.certificates": "self state batch product",
    "Station.history": "self text",
    "Station.close": "self",
    "FlashRun.stop": "self",
}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    assert made("init", "--file", str(made.config), "--state-dir", str(tmp_path / "state")).code == 0
    rows = "".join(f"a1Fan,fan{number:03},{number:032x}\n" for number in range(1, 121))
    (tmp_path / "fans.csv").write_text("ProductKey,DeviceName,DeviceSecret\n" + rows)
    assert made("import", str(tmp_path / "fans.csv")).code == 0
    assert made("profile", "new", "fan", "--like", "agent", "--product", "a1Fan").code == 0
    return made


@pytest.fixture
def opened(shell: Shell) -> Iterator[station.Station]:
    with station.open_station(shell.folder) as found:
        yield found


@pytest.fixture
def port(tmp_path: Path) -> Iterator[str]:
    with SimulatedAgentBoard(UID, tmp_path / "board.flash", tmp_path / "ttyBOARD"):
        yield str(tmp_path / "ttyBOARD")


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    program = "import sys, station; print(*[name for name in sys.modules if name.startswith('station')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["station"]


def test_all_names_are_there_and_a_type_checker_sees_the_same() -> None:
    assert all(getattr(station, name) is not None for name in station.__all__)
    assert not hasattr(station, "no_such_name")
    assert set(dir(station)) == set(station.__all__)
    seen = ast.parse(Path(station.__file__).with_suffix(".pyi").read_text())
    imported = {name.asname for line in seen.body if isinstance(line, ast.ImportFrom) for name in line.names}
    assert imported | {"__version__"} == set(station.__all__)
    assert Path(station.__file__).with_name("py.typed").exists()


@pytest.mark.parametrize("name", PROMISED)
def test_no_field_that_was_promised_goes(name: str) -> None:
    assert set(PROMISED[name].split()) <= {field.name for field in dataclasses.fields(getattr(station, name))}


@pytest.mark.parametrize("name", METHODS)
def test_a_call_that_was_promised_is_taken(name: str) -> None:
    found: object = station
    for part in name.split("."):
        found = getattr(found, part)
    parameters = inspect.signature(found).parameters  # type: ignore[arg-type]
    promised = METHODS[name].split()
    assert list(parameters)[: len(promised)] == promised
    assert all(p.default is not p.empty for n, p in parameters.items() if n not in promised)


def test_a_board_is_flashed_followed_and_found_again(opened: station.Station, port: str) -> None:
    run = opened.flash("fan", ports=[port])
    tiles = [event for event in run if isinstance(event, station.SlotEvent)]
    assert (tiles[-1].state, tiles[-1].uid, tiles[-1].device_name) == ("PASS", UID, "fan001")
    assert (run.passed, run.failed, run.already_done, run.in_doubt, run.exit) == (1, 0, 0, 0, 0)
    (consumed,) = opened.certificates(state="consumed")
    assert (consumed.name, consumed.board_uid, consumed.state) == ("a1Fan/fan001", UID, State.CONSUMED)
    past = opened.history(UID)
    assert [one.name for one in past.certificates] == ["a1Fan/fan001"]
    assert [event.after for event in past.events if event.after] == [State.RESERVED, State.WRITING, State.CONSUMED]
    assert [event.outcome for event in past.events if event.outcome] == [Outcome.PASS]
    again = opened.flash("fan", ports=[port])
    assert [event.state for event in again if isinstance(event, station.SlotEvent)][-1] == "ALREADY_DONE"


def test_a_batch_that_is_named_is_all_that_is_taken_of(shell: Shell, opened: station.Station, port: str) -> None:
    shell.stock_up("cam1", batch="78")  # of another product
    with pytest.raises(station.StationError, match="the ledger has no batch 79"):
        opened.flash("fan", ports=[port], batch="79")
    run = opened.flash("fan", ports=[port], batch="78")
    assert [event.code for event in run if isinstance(event, station.SlotEvent)][-1] == "E500"
    assert (run.exit, [c.device_name for c in opened.certificates(state="consumed")]) == (Exit.NO_CERTIFICATES, [])


def test_its_label_comes_out_as_of_a_run_by_the_command(shell: Shell, port: str) -> None:
    profile = shell.folder / "profiles" / "fan.toml"
    profile.write_text(profile.read_text() + "[label]\n")
    with LabelPrinter() as printer:
        shell.config.write_text(shell.config.read_text() + f'[printer]\nwhere = "{printer.where}"\n')
        with station.open_station(shell.folder) as opened:
            assert [event for event in opened.flash("fan", ports=[port]) if isinstance(event, station.Notice)] == []
        with printer.printed:
            assert printer.printed.wait_for(lambda: len(printer.labels) == 1, 60)


def test_who_leaves_the_loop_ends_the_run(opened: station.Station, port: str) -> None:
    run = opened.flash("fan", ports=[port], watch=True)
    for event in run:
        if isinstance(event, station.SlotEvent) and event.state == "PASS":
            break
    assert run.passed == 1
    assert "flash" not in [thread.name for thread in threading.enumerate()]
    with pytest.raises(RuntimeError, match="followed once"):
        next(iter(run))


def test_what_cannot_be_is_an_error_with_its_code(opened: station.Station, tmp_path: Path) -> None:
    with pytest.raises(station.StationError) as nobody:
        list(opened.flash("fan", ports=[f"{tmp_path}/ttyNONE"]))
    with pytest.raises(station.StationError) as label:
        list(opened.flash("fan", ports=[f"{tmp_path}/ttyNONE"], label="5A01"))
    with pytest.raises(station.StationError) as unknown:
        opened.history("nobody")
    with pytest.raises(station.StationError) as unread:
        station.open_station(tmp_path / "elsewhere.toml")
    with pytest.raises(station.StationError) as state:
        list(opened.certificates(state="used"))
    codes = [error.value.code for error in (nobody, label, unknown, unread, state)]
    assert codes == ["E313", "E100", "E116", "E110", "E100"]


def test_certificates_come_page_by_page_each_once(opened: station.Station) -> None:
    names = [certificate.device_name for certificate in opened.certificates(product="a1Fan")]
    assert names == [f"fan{number:03}" for number in range(1, 121)]
    assert list(opened.certificates(product="a1Other")) == []


def test_a_key_behind_a_passphrase_asks_nobody(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text("a long passphrase of this bench\n")
    (tmp_path / "phrase").chmod(0o600)
    moved = shell("key", "move", "--to", "passphrase", "--new-passphrase-file", str(tmp_path / "phrase"))
    assert moved.code == 0, moved.err
    with pytest.raises(station.StationError) as refused:
        station.open_station(shell.folder)
    assert refused.value.code == "E114"


def test_a_station_that_is_closed_within_a_loop_finishes_the_board_in_hand(shell: Shell, port: str) -> None:
    with station.open_station(shell.folder) as opened:
        run, later = (opened.flash("fan", ports=[port], watch=True) for _ in range(2))
        events = iter(run)
        while getattr(next(events), "phase", None) != "write":
            pass
    assert (run.passed, run.in_doubt) == (1, 0)
    assert "flash" not in [thread.name for thread in threading.enumerate()]
    assert [event.state for event in events if isinstance(event, station.SlotEvent)][-1] == "PASS"
    for closed in (lambda: next(iter(later)), lambda: opened.history(UID), lambda: opened.flash("fan", ports=[port])):
        with pytest.raises(RuntimeError, match="closed"):
            closed()
    opened.close()
    with station.open_station(shell.folder) as again:
        assert again.notices == ()
        assert [one.device_name for one in again.certificates(state="consumed")] == ["fan001"]


def test_who_stops_a_run_before_a_board_came_gets_no_error(opened: station.Station, tmp_path: Path) -> None:
    early, run = (opened.flash("fan", ports=[f"{tmp_path}/ttyNONE"], watch=True) for _ in range(2))
    early.stop()
    assert [event.state for event in early if isinstance(event, station.SlotEvent)][-1:] in ([], ["EMPTY"])
    for _ in run:
        run.stop()
    assert (early.exit, run.exit) == (0, 0)


def test_a_program_that_left_its_loop_open_ends(shell: Shell, tmp_path: Path) -> None:
    program = (
        f"import station; events = iter(station.open_station({str(shell.folder)!r})"
        f".flash('fan', ports=[{str(tmp_path / 'ttyNONE')!r}], watch=True)); next(events)"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=60, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
