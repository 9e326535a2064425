# SPDX-License-Identifier: GPL-3.0-or-later
"""The factory's system is asked before a board gets an identity: its no, its silence, and what it says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from station.bench.setup import make_bench
from station.codes import Code, Exit
from station.config.settings import Config, load
from station.errors import BoardFault, ConfigError, StationError, StationFault
from station.events import SlotEvent
from station.flow.visit import FREE, Permit
from station.ledger.values import WorkOrder
from station.model import BoardUid, State
from station.outbox.asking import permit_of
from station.targets.slots import SlotSpec
from tests.bench.bench_hall import Hall

UID = BoardUid("ab00000000000001")


class Mes:
    """What it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status, self.answer = 200, b'{"allowed": true}'
        self.lacks = 0  # bytes of it that never come
        self.url = ""


@pytest.fixture
def mes() -> Iterator[Mes]:
    made = Mes()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(made.status)
            if made.lacks:
                self.send_header("content-length", str(len(made.answer) + made.lacks))
            self.end_headers()
            self.wfile.write(made.answer)

        def log_message(self, *_: object) -> None:
            """Not on the tests' screen."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


def config(tmp_path: Path, **mes: object) -> Config:
    file = tmp_path / "station.toml"
    file.write_text("[mes]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in mes.items()))
    return load(file, {}, {})


def test_it_hears_of_the_board_and_says_yes(mes: Mes, tmp_path: Path) -> None:
    permit = permit_of(config(tmp_path, ask=mes.url, order="WO-1 ", quantity=5))
    permit.ask(UID, "SN-1")
    about = {"schema": 1, "ask": "begin", "uid": UID, "serial": "SN-1", "order": "WO-1", "bench": "bench-1"}
    assert mes.asked == [about]
    assert permit.order == WorkOrder(reference="WO-1", quantity=5)
    own = permit_of(config(tmp_path, order="WO-1"), WorkOrder(reference="WO-2"))
    assert own.order == WorkOrder(reference="WO-2")
    limited = config(tmp_path, order="WO-1", quantity=5)
    assert permit_of(limited, WorkOrder(reference="WO-1")).order == WorkOrder(reference="WO-1", quantity=5)
    assert permit_of(limited, WorkOrder(reference="WO-1", quantity=7)).order == WorkOrder(reference="WO-1", quantity=7)
    assert permit_of(limited, WorkOrder(reference="WO-2")).order == WorkOrder(reference="WO-2")
    assert permit_of(config(tmp_path)) is FREE


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ('"test 3 is missing"', "test 3 is missing"),
        ('"\\u001b[31m red\\nand\\u0007 loud"', "red"),
        (json.dumps("长" * 5000), "长" * 100),
        ("17", "it gives no reason"),
    ],
)
def test_its_no_is_told_in_its_words_made_fit_for_a_tile(mes: Mes, tmp_path: Path, said: str, shown: str) -> None:
    mes.answer = f'{{"allowed": false, "reason": {said}}}'.encode()
    with pytest.raises(BoardFault) as caught:
        permit_of(config(tmp_path, ask=mes.url, silence="allow")).ask(UID, "")
    assert (caught.value.code, caught.value.exit) == (Code.E218, Exit.PERSON_NEEDED)
    assert shown in caught.value.what
    assert caught.value.what.isprintable()
    assert len(caught.value.what) < 250


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, b'{"allowed": true}'),
        (302, b'{"allowed": true}'),
        (200, b""),
        (200, b"yes"),
        (200, b'{"allowed": "true"}'),
        (200, b'{"allowed": 1}'),
        (200, b"[" * 20000),
        (200, b'{"allowed": false, "allowed": true}'),
        (200, b"\xff\xfe"),
        (200, b'{"allowed": true' + b" " * 70000 + b"}"),
    ],
)
def test_what_is_no_answer_is_silence(mes: Mes, tmp_path: Path, status: int, answer: bytes) -> None:
    mes.status, mes.answer = status, answer
    with pytest.raises(StationFault) as caught:
        permit_of(config(tmp_path, ask=mes.url)).ask(UID, "")
    assert caught.value.code is Code.E319
    assert (
        '{"allowed": true}' in str(caught.value) or status // 100 != 2
    )  # what it should answer, for whoever writes it
    permit_of(config(tmp_path, ask=mes.url, silence="allow")).ask(UID, "")


def test_an_answer_that_breaks_off_is_none_whatever_it_says_so_far(mes: Mes, tmp_path: Path) -> None:
    mes.lacks = 1
    with pytest.raises(StationFault, match="the connection broke") as caught:
        permit_of(config(tmp_path, ask=mes.url)).ask(UID, "")
    assert caught.value.code == "E319"


def test_nobody_there_is_silence_too(tmp_path: Path) -> None:
    with pytest.raises(StationError, match="does not say whether"):
        permit_of(config(tmp_path, ask="http://127.0.0.1:9/")).ask(UID, "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"ask": "mes"},
        {"ask": "http://mes.factory/", "token_file": "/t"},
        {"silence": "perhaps"},
        {"wait_s": 0},
        {"order": "WO\r1"},
    ],
)
def test_what_is_wrong_in_the_configuration_is_said(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="mes"):
        permit_of(config(tmp_path, **wrong))


def flashed(hall: Hall, permit: Permit, boards: int = 1) -> list[SlotEvent]:
    """The last word of each tile, once every board was looked at."""
    hall.open_ledger()
    specs = [SlotSpec(name=str(n), path=str(hall.folder / f"tty{n}")) for n in range(1, boards + 1)]
    bench = make_bench(hall.ledger, hall.profile, specs, hall.listen, permit=permit)
    for n in range(1, boards + 1):
        hall.board(n, n)
    bench.run(watch=False)
    return bench.slots.snapshot()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(tmp_path)
    with made.stack:
        yield made


def test_a_refused_board_stays_blank_and_takes_no_identity(hall: Hall, mes: Mes, tmp_path: Path) -> None:
    mes.answer = b'{"allowed": false, "reason": "not from this line"}'
    (tile,) = flashed(hall, permit_of(config(tmp_path, ask=mes.url)))
    assert (tile.code, "not from this line" in tile.what) == (Code.E218, True)
    assert hall.holds(1) == []
    assert hall.ledger.stock.by_state()[State.READY] == 50


def test_four_slots_at_once_take_no_more_than_an_order_asks_for(hall: Hall) -> None:
    tiles = flashed(hall, Permit(order=WorkOrder(reference="WO-1", quantity=2)), boards=4)
    assert sorted(str(tile.code) for tile in tiles if tile.code) == ["E640", "E640"]
    assert sum(bool(hall.holds(n)) for n in range(1, 5)) == 2
    assert hall.ledger.stock.by_state()[State.CONSUMED] == 2
