# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch of boards, two hundred in `make soak`, in which all went wrong that does: report, history, reconcile, outbox
and labels tell that one story, and their numbers are those of the ledger's rows and of what is inside the boards."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.bench.outcome import record
from station.codes import Exit
from station.flow.flow import flash
from station.flow.visit import Job
from station.ledger.store import Ledger
from station.ledger.visits import LABEL, PROFILE
from station.model import Port
from station.printing.feeding import fed
from station.printing.printer import Printer
from station.profiles.profile import Profile
from station.profiles.sticker import Sticker
from station.rules import Outcome
from station.secrets.keys import open_vault
from station.simulate.agent_board import Misbehaviour, SimulatedAgentBoard, read_identity
from station.simulate.cloud import CloudSimulator
from station.simulate.printer import LabelPrinter
from station.targets import get_target
from tests.intake.intake_contents import Station
from tests.paper.test_report_page import BROWSER, Read
from tests.raw import raw
from tests.sampled import WHOLE
from tests.waiting import PATIENCE_S, until

BOARDS, STOCK, LEAKED = (200, 210, 207) if WHOLE else (40, 50, 47)
FLIPS, DEAD, CLONED, REWORKED = (10, 21, 22), 30, 25, 35
STICKER = Sticker(width_mm=60, height_mm=10, qr="", lines=("{device}",))


@dataclass
class Floor:
    """Boards that are put into eight slots, one after the other; `ended`: how each stay did."""

    ledger: Ledger
    folder: Path
    profile: Profile
    ended: list[tuple[str, str]] = field(default_factory=list)

    def put_in(self, number: int, *, store: int | None = None, **faults: Any) -> Outcome:
        job = Job(ledger=self.ledger, target=get_target("agent"), profile=self.profile, tell=lambda _visit: None)
        with SimulatedAgentBoard(uid(number), self.store(store or number), faults=Misbehaviour(**faults)) as board:
            visit = flash(job, Port(slot=str(number % 8 + 1), url=board.url))
        visit.notes[PROFILE] = self.profile.name
        if visit.outcome in (Outcome.PASS, Outcome.ALREADY_DONE):
            visit.notes[LABEL] = self.profile.name
        record(self.ledger, visit, 1.0)
        self.ended.append((visit.outcome, visit.error.code if visit.error else ""))
        return visit.outcome

    def store(self, number: int) -> Path:
        return self.folder / f"{number}.flash"

    def holds(self, number: int) -> str:
        (held,) = read_identity(self.store(number)) or []
        return held.device_name


def uid(number: int) -> str:
    return f"ab{number:014x}"


@contextmanager
def at_the_floor(folder: Path, product: str, printer: LabelPrinter) -> Any:
    profile = Profile(
        name="cam", target="agent", products=(product,), options={"answer_s": 2.0, "restart_s": 10.0}, sticker=STICKER
    )
    state = folder / "state"
    with (
        Ledger(state / "ledger.db", open_vault(state / "station.key")) as ledger,
        fed(ledger, Printer(where=printer.where), lambda: {"cam": STICKER}, lambda _notice: None),
    ):
        yield Floor(ledger, folder, profile)


def flash_them_all(floor: Floor) -> None:
    for number in range(1, BOARDS + 1):
        if number in FLIPS:
            assert floor.put_in(number, flips_stored_byte=True) is Outcome.FAIL
        if number == DEAD:
            assert floor.put_in(number, dead_after=0) is Outcome.FAIL
            continue
        assert floor.put_in(number) is Outcome.PASS
    shutil.copy(floor.store(CLONED), floor.store(999))
    assert floor.put_in(999) is Outcome.ALARM
    assert floor.put_in(7) is Outcome.ALREADY_DONE


