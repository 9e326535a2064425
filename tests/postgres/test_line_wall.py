# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board of a line on a real server: what it says is what is in the ledger, and no claim waits for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from station.codes import Code, Exit
from station.config.settings import load
from station.desk.searching import find
from station.desk.wall_of_line import WallOfLine
from station.errors import ConfigError
from station.ledger.server import BENCH
from station.ledger.values import VisitRow
from station.ledger.view import look_at
from station.ledger.where import OnServer
from station.model import BoardUid
from station.report.line import LineNumbers
from station.rules import Outcome
from station.tui.line_wall import LineWallApp
from station.tui.run_wall import show_wall
from tests.ledger.ledger_samples import BATCH, single
from tests.postgres.cable import Network
from tests.postgres.conftest import Open
from tests.postgres.server import Server
from tests.postgres.test_line_view import flash
from tests.tui.wall_floor import on_wall


@pytest.fixture
def place(server: Server, database: str, tmp_path: Path) -> OnServer:
    return OnServer(url=server.url(database, BENCH), path=tmp_path / "wall.line")


@pytest.mark.asyncio
async def test_it_shows_what_every_bench_does_as_it_happens(
    open_bench: Open, place: OnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.tui.line_wall.REFRESH_S", 0.1)
    first, second, third = (open_bench(name) for name in ("left", "right", "third"))
    first.receive(BATCH, [single(f"cam{n}") for n in range(9)])
    for number in range(4):
        flash(first, f"a0b1c200000{number}")
    with WallOfLine("line3", lambda: look_at(place), plan=8) as wall:
        async with on_wall(LineWallApp(wall), (120, 30)) as board:
            shown = await board.sees("line3", "a1Camera", "benches 3 of 3", "► left", "• right", "plan 8: 50%")
            assert "lasts" not in shown  # four boards are no rate
            flash(second, "a0b1c2000010")
            await board.sees("► right", "plan 8: 62%", "lasts")
            flash(second, "a0b1c2000011", doubt=Code.E311)
            flash(second, "a0b1c2000012", doubt=Code.E204)
            await board.sees("? right", "BACK 1", "…0011", "in red bin: 1")
            second.locks.lock("4", Code.E602, "three in a row")
            await board.sees("LOCKED right/4 E602")
            third.close()
            await board.sees("– third", "away", "benches 2 of 3")
            flash(first, "a0b1c2000020")
            flash(first, "a0b1c2000021")
            await board.sees("NO STOCK")
            first.locks.lock("", Code.E701, "two boards")
            await board.sees("!  E701")


@pytest.mark.asyncio
async def test_a_server_that_is_out_of_reach_is_said_and_comes_back_by_itself(
    server: Server, database: str, open_bench: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start too: a screen in the hall is switched on before the server is."""
    monkeypatch.setattr("station.tui.line_wall.REFRESH_S", 0.1)
    open_bench("left")
    with Network(server.folder / f".s.PGSQL.{server.port}") as network:
        url = f"postgresql://{BENCH}@127.0.0.1:{network.port}/{database}?sslmode=disable"
        place = OnServer(url=url, path=tmp_path / "wall.line")
        network.cut()
        with WallOfLine("line3", lambda: look_at(place)) as wall:
            async with on_wall(LineWallApp(wall), (120, 30)) as board:
                await board.sees("E329")
                network.mend()
                await board.sees("left", "benches 1 of 1", misses=("E329",))
                network.cut()
                await board.sees("E329", "left")
                network.mend()
                await board.sees("left", misses=("E329",))


def test_a_bench_of_a_line_shows_the_line(
    open_bench: Open, place: OnServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_bench("left")
    seen: list[LineNumbers] = []
    monkeypatch.setattr(LineWallApp, "run", lambda app, **_: seen.append(app.look()))
    flags = {"ledger.url": place.url, "bench.state_dir": str(tmp_path), "line.plan": "90"}
    config = load(None, flags, {"XDG_CONFIG_HOME": str(tmp_path)})
    assert show_wall(config, lambda: config) is Exit.OK
    assert ([bench.seen.name for bench in seen[0].benches], seen[0].plan) == (["left"], 90)


def test_what_is_no_matter_of_waiting_is_said_at_once(tmp_path: Path, server: Server, made: str) -> None:
    """A database without a ledger is never going to have one by itself."""
    assert made
    place = OnServer(url=server.url("postgres", "admin"), path=tmp_path / "wall.line")
    with pytest.raises(ConfigError), WallOfLine("line3", lambda: look_at(place)):
        pass


def test_a_look_never_holds_up_a_claim(open_bench: Open, place: OnServer, server: Server, database: str) -> None:
    """It holds no lock that a bench could wait for, even where it stands still in the middle."""
    first = open_bench("left")
    first.receive(BATCH, [single("cam1"), single("cam2")])
    with (
        psycopg.connect(server.url(database, "admin"), autocommit=True) as other,
        look_at(place) as view,
        view.book.read() as db,
    ):
        db.execute("SELECT count(*) FROM audit").fetchall()
        kept = (
            "SELECT count(*) FROM pg_locks WHERE granted AND locktype = 'relation'"
            " AND mode NOT IN ('AccessShareLock', 'ExclusiveLock')"
        )
        assert other.execute(kept).fetchone() == (0,)
        flash(first, "a0b1c2000001")


def test_a_search_says_at_which_bench_each_thing_happened(open_bench: Open) -> None:
    first, second = open_bench("left"), open_bench("right")
    first.receive(BATCH, [single("cam1")])
    first.operator = "Li"
    uid = BoardUid.parse("a0b1c2000001")
    flash(first, uid, doubt=Code.E311)
    visit = VisitRow(at=1.0, slot="1", outcome=Outcome.IN_DOUBT, board_uid=uid)
    first.visits.record(replace(visit, operator="Li"))
    second.visits.record(replace(visit, at=2.0, outcome=Outcome.ALREADY_DONE))
    known = second.bound_to(uid)
    assert known is not None
    second.retire(known.name, "scrapped", by="Wang")
    lines = find(second, uid).lines
    assert [line.who for line in lines if line.outcome] == ["left/Li", "right"]
    told = [(line.event, line.who) for line in lines]
    assert told[-4:] == [("reserved", "left/Li"), ("writing", "left/Li"), ("in doubt", "left/Li"), ("retired", "right")]
