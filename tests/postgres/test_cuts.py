# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of boards while the server of their line's ledger is killed, stopped, or out of reach: real benches, a
real server, judged in the boards.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from station.codes import Code, Exit
from station.errors import LedgerFault
from station.ledger.postgres import patience
from station.ledger.server import BENCH
from station.model import BoardUid
from tests.postgres.cable import Network
from tests.postgres.line_benches import Line, LineBench
from tests.postgres.server import Server
from tests.sampled import sampled

UID = BoardUid("b0a1")


class Run:
    """`station flash` of a bench, until a board has passed; what it tells is heard as it comes."""

    def __init__(self, bench: LineBench) -> None:
        self.process: Popen[str] = bench.start("flash", "--json", "--count", "1")
        self._heard: list[dict[str, Any]] = []
        self._new = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._new:
                self._heard.append(json.loads(line))
                self._new.notify_all()

    def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + 90
        with self._new:
            while not (found := [event for event in self._heard if wanted(event)]):
                assert time.monotonic() < deadline, (self._heard, self.process.poll())
                self._new.wait(1)
        return found[0]

    def ended(self) -> tuple[int, str]:
        assert self.process.stderr is not None
        return self.process.wait(90), self.process.stderr.read()


@pytest.fixture
def network(server: Server) -> Iterator[Network]:
    with Network(server.folder / f".s.PGSQL.{server.port}") as one:
        yield one


@pytest.fixture
def line(network: Network, server: Server, database: str, tmp_path: Path) -> Iterator[Line]:
    url = f"postgresql://{BENCH}@127.0.0.1:{network.port}/{database}?sslmode=disable"
    one = Line(url, tmp_path, direct=server.url(database, BENCH))
    yield one
    for bench in one.benches:
        bench.unplug()


def says_cut(event: dict[str, Any]) -> bool:
    return event.get("event") == "slot" and event.get("code") == "E329"


@pytest.mark.parametrize(("asked", "how"), sampled([(b"KEEP", "kill"), (b"WHO", "stop"), (b"SHOW", "stop")], 2))
def test_a_bench_waits_for_a_server_that_went_and_goes_on_by_itself(
    line: Line, server: Server, asked: bytes, how: str
) -> None:
    """While it is written; before its identity is chosen; when it is proved."""
    line.stock_up(2)
    bench = line.bench(1)
    bench.plug_telling(UID, asked, getattr(server, how))
    run = Run(bench)
    try:
        told = run.wait(says_cut)
    finally:
        server.start()
    assert (told["uid"] or UID, told["do"] != "") == (UID, True)
    code, why = run.ended()
    assert code == Exit.OK, why
    assert len(line.held()[UID]) == 1
    assert line.violations() == []


def test_a_bench_that_was_cut_off_finishes_nothing_that_another_has_taken_over(line: Line, network: Network) -> None:
    line.stock_up(2)
    bench, other = line.bench(1), line.bench(1)
    other.configure(line.direct)

    def cut_off() -> None:
        network.cut()
        with other.open_ledger() as ledger:
            while not ledger.recover(own=False):  # the server has yet to notice
                time.sleep(0.05)
        network.mend()

    bench.plug_telling(UID, b"KEEP", cut_off)
    run = Run(bench)
    doubtful = run.wait(lambda event: event.get("state") == "IN_DOUBT")
    assert doubtful["code"] == "E323"
    run.process.send_signal(signal.SIGINT)
    code, _ = run.ended()
    assert code == Exit.PERSON_NEEDED
    assert line.violations() == []
    assert bench.shell("flash").code == Exit.OK
    assert line.violations() == []


def test_what_a_killed_bench_had_in_hand_is_resolved_at_another(line: Line) -> None:
    line.stock_up(2)
    killed, living = line.bench(1), line.bench(1)
    runs: list[Run] = []

    def kill() -> None:
        runs[0].process.kill()

    runs.append(Run(killed))
    killed.plug_telling(UID, b"KEEP", kill)
    runs[0].ended()
    killed.unplug()
    with living.open_ledger() as ledger:
        while not (doubtful := ledger.recover(own=False)):  # the server has yet to notice
            time.sleep(0.05)
        assert [known.board_uid for known in doubtful] == [UID]
    living.plug(UID)
    done = living.shell("flash")
    assert done.code == Exit.OK, done.err
    assert line.violations() == []


def test_a_server_that_says_nothing_any_more_is_given_up(
    line: Line, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "ANSWER_S", 0.5)
    monkeypatch.setattr(patience, "CUT_S", 2)
    with line.bench().open_ledger() as ledger:
        ledger.audit.head()
        network.silence()
        with pytest.raises(LedgerFault) as given_up:
            ledger.audit.head()
        assert given_up.value.code is Code.E329
        network.mend()
        assert ledger.audit.head().seq >= 0