def test_all_that_is_told_of_a_batch_is_one_story(
    cloud: CloudSimulator, station: Station, pin: Path, tmp_path: Path
) -> None:
    product = cloud.add_product("Camera").product_key
    made = station("batch", "generate", "--yes", "--product", product, "--amount", STOCK, "--json")
    batch = json.loads(made[1].splitlines()[-1])["batch"]
    assert station("pull", batch)[0] == Exit.OK
    told, config, profiles = tmp_path / "told.jsonl", tmp_path / "station.toml", tmp_path / "profiles"
    config.write_text(f'{config.read_text()}[outbox.mes]\nfile = "{told}"\nsince = 2020-01-01T00:00:00Z\n')
    profiles.mkdir()
    label = 'width_mm = 60\nheight_mm = 10\nqr = ""\nlines = ["{device}"]\n'
    (profiles / "cam.toml").write_text(f'name = "cam"\ntarget = "agent"\nproducts = ["{product}"]\n[label]\n{label}')
    with LabelPrinter() as printer:
        with at_the_floor(tmp_path, product, printer) as floor:
            flash_them_all(floor)
            torn, before = floor.holds(33), floor.holds(REWORKED)
            with printer.printed:
                assert printer.printed.wait_for(lambda: len(printer.labels) == BOARDS - 1, PATIENCE_S)
        where = ("--set", f"printer.where={printer.where}")
        done = station(*where, "label", "print", torn, "--profile", "cam", "--reason", "torn")
        assert done[0] == Exit.OK, done
        done = station("rework", uid(REWORKED), "--reason", "radio replaced", "--pin-file", pin, "--yes")
        assert done[0] == Exit.OK, done
        with at_the_floor(tmp_path, product, printer) as floor:
            assert floor.put_in(REWORKED) is Outcome.PASS
            after = floor.holds(REWORKED)
            until(lambda: len(printer.labels) == BOARDS + 1)  # the reprint, and the reworked board's new one
    cloud.set_status(batch, LEAKED, 3)
    code, out, _ = station("reconcile", batch, "--days", 30, "--json")
    leaks = [line["name"] for line in map(json.loads, out.splitlines()) if line.get("kind") == "leaked"]
    assert (code, len(leaks)) == (Exit.INTEGRITY, 1)
    require_told(station, tmp_path, batch, (before, after, leaks[0].rpartition("/")[2]))


def require_told(station: Station, folder: Path, batch: str, names: tuple[str, str, str]) -> None:
    before, after, leaked = names
    page, whole = folder / "batch.html", folder / "line.html"
    assert station("report", "batch", batch, "--html", page)[0] == Exit.OK
    assert station("report", "batch", "--line", "--html", whole)[0] == Exit.OK
    with raw(folder / "state" / "ledger.db") as db:

        def count(what: str) -> int:
            return int(db.execute(f"SELECT count({what}").fetchone()[0])

        outcomes = Counter(row[0] for row in db.execute("SELECT outcome FROM visits"))
        states = dict(db.execute("SELECT state, count(*) FROM identities GROUP BY state").fetchall())
        printed = count("*) FROM audit WHERE event = 'label printed'")
        passed = count("DISTINCT board_uid) FROM visits WHERE outcome = 'PASS'")
        stays = [tuple(row) for row in db.execute("SELECT board_uid, outcome, code FROM visits ORDER BY id")]
    assert outcomes == {"PASS": BOARDS, "FAIL": len(FLIPS) + 1, "ALARM": 1, "ALREADY_DONE": 1}
    assert states == {"CONSUMED": BOARDS - 1, "RETIRED": 1, "WITHHELD": 1, "READY": STOCK - BOARDS - 1}
    assert printed == BOARDS + 1
    figures = (of_batch := Read(page.read_text("utf-8"))).figures
    assert (int(figures["received"]), int(figures["boards"])) == (STOCK, states["CONSUMED"])
    assert int(figures["passed"]) == passed == BOARDS - 1
    assert {row[0]: int(row[1]) for row in of_batch.table("stock") if int(row[1])} == {
        state.lower().replace("_", " "): many for state, many in states.items()
    }
    of_all = Read(whole.read_text("utf-8"))
    assert sum(int(row[2]) for row in of_all.table("slots")) == outcomes["PASS"]
    events = station("outbox", "send")[0], (folder / "told.jsonl").read_text().splitlines()
    told = [(e["uid"], e["outcome"], e["code"] or "") for e in map(json.loads, events[1])]
    assert (events[0], told) == (Exit.OK, stays)
    assert station("label", "queue")[0] == Exit.OK
    history = station("history", uid(REWORKED))[1]
    assert before in history and after in history and "radio replaced" in history
    assert "the cloud: in use" in station("history", leaked)[1]
    assert "E701" in station("history", uid(999))[1]
    assert station("audit", "verify")[0] == Exit.OK
    if BROWSER is not None:
        require_shown(page, folder, figures["boards"])


def require_shown(page: Path, folder: Path, boards: str) -> None:
    options = ["--no-sandbox", "--disable-gpu", "--enable-logging=stderr", f"--user-data-dir={folder / 'browser'}"]
    command = [str(BROWSER), *options, "--dump-dom", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    assert Read(shown.stdout).figures["boards"] == boards
    assert "CONSOLE" not in shown.stderr
