# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions of a board: each is answered once, and by what the profile says; one that nobody foresaw is no answer."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest

from station.errors import BoardFault, ConfigError
from station.model import Certificate, Identity, Port, Secret
from station.profiles.profile import parse_profile
from station.simulate import console
from station.simulate.console import ConsoleBoard, Quirks
from station.simulate.console_dialect import Dialect, Reply
from station.targets import check_options
from station.targets.base import no_progress
from station.targets.console.target import ConsoleSession, ConsoleTarget

PROFILE = r"""
name = "doubting"
target = "console"
products = ["a1B2c3D4e5F"]
prove_after_reset = false
[console]
persistent = true
timeout_s = 0.2
probe = { line = "AT", success = '^OK$' }
uid = { line = "ID", pattern = '^ID:(\S+)$' }
[[console.write]]
line = "SET {productKey} {deviceName} {deviceSecret}"
success = '^STORED$'
answers = [{ when = '^Sure\? ', line = "y" }, { when = '^Again, with its secret\? ', line = "{deviceSecret:hex}" }]
[[console.read]]
line = "GET"
done = '^OK$'
absent = '^NONE$'
fields = { productKey = '^K=(.*)$', deviceName = '^N=(.*)$', deviceSecret = '^S=(.*)$' }
"""
ONE = Certificate(product_key="a1B2c3D4e5F", device_name="cam1", device_secret=Secret("0123456789abcdef"))


class Doubting(Dialect):
    """Asks what `asks` says, one after the other, after SET."""

    ends = b"\r"
    fields: ClassVar = {"productKey": "K", "deviceName": "N", "deviceSecret": "S"}
    asks: ClassVar[list[str]] = []

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.left: list[str] = []

    def obey(self, line: str) -> Reply:
        if line.startswith("SET "):
            self.left = list(self.asks)
            return self.left.pop(0)
        if line == "y" or line == b"0123456789abcdef".hex():
            return self.left.pop(0) if self.left else "STORED\r\n"
        return {"AT": "OK\r\n", "ID": "ID:a1b2c3d4\r\nOK\r\n", "GET": "NONE\r\n"}.get(line, "ERROR\r\n")


Talk = Callable[..., tuple[ConsoleSession, ConsoleBoard]]


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    monkeypatch.setitem(console.DIALECTS, "doubting", Doubting)
    profile = parse_profile(tomllib.loads(PROFILE), check_options, source="doubting")
    store = tmp_path / "d.json"
    with ConsoleBoard("doubting", uid="a1b2c3d4", store=store, link=tmp_path / "tty", quirks=Quirks()) as board:
        port = Port(url=str(tmp_path / "tty"), slot="1")
        with closing(ConsoleTarget().open(port, profile)) as session:

            def asking(*questions: str) -> tuple[ConsoleSession, ConsoleBoard]:
                monkeypatch.setattr(Doubting, "asks", list(questions))
                session.identify()
                return session, board

            yield asking


def test_each_question_gets_its_answer_in_whatever_order(talk: Talk) -> None:
    session, board = talk("Again, with its secret? ", "Sure? ")
    session.write(Identity(primary=ONE), no_progress)
    said = board.lines[-2:]
    assert said == [b"0123456789abcdef".hex(), "y"]


def test_a_question_that_comes_again_is_not_answered_for_ever(talk: Talk) -> None:
    session, board = talk(*["Sure? "] * 50)
    with pytest.raises(BoardFault) as fault:
        session.write(Identity(primary=ONE), no_progress)
    assert fault.value.code == "E201"
    assert board.lines.count("y") <= 3


def test_a_question_that_nobody_foresaw_is_no_answer(talk: Talk) -> None:
    session, _ = talk("Really? ")
    with pytest.raises(BoardFault) as fault:
        session.write(Identity(primary=ONE), no_progress)
    assert fault.value.code == "E201"


def test_an_answer_that_carries_a_secret_is_told_from_one_that_does_not() -> None:
    without = PROFILE.replace(", { when = '^Again, with its secret\\? ', line = \"{deviceSecret:hex}\" }", "")
    assert without != PROFILE
    quiet = without.replace(" {deviceSecret}", "")
    with pytest.raises(ConfigError, match="never sends deviceSecret"):
        parse_profile(tomllib.loads(quiet), check_options, source="doubting")
    parse_profile(tomllib.loads(PROFILE.replace(" {deviceSecret}", "")), check_options, source="doubting")
