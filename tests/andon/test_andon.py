# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench whose outputs are alive, dead or hanging: boards do not notice, listeners hear what the tiles say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from station.andon import andon as andons
from station.andon.andon import Andon
from station.andon.file import FileOutput
from station.andon.light import Light, light_of, milder, worst
from station.andon.line import MOST_BYTES, of_bench, of_notice, of_tile
from station.andon.output import Output
from station.bench.setup import make_bench
from station.codes import Code
from station.config.settings import load
from station.errors import StationFault
from station.events import Event, Notice, SlotEvent, SlotState
from station.ledger.certificates import HeldCertificates
from station.targets.slots import SlotSpec
from station.tui.prepared import desk_of
from tests.andon.receivers import Fickle
from tests.bench.bench_hall import Hall
from tests.waiting import PATIENCE_S, until

SLOTS = 8


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(tmp_path)
    with made.stack:
        yield made


def heard(log: Path) -> list[dict[str, object]]:
    whole = log.read_bytes().rpartition(b"\n")[0] if log.exists() else b""
    return [json.loads(one) for one in whole.splitlines()]


@contextmanager
def bench(hall: Hall, *outputs: Output) -> Iterator[Callable[[Event], None]]:
    """Eight slots whose events go to these outputs, and to the hall."""
    hall.open_ledger()
    specs = [SlotSpec(name=str(n), path=str(hall.folder / f"tty{n}")) for n in range(1, SLOTS + 1)]
    with Andon(outputs, bench="LINE-3").sounding(hall.listen, hall.ledger) as hear:

        def listen(event: Event) -> None:
            hear(event)
            hall.listen(event)

        hall.run(make_bench(hall.ledger, hall.profile, specs, listen))
        yield hear


def test_eight_boards_are_done_while_an_output_hangs_and_another_is_dead(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(andons, "LEAVES_S", 0.2)
    log, hanging, dead = tmp_path / "andon.jsonl", Fickle(), Fickle()
    hanging.goes_on.clear()
    dead.works = False
    with bench(hall, hanging, dead, FileOutput(name="log", path=log)):
        for n in range(1, SLOTS + 1):
            hall.board(n, n)
        for n in range(1, SLOTS + 1):
            hall.until(n, SlotState.PASS)
        assert not hanging.told, "it was held up all the time"
        assert hanging.begun.wait(PATIENCE_S)
        until(lambda: len({one["slot"] for one in heard(log) if one.get("state") == "PASS"}) == SLOTS)
    assert sorted(name for n in range(1, SLOTS + 1) for name in hall.holds(n)) == [f"cam{n}" for n in range(SLOTS)]
    assert [one.what for one in hall.seen if isinstance(one, Notice)] == ["andon fickle: it is dead"]
    until(lambda: heard(log)[-1]["bench_state"] == "OFF")  # the end is told beside the hanging one
    assert not hanging.told
    hanging.goes_on.set()


def test_a_line_says_all_of_a_tile_and_no_secret(hall: Hall, tmp_path: Path) -> None:
    log = tmp_path / "andon.jsonl"
    with bench(hall, FileOutput(name="log", path=log)):
        hall.board(1, 3)
        hall.until(3, SlotState.PASS)
    begun, *lines, over = heard(log)
    assert (begun["event"], begun["bench_state"]) == ("bench", "EMPTY")
    assert (over["event"], over["bench_state"]) == ("bench", "OFF")
    passed = next(one for one in lines if one.get("state") == "PASS")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:]{8}\.\d{3}\+00:00", str(passed.pop("time")))
    expected = {"bench": "LINE-3", "bench_state": "PASS", "slot": "3", "state": "PASS", "uid": "ab00000000000001"}
    (stay,) = hall.ledger.visits.since(0.0)
    about = {"product": "a1Cam", "device": "cam0", "batch": "1", "visit": stay.details["visit"]}
    assert passed == {"schema": 1, "event": "slot"} | expected | about
    assert not re.search(r"\bS0\b", log.read_text()), "that is its deviceSecret"
    busy = [one for one in lines if one.get("state") == "BUSY"]
    assert 2 <= len(busy) <= 4, "a line a change, not a percent"


