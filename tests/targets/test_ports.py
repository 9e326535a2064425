# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way a port dies becomes one clear PortFault, on a terminal and on a socket."""

from __future__ import annotations

import gc
import os
import pty
import resource
import socket
import stat
import subprocess
import sys
import termios
import threading
import tty
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import pytest

from station.errors import PortFault
from station.model import Port
from station.targets.ports import Deadline, OpenPort, not_permitted, open_port


class Peer:
    """The other end of a port: says, hears, goes away."""

    def __init__(self, kind: str) -> None:
        if kind == "pty":
            self._end, node = pty.openpty()
            tty.setraw(node)
            self.url = os.ttyname(node)
            self.node = node
            self._server = None
        else:
            self._server = socket.create_server(("127.0.0.1", 0))
            self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def open(self, **options: float) -> OpenPort:
        opened = open_port(Port(url=self.url, slot="A1"), baud=115200, **options)
        if self._server:
            self._peer, _ = self._server.accept()
            self._end = self._peer.fileno()
        return opened

    def say(self, data: bytes) -> None:
        os.write(self._end, data)

    def hear(self) -> bytes:
        return os.read(self._end, 4096)

    def vanish(self) -> None:
        if self._server:
            self._peer.close()
            self._server.close()
        else:
            os.close(self._end)
            os.close(self.node)


