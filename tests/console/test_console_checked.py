# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that carry a check: one that was damaged on its way is asked for again, and never believed."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import BoardFault, ConfigError
from station.model import Certificate, CertName, Holding, Identity, Method, Port, Secret, Verdict
from station.patterns import pattern
from station.profiles.profile import parse_profile
from station.simulate import console
from station.simulate.console import ConsoleBoard
from station.simulate.console_dialect import Dialect, Reply
from station.targets import check_options
from station.targets.base import no_progress
from station.targets.console.checked import covered
from station.targets.console.spec import AnswerCheck
from station.targets.console.table import parse_console
from station.targets.console.target import ConsoleSession, ConsoleTarget

CHECK = r"check = { pattern = '^(?P<of>.*)\*(?P<check>[0-9A-F]{2})$', form = 'xor8' }"
PROFILE = rf"""
name = "sealed"
target = "console"
products = ["a1B2c3D4e5F"]
prove_after_reset = false
[console]
{CHECK}
persistent = true
timeout_s = 2.0
probe = {{ line = "AT", success = '^OK\*' }}
errors = {{ '^REFUSED' = "refused" }}
uid = {{ line = "ID", pattern = '^ID:(\w+)' }}
[[console.write]]
line = "SET {{productKey}} {{deviceName}} {{deviceSecret}}"
success = '^OK\*'
[[console.read]]
line = "GET"
done = '^OK'
absent = '^NONE$'
fields = {{ productKey = '^K=(\w*)', deviceName = '^N=(\w*)', deviceSecret = '^S=(\w*)' }}
"""
ONE = Identity(primary=Certificate(product_key="a1B2c3D4e5F", device_name="cam1", device_secret=Secret("0123456789ab")))
HELD = {"K": "a1B2c3D4e5F", "N": "cam1", "S": "0123456789ab"}


Damage = tuple[str, str, str]
"""Of the answer to a line that begins so: a text, and what becomes of it."""


def sealed(line: str) -> str:
    check = 0
    for byte in line.encode():
        check ^= byte
    return f"{line}*{check:02X}\r\n"


class Sealed(Dialect):
    """Each line of an answer ends with the XOR of what stands before it; on the way to the station `damage` is done."""

    ends = b"\r"
    fields: ClassVar = {"productKey": "K", "deviceName": "N", "deviceSecret": "S"}
    damage: ClassVar[list[Damage]] = []
    """Done once each."""

    def obey(self, line: str) -> Reply:
        answer = self._answer(line)
        done = next((one for one in self.damage if line.startswith(one[0])), None)
        if done is None:
            return answer
        self.damage.remove(done)
        assert done[1] in answer
        return answer.replace(*done[1:])

    def _answer(self, line: str) -> str:
        if line.startswith("SET "):
            self.cells.update(zip("KNS", line.split()[1:], strict=True))
            return sealed("OK")
        if line == "GET":
            held = "".join(sealed(f"{key}={self.cells[key]}") for key in self.cells)
            return f"# rssi -61\r\n{held}{sealed('OK')}" if held else "NONE\r\n"
        if line == "HASH":
            secret = self.cells["S"].encode()
            return "".join(sealed(f"{by}={hashlib.new(by, secret).hexdigest()}") for by in ("sha256", "sha1", "md5"))
        return {"AT": sealed("OK"), "ID": sealed("ID:a1b2c3d4")}.get(line, sealed("REFUSED") if line else "")


Begin = Callable[..., tuple[ConsoleSession, ConsoleBoard]]


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    monkeypatch.setitem(console.DIALECTS, "sealed", Sealed)
    damage = list[Damage]()
    monkeypatch.setattr(Sealed, "damage", damage)

    with ExitStack() as stack:

        def talk(*damaged: Damage, profile: str = PROFILE, holds: bool = False) -> tuple[ConsoleSession, ConsoleBoard]:
            link = tmp_path / "tty"
            board = stack.enter_context(ConsoleBoard("sealed", uid="a1b2c3d4", store=tmp_path / "s.json", link=link))
            if holds:
                board._firmware.cells.update(HELD)
            wanted = parse_profile(tomllib.loads(profile), check_options, source="sealed")
            session = stack.enter_context(closing(ConsoleTarget().open(Port(url=str(link), slot="1"), wanted)))
            damage.extend(damaged)
            return session, board

        yield talk


def test_what_carries_its_check_is_read_and_what_needs_none_ends_an_answer(begin: Begin) -> None:
    session, _ = begin()
    assert session.identify().holding is Holding.BLANK
    session.write(ONE, no_progress)
    found = session.read_back(ONE, no_progress)
    assert (found.verdict, found.method) == (Verdict.EQUAL, Method.READBACK)
    assert session.identify().names == (CertName("a1B2c3D4e5F", "cam1"),)


def test_a_damaged_answer_is_asked_for_again(begin: Begin) -> None:
    session, board = begin(("GET", "N=cam1", "N=cam7"), ("ID", "c3d4", "c3d5"), holds=True)
    board.lines.clear()
    assert session.identify().uid == "a1b2c3d4"
    assert session.read_back(ONE, no_progress).verdict is Verdict.EQUAL
    assert board.lines.count("ID") == 3


