# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated board keeps the protocol page to the letter: every example there is replayed on it."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from station.model import Certificate, Identity, Secret
from station.simulate.agent_board import Misbehaviour, SimulatedAgentBoard, read_identity
from tests.started import start

PAGE = Path(__file__).parents[2] / "firmware_templates" / "agent" / "PROTOCOL.md"
UID = "00a1b2c3d4e5f607"
DIGEST = "d9efec666b8f85b32d7387753cdef2e696a6489969817eb53585e36bdb300b13"
WRITE = ["BEGIN t1 0", "PUT 0 PK a1B2c3D4e5F", "PUT 0 DN cam-0001", "PUT 0 DS 5eed00000000000000000000000000a1"]
WRITE += ["PUT 0 PS pS0000000000000a", f"COMMIT {DIGEST}"]


PAGE_CERTIFICATE = Certificate(
    product_key="a1B2c3D4e5F",
    device_name="cam-0001",
    device_secret=Secret("5eed00000000000000000000000000a1"),
    product_secret=Secret("pS0000000000000a"),
)


class Wire:
    """A bare client: bytes out, lines in. Knows no protocol beyond the newline."""

    def __init__(self, url: str) -> None:
        self._fd = os.open(url, os.O_RDWR | os.O_NOCTTY)
        self._heard = b""

    def send(self, data: bytes) -> None:
        os.write(self._fd, data)

    def line(self, timeout_s: float = 5.0) -> bytes:
        """The next line without its newline; empty when none comes or the port is gone."""
        end = time.monotonic() + timeout_s
        while b"\n" not in self._heard:
            if not select.select([self._fd], [], [], max(0.0, end - time.monotonic()))[0]:
                return b""
            data = os.read(self._fd, 4096)
            if not data:
                return b""
            self._heard += data
        line, _, self._heard = self._heard.partition(b"\n")
        return line

    def send_framed(self, body: str) -> None:
        framed = f"@7 {body}".encode()
        self.send(b"%s*%08x\n" % (framed, zlib.crc32(framed)))

    def ask(self, body: str) -> str:
        self.send_framed(body)
        while not (line := self.line()).startswith(b"@"):
            assert line, f"no answer to {body}"
        answer, _, crc = line.partition(b"*")
        assert int(crc, 16) == zlib.crc32(answer)
        return answer.decode().partition(" ")[2]

    def close(self) -> None:
        os.close(self._fd)


def session() -> list[tuple[bytes, bytes | None]]:
    """The page's examples: what is sent, and its answer if there is one."""
    lines = [
        line for block in re.findall(r"```session\n(.*?)```", PAGE.read_text(), re.S) for line in block.splitlines()
    ]
    steps: list[tuple[bytes, bytes | None]] = []
    for line in lines:
        if line.startswith(">"):
            plain = re.sub(rb"\\x(..)", lambda code: bytes.fromhex(code[1].decode()), line[2:].encode())
            steps.append((plain, None))
        else:
            steps[-1] = (steps[-1][0], line[2:].encode())
    return steps


def without_what_differs_per_board(line: bytes) -> bytes:
    if b" board=" not in line:
        return line
    return re.sub(rb" (board|fw|maxsubs|window)=\S+|\*.*", b"", line)


def test_every_example_of_the_protocol_page_is_answered_as_written(tmp_path: Path) -> None:
    steps = session()
    assert len(steps) > 60
    with SimulatedAgentBoard(UID, tmp_path / "flash") as board:
        wire = Wire(board.url)
        for sent, answer in steps:
            wire.send(sent + b"\n")
            if answer is None:
                continue
            while not (heard := wire.line()).startswith(b"@"):
                assert heard, f"no answer to {sent!r}"
            assert without_what_differs_per_board(heard) == without_what_differs_per_board(answer), sent
        assert not wire.line(0.05), "an answer nobody asked for"
        wire.close()
    stored = read_identity(tmp_path / "flash")
    assert stored is not None
    assert [certificate.device_name for certificate in stored] == ["nvr-0007", "ipc@7:01", "ipc@7:02"]


def write(board: SimulatedAgentBoard) -> str:
    """Answer to COMMIT of the page's first certificate."""
    wire = Wire(board.url)
    answers = [wire.ask(body) for body in WRITE]
    wire.close()
    return answers[-1]


def test_a_blank_board_holds_nothing(tmp_path: Path) -> None:
    assert read_identity(tmp_path / "flash") is None
    with SimulatedAgentBoard(UID, tmp_path / "flash"):
        assert read_identity(tmp_path / "flash") is None