@pytest.fixture(params=["pty", "socket"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    peer = Peer(request.param)
    yield peer
    with suppress(OSError, AttributeError):
        peer.vanish()


def test_bytes_pass_both_ways_and_a_silent_line_ends_at_the_deadline(peer: Peer) -> None:
    with peer.open() as port:
        port.write(b"ask\n")
        assert peer.hear() == b"ask\n"
        peer.say(b"answer\n")
        heard = b""
        while not heard.endswith(b"\n"):
            heard += port.read(Deadline(5))
        assert heard == b"answer\n"
        assert port.read(Deadline(0.1)) == b""


def test_input_from_before_can_be_forgotten(peer: Peer) -> None:
    with peer.open() as port:
        peer.say(b"boot chatter")
        assert port.read(Deadline(5)).startswith(b"b")
        port.drop_input()
        peer.say(b"new")
        heard = b""
        while len(heard) < 3:
            heard += port.read(Deadline(5))
        assert heard == b"new"


def test_a_closed_port_is_anybodys_again_and_one_that_fails_to_close_changes_no_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A board that has passed is not in doubt because its port went at that moment."""
    peer = Peer("pty")
    closed = peer.open()  # somebody has it still: it is no garbage that is cleared away
    closed.close()
    port = peer.open()
    assert not closed.line.is_open
    monkeypatch.setattr(port.line, "close", Mock(side_effect=termios.error(5, "Input/output error")))
    port.close()
    monkeypatch.undo()
    port.close()
    peer.vanish()


def test_a_port_that_was_closed_is_no_garbage() -> None:
    peer = Peer("pty")
    port = peer.open()
    gc.collect()
    line = weakref.ref(port.line)
    port.close()
    del port
    assert not line()
    peer.vanish()


def write_a_lot(port: OpenPort) -> None:
    for _ in range(50):  # a socket notices at the second write
        port.write(b"x" * 4096)


@pytest.mark.parametrize(
    "use",
    [
        lambda port: port.read(Deadline(5)),
        write_a_lot,
    ],
    ids=["read", "write"],
)
def test_a_peer_that_vanished_is_a_lost_port(peer: Peer, use: Callable[[OpenPort], object]) -> None:
    port = peer.open()
    peer.vanish()
    with pytest.raises(PortFault) as fault:
        use(port)
    assert fault.value.code == "E311"
    assert port.url in fault.value.what and fault.value.do
    port.close()


@pytest.mark.parametrize(
    "use",
    [
        lambda port: port.drop_input(),
        lambda port: port.set_modem_lines(dtr=True),
    ],
    ids=["drop input", "modem lines"],
)
def test_a_terminal_that_vanished_is_a_lost_port_whatever_is_asked_of_it(use: Callable[[OpenPort], object]) -> None:
    peer = Peer("pty")
    port = peer.open()
    peer.vanish()
    with pytest.raises(PortFault) as fault:
        use(port)
    assert fault.value.code == "E311"
    port.close()


def test_a_blocked_read_ends_when_the_plug_is_pulled(peer: Peer) -> None:
    port = peer.open()
    puller = threading.Timer(0.1, peer.vanish)
    puller.start()
    with pytest.raises(PortFault) as fault:
        port.read(Deadline(60))
    assert fault.value.code == "E311"
    puller.join()


def test_closing_a_lost_port_raises_nothing(peer: Peer) -> None:
    port = peer.open()
    peer.vanish()
    port.close()
    port.close()


def test_a_pty_has_no_modem_lines_and_that_is_no_fault() -> None:
    peer = Peer("pty")
    with peer.open() as port:
        assert port.set_modem_lines(dtr=True, rts=False) is False
    peer.vanish()


def test_a_hung_line_is_a_fault_that_says_it_takes_no_bytes() -> None:
    peer = Peer("pty")
    with peer.open(write_timeout_s=0.2) as port, pytest.raises(PortFault) as fault:
        port.write(b"x" * 200_000)
    assert fault.value.code == "E311" and "takes no more bytes" in fault.value.what
    peer.vanish()


def test_a_missing_node_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PortFault) as fault:
        open_port(Port(url=str(tmp_path / "ttyUSB9"), slot="A1"), baud=115200)
    assert fault.value.code == "E313" and "ttyUSB9" in fault.value.what


def test_a_process_that_may_open_no_more_files_is_not_told_of_a_speed() -> None:
    master, slave = os.openpty()
    port = Port(url=os.ttyname(slave), slot="1")
    may, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
    try:
        with pytest.raises(PortFault, match="cannot be opened: Too many open files"):
            open_port(port, baud=115200)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (may, most))
        os.close(master)
        os.close(slave)


def test_a_refused_socket_is_missing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(PortFault) as fault:
        open_port(Port(url=url, slot="A1"), baud=115200)
    assert fault.value.code == "E313" and "refused" in fault.value.what


def test_a_file_that_is_no_terminal_is_missing(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").write_bytes(b"")
    with pytest.raises(PortFault) as fault:
        open_port(Port(url=str(tmp_path / "ttyUSB0"), slot="A1"), baud=115200)
    assert fault.value.code == "E313"


@pytest.mark.parametrize("url", ["spy:///dev/ttyUSB0?file=/tmp/secrets", "loop://", "nonsense://x"])
def test_pyserials_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(PortFault) as fault:
        open_port(Port(url=url, slot="A1"), baud=115200)
    assert fault.value.code == "E313"


def test_a_second_open_is_busy_and_names_who_holds_the_port() -> None:
    peer = Peer("pty")
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import serial; s = serial.Serial({peer.url!r}, exclusive=True); print(flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout and holder.stdin
    holder.stdout.readline()
    with pytest.raises(PortFault) as fault:
        peer.open()
    assert fault.value.code == "E312"
    assert f"(pid {holder.pid})" in fault.value.what
    holder.communicate(b"\n")
    peer.open().close()
    peer.vanish()


def test_a_port_that_another_slot_has_under_another_name_asks_nobody_to_be_ended(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    link = tmp_path / "by-id"
    link.symlink_to(os.ttyname(slave))
    with open_port(Port(url=os.ttyname(slave), slot="1"), baud=115200), pytest.raises(PortFault) as fault:
        open_port(Port(url=str(link), slot="2"), baud=115200)
    os.close(master)
    os.close(slave)
    assert fault.value.code == "E312" and "another slot of this station" in fault.value.what
    assert "kill" not in fault.value.do


def test_a_second_reader_that_takes_our_bytes_is_called_busy_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    peer = Peer("pty")
    port = peer.open()
    read = os.read

    def lose_the_race(fd: int, size: int) -> bytes:
        read(peer.node, 4096)
        return read(fd, size)

    with subprocess.Popen(["sleep", "60"], stdin=peer.node) as second:
        monkeypatch.setattr(os, "read", lose_the_race)
        peer.say(b"x")
        with pytest.raises(PortFault) as fault:
            port.read(Deadline(5))
        second.kill()
    assert fault.value.code == "E312" and f"sleep (pid {second.pid})" in fault.value.what
    port.close()
    peer.vanish()


def test_a_port_one_may_not_open_names_the_group_and_the_command(tmp_path: Path) -> None:
    peer = Peer("pty")
    Path(peer.url).chmod(stat.S_IWGRP)
    if os.geteuid():
        with pytest.raises(PortFault) as raised:
            peer.open()
        fault = raised.value
    else:
        fault = _open_as_nobody(peer.url)
    assert fault.code == "E314"
    assert "usermod -aG" in fault.do and "belongs to group" in fault.what
    peer.vanish()


def _open_as_nobody(url: str) -> PortFault:
    not_permitted(url)  # imports happen while we may still read the library
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setuid(65534)
        try:
            open_port(Port(url=url, slot="A1"), baud=115200)
        except PortFault as fault:
            os.write(writer, "\0".join((fault.what, fault.do, fault.code)).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    what, do, code = os.read(reader, 4096).decode().split("\0")
    return PortFault(what, do=do, code=code)