@pytest.mark.parametrize(
    ("damage", "becomes", "says"),
    [
        ("N=cam1", "N=cam7", "does not have the xor8"),
        (sealed("N=cam1"), "N=cam1\r\n", "deviceName is missing"),
        (sealed("S=0123456789ab"), "S=\r\n", "deviceSecret is missing"),
        ("rssi -61\r\n", "rssi -61*00\r\n", "does not have the xor8"),
    ],
)
def test_what_is_damaged_the_same_way_each_time_is_never_believed(
    begin: Begin, damage: str, becomes: str, says: str
) -> None:
    session, _ = begin(*[("GET", damage, becomes)] * 20, holds=True)
    with pytest.raises(BoardFault, match=says) as fault:
        session.identify()
    assert fault.value.code == "E208"


@pytest.mark.parametrize("damaged", ["OK*05", "OK"])
def test_a_line_whose_answer_was_damaged_is_said_again_to_the_same_board(begin: Begin, damaged: str) -> None:
    session, board = begin()
    session.identify()
    Sealed.damage.append(("SET", sealed("OK").strip(), damaged))
    board.lines.clear()
    session.write(ONE, no_progress)
    said = [line.partition(" ")[0] for line in board.lines if line != "AT"]
    assert said == ["ID", "SET", "ID", "SET"]


@pytest.mark.parametrize("damaged", ["OK*05", "REFUSED*00"])
def test_an_answer_that_is_always_damaged_is_neither_success_nor_refusal(begin: Begin, damaged: str) -> None:
    session, board = begin()
    session.identify()
    Sealed.damage.extend([("SET", sealed("OK").strip(), damaged)] * 3)
    board.lines.clear()
    with pytest.raises(BoardFault, match="does not have the xor8") as fault:
        session.write(ONE, no_progress)
    assert fault.value.code == "E208"
    assert sum(line.startswith("SET ") for line in board.lines) == 3


def test_a_probe_with_a_wrong_check_is_not_answered(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.targets.console.target.WAKE_S", 0.3)
    Sealed.damage.extend([("AT", "OK*04", "OK*05")] * 100_000)
    with pytest.raises(BoardFault) as fault:
        begin()
    assert fault.value.code in ("E201", "E208")


@given(at=st.integers(0, len("K=a1B2c3*5A") - 1), bit=st.integers(0, 7))
def test_no_flipped_bit_changes_what_is_read(at: int, bit: int) -> None:
    whole = sealed("K=a1B2c3").replace("\r", "").encode()
    damaged = bytearray(whole)
    damaged[at] ^= 1 << bit
    check = AnswerCheck(pattern=pattern(r"^(?P<of>.*)\*(?P<check>[0-9A-F]{2})$", lines=True), form="xor8")
    assert "K=a1B2c3" in covered(check, whole.decode())
    try:
        shown = covered(check, damaged.decode("utf-8", "replace"))
    except BoardFault:
        return
    assert not re.search(r"[!-~]", shown)


@pytest.mark.parametrize("line", ["K=1\n", "!31\n"])
def test_a_check_that_says_nothing_or_of_nothing_is_a_wrong_one(line: str) -> None:
    check = AnswerCheck(pattern=pattern(r"^(?P<of>K=\d)?(?:!(?P<check>..))?$", lines=True), form="xor8")
    with pytest.raises(BoardFault) as fault:
        covered(check, line)
    assert fault.value.code == "E208"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("(?P<of>.*)", "(.*)", "check.pattern must have a (group) named “of”"),
        ("form = 'xor8'", "form = 'crc99'", "check.form must be one of length, last4, crc16"),
        ("form = 'xor8'", "by = 'xor8'", "check.by is not a key here"),
        (CHECK, "check = 'xor8'", "check must be a dict"),
    ],
)
def test_what_is_wrong_with_a_check_is_said(old: str, new: str, says: str) -> None:
    assert old in PROFILE
    with pytest.raises(ConfigError) as fault:
        parse_profile(tomllib.loads(PROFILE.replace(old, new)), check_options, source="sealed")
    assert says in fault.value.what


def test_a_check_of_one_answer_holds_for_that_one_alone() -> None:
    table: dict[str, Any] = tomllib.loads(PROFILE)["console"]
    of_all = table.pop("check")
    table["read"][0]["check"] = of_all
    spec = parse_console(table)
    assert spec.read[0].check is not None
    assert (spec.probe.check, spec.write[0].check) == (None, None)


def hashing(by: str) -> str:
    read = f"""
[[console.read]]
line = "GET"
done = '^OK'
absent = '^NONE$'
fields = {{ productKey = '^K=(\\w*)', deviceName = '^N=(\\w*)' }}
[[console.read]]
line = "HASH"
done = '^md5='
{by} = '^{by}=(\\w+)'
of = "{{deviceSecret}}"
"""
    return PROFILE.partition("[[console.read]]")[0] + read


@pytest.mark.parametrize("by", ["sha256", "sha1", "md5"])
def test_a_hash_of_the_secret_proves_it_and_the_evidence_says_which(begin: Begin, by: str) -> None:
    session, board = begin(profile=hashing(by), holds=True)
    found = session.read_back(ONE, no_progress)
    assert (found.verdict, found.method) == (Verdict.EQUAL, Method(by))
    board._firmware.cells["S"] = "0123456789aB"
    assert session.read_back(ONE, no_progress).verdict is Verdict.DIFFERS


def test_of_several_hashes_the_weakest_is_the_proof() -> None:
    table: dict[str, Any] = tomllib.loads(hashing("sha256"))["console"]
    table["read"].append({"line": "HASH", "done": "x", "md5": "(x)", "of": "{deviceName}"})
    assert parse_console(table).method is Method.MD5