def test_an_encoding_of_what_needs_none_is_refused(tmp_path: Path) -> None:
    with SimulatedAgentBoard(UID, tmp_path / "flash") as board:
        wire = Wire(board.url)
        assert wire.ask("BEGIN t1 0") == "OK"
        assert wire.ask("PUT 0 DN %41") == "ERR ARGS"
        assert wire.ask("PUT 0 DN %40") == "OK"
        wire.close()


def test_an_identity_survives_unplugging_and_a_transaction_does_not(tmp_path: Path) -> None:
    with SimulatedAgentBoard(UID, tmp_path / "flash", tmp_path / "ttyBOARD0") as board:
        assert write(board).startswith(f"OK digest={DIGEST}")
        wire = Wire(board.url)
        assert wire.ask(f"BEGIN t2 0 REPLACE {DIGEST}") == "OK"
        wire.close()
        board.unplug()
        assert not (tmp_path / "ttyBOARD0").is_symlink()
        board.plug()
        wire = Wire(board.url)
        assert f"digest={DIGEST} tx=- reset=power" in wire.ask("ID")
        wire.close()


@pytest.mark.parametrize("operation", range(1, 5))
def test_power_cut_in_any_flash_operation_leaves_old_or_new(tmp_path: Path, operation: int) -> None:
    with SimulatedAgentBoard(UID, tmp_path / "flash") as board:
        write(board)
    before = read_identity(tmp_path / "flash")
    new = Certificate(product_key="a1B2c3D4e5F", device_name="cam-0002", device_secret=Secret("another"))
    with SimulatedAgentBoard(UID, tmp_path / "flash", faults=Misbehaviour(cut_at=operation)) as board:
        wire = Wire(board.url)
        for body in (f"BEGIN t2 0 REPLACE {DIGEST}", WRITE[1], "PUT 0 DN cam-0002", "PUT 0 DS another"):
            assert wire.ask(body) == "OK"
        wire.send_framed(f"COMMIT {Identity(primary=new).digest()}")
        assert wire.line() == b""
        wire.close()
    after = read_identity(tmp_path / "flash")
    the_old_is_erased = 4  # operation 3 has made the new one valid
    assert after == ([new] if operation == the_old_is_erased else before)


def test_a_board_whose_process_is_killed_right_after_ok_has_the_identity(tmp_path: Path) -> None:
    serve = (
        "import sys, pathlib, threading; from station.simulate.agent_board import SimulatedAgentBoard as B;"
        "b = B(sys.argv[1], pathlib.Path(sys.argv[2])); b.start(); print(b.url, flush=True); threading.Event().wait()"
    )
    command = [sys.executable, "-c", serve, UID, str(tmp_path / "flash")]
    with start(command, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        wire = Wire(process.stdout.readline().strip())
        assert [wire.ask(body) for body in WRITE][-1].startswith("OK")
        process.send_signal(signal.SIGKILL)
    assert read_identity(tmp_path / "flash") == [PAGE_CERTIFICATE]


def test_misbehaviours_are_what_they_say(tmp_path: Path) -> None:
    def board(name: str, **faults: object) -> SimulatedAgentBoard:
        return SimulatedAgentBoard(UID, tmp_path / name, faults=Misbehaviour(**faults))  # type: ignore[arg-type]

    with board("refuses", refuses_flash=True) as bad:
        assert write(bad) == "ERR FLASH"
    assert read_identity(tmp_path / "refuses") is None
    for name, lies in (("flips", False), ("flips and lies", True)):
        with board(name, flips_stored_byte=True, lies_about_digest=lies) as bad:
            answer = write(bad)
            assert answer.startswith("OK digest=") and (DIGEST in answer) == lies
        stored = read_identity(tmp_path / name)
        assert stored and stored[0].device_secret != PAGE_CERTIFICATE.device_secret
    with board("dies", dead_after=1) as bad:
        wire = Wire(bad.url)
        assert wire.ask("ID")
        wire.send(b"@7 ID*4bff5c5b\n")
        assert wire.line(0.1) == b""
        wire.close()
    with board("chatters", noise=b"wifi: scanning\r\n") as bad:
        wire = Wire(bad.url)
        wire.send(b"@1 ID*be0107b5\n")
        assert wire.line() == b"wifi: scanning\r"
        assert wire.line().startswith(b"@1 OK")
        wire.close()


def test_sixteen_idle_boards_cost_nothing(tmp_path: Path) -> None:
    boards = [SimulatedAgentBoard(f"{n:016x}", tmp_path / f"{n}") for n in range(1, 17)]
    for board in boards:
        board.start()
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.05
    for board in boards:
        board.stop()