@pytest.mark.parametrize("trouble", [StationFault("the disk is gone", do="see"), ValueError("a defect")])
def test_a_ledger_that_cannot_be_asked_stops_no_lamp(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def broken(*_: object, **__: object) -> NoReturn:
        raise trouble

    log = tmp_path / "andon.jsonl"
    hall.open_ledger()
    monkeypatch.setattr(HeldCertificates, "search", broken)
    with Andon([FileOutput(name="log", path=log)], bench="LINE-3").sounding(hall.listen, hall.ledger) as hear:
        for state in (SlotState.BUSY, SlotState.FAIL):
            hear(SlotEvent(slot="1", at=0.0, state=state, product_key="a", device_name="d"))
    assert [one.get("state") for one in heard(log)] == [None, "BUSY", "FAIL", None]


def test_what_is_told_before_the_first_tile_is_of_a_bench_that_works(hall: Hall, tmp_path: Path) -> None:
    log = tmp_path / "andon.jsonl"
    hall.open_ledger()
    with Andon([FileOutput(name="log", path=log)], bench="LINE-3").sounding(hall.listen, hall.ledger) as hear:
        hear(Notice(at=0.0, code=Code.E603, what="it is locked", serious=True))
    assert [one["bench_state"] for one in heard(log)] == ["EMPTY", "EMPTY", "OFF"]


def test_the_screens_bench_tells_it_too(hall: Hall, tmp_path: Path) -> None:
    log = tmp_path / "andon.jsonl"
    hall.open_ledger()
    (tmp_path / "station.toml").write_text(f'[bench]\nname = "LINE-3"\n[andon.log]\nfile = "{log}"\n')
    slots = [SlotSpec(name="1", path=str(tmp_path / "tty1"))]
    with desk_of(load(tmp_path / "station.toml", {}, {}), hall.ledger, hall.profile, slots):
        hall.board(1, 1)
        until(lambda: any(one.get("state") == "PASS" and one.get("batch") == "1" for one in heard(log)))
    assert heard(log)[-1]["bench_state"] == "OFF"


def test_the_worst_tile_is_the_benchs_and_every_state_has_its_place() -> None:
    assert [str(light) for light in Light if light not in ("OFF", "ALARM")] == sorted(
        (str(state) for state in SlotState), key=lambda word: list(Light).index(Light(word))
    )
    tiles = [SlotEvent(slot="1", at=0.0, state=state) for state in (SlotState.PASS, SlotState.FAIL, SlotState.BUSY)]
    assert worst(map(light_of, tiles)) is Light.FAIL
    alarm = SlotEvent(slot="1", at=0.0, state=SlotState.LOCKED, code=Code.E701)
    assert worst(map(light_of, [*tiles, alarm])) is Light.ALARM
    assert light_of(SlotEvent(slot="1", at=0.0, state=SlotState.EMPTY, code=Code.E500)) is Light.NO_STOCK
    assert worst([]) is Light.EMPTY, "OFF is a station that does not run"
    assert milder(Light.PASS) == (Light.PASS, Light.EMPTY)
    assert milder(Light.OFF) == (Light.OFF,)


@pytest.mark.parametrize("text", ["中" * 5000, "\x1b[31m" * 900, "\ud800" * 900, 'a"\\' * 2000])
def test_a_line_is_one_line_short_and_printable_whatever_a_board_says(text: str) -> None:
    tile = SlotEvent(
        slot=text, at=0.0, state=SlotState.FAIL, uid=text, product_key=text, device_name=text, code=Code.E203, what=text
    )
    data = of_tile(tile, Light.FAIL, Light.FAIL, at_bench=text, batch=text).encoded()
    assert len(data) <= MOST_BYTES < 4096
    assert data.count(b"\n") == 1
    assert b"\x1b" not in data
    assert json.loads(data)["state"] == "FAIL"


def test_every_field_is_in_the_design() -> None:
    tile = SlotEvent(
        slot="1",
        at=0.0,
        state=SlotState.FAIL,
        visit="3f9a",
        uid="5a",
        product_key="a",
        device_name="d",
        code=Code.E203,
        what="w",
    )
    notice = Notice(at=0.0, code=Code.E316, what="w", serious=True, slot="1")
    told = {
        "slot": of_tile(tile, Light.FAIL, Light.FAIL, at_bench="b", batch="77"),
        "notice": of_notice(notice, Light.FAIL, at_bench="b"),
        "bench": of_bench(Light.OFF, 0.0, at_bench="b"),
    }
    design = Path(__file__).parents[2].joinpath("station/DESIGN.md").read_text("utf-8")
    table = design.split("What the andon tells")[1].split("| field |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([a-z, ]+) \|", table, re.MULTILINE)
    for event, line in told.items():
        drawn = {
            field
            for fields, events in rows
            if events == "all" or event in events.split(", ")
            for field in re.findall(r"\w+", fields)
        }
        assert set(line.content) == drawn
    assert ", ".join(Light) in table
