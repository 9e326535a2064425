# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of the station as processes of their own, which begin where all is imported already.

One process a test run, started with the first command of any of pytest's workers, has imported the station, which takes
seconds, and forks at each request. Such a command is killed, waited for and read like any other; it only does not pay a
quarter of a second for its imports. What an interpreter reads at its start (PYTHON…, LANG, LC_…, LD_…) is the forking
one's: a command that wants other values, or that is no Python, is started from nothing. A library that is to be
preloaded has a forking process of its own.
"""

from __future__ import annotations

import atexit
import errno
import functools
import gc
import hashlib
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from tests.schemas.held import hold

ROOT = Path(__file__).parents[1]
LARGEST = 1 << 17
"""Bytes of a request: arguments and environment."""
_AT_START = ("PYTHON", "LANG", "LC_", "LD_")
_LATE = ("station.tui", "station.testing", "station.__main__")
"""Not imported before a command asks for them: half a second of textual, pytest, and what runs at once."""


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
    preload: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` with captured text and nothing to read. `preload`: a library between the command and the
    system, which is in the forking process already and must begin in the command alone. What it says in JSON is held
    against its schema."""
    done = _run(command, dict(os.environ if env is None else env), cwd, timeout, preload)
    if "--json" in command:
        hold(command, done.stdout)
    return done


def _run(
    command: Sequence[str], environment: Mapping[str, str], cwd: Path | None, timeout: float, preload: Path | None
) -> subprocess.CompletedProcess[str]:
    if not is_forkable(command, environment):
        return subprocess.run(
            command,
            env={**environment, **_preloading(preload)},
            cwd=cwd,
            timeout=timeout,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    with _files() as (nothing, out, err), ask(command, environment, cwd, (nothing, out, err), preload) as answer:
        pid = int(answer.recv(32))
        answer.settimeout(timeout)
        try:
            code = answer.recv(32)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(command, timeout, _text(out), _text(err)) from None
        return subprocess.CompletedProcess(list(command), int(code), _text(out), _text(err))


def is_forkable(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    python = command[0] == sys.executable and command[1] in ("-m", "-c")
    script = Path(command[0]) == Path(sys.executable).with_name("station")
    return (python or script) and _of_the_start(environment) == _of_the_start(os.environ) and hasattr(os, "pidfd_open")


def _preloading(library: Path | None) -> dict[str, str]:
    return {"LD_PRELOAD": str(library)} if library else {}


def _of_the_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_AT_START)}


@contextmanager
def _files() -> Iterator[tuple[int, int, int]]:
    with Path(os.devnull).open("rb") as nothing, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        yield nothing.fileno(), out.fileno(), err.fileno()


def _text(file: int) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    with open(file, encoding="utf-8", closefd=False) as text:
        return text.read()


def ask(
    command: Sequence[str],
    environment: Mapping[str, str],
    cwd: Path | None,
    files: tuple[int, int, int],
    preload: Path | None = None,
) -> socket.socket:
    """Where its number comes, and how it ended. `files`: what it reads, says, and complains to."""
    request = json.dumps({"command": list(command), "environment": environment, "cwd": str(cwd or Path.cwd())}).encode()
    assert len(request) < LARGEST
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        socket.send_fds(_forking(preload), [request], [*files, theirs.fileno()])
    return ours


@functools.cache
def _forking(preload: Path | None) -> socket.socket:
    """The way to it; it ends with the last one that it is asked by."""
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    address = b"" if preload else _of_all_workers()
    while True:
        try:
            asking.connect(_start(preload, address) or address)
        except ConnectionRefusedError:  # another worker's is about to listen, or to end
            time.sleep(0.01)
        else:
            atexit.register(asking.close)
            return asking


def _of_all_workers() -> bytes:
    """Of one run, one house, and one environment to begin in; empty without workers. No file, so nothing is left."""
    if (run := os.environ.get("PYTEST_XDIST_TESTRUNUID")) is None:
        return b""
    alike = f"{run} {ROOT} {sys.executable} {sorted(_of_the_start(os.environ).items())}"
    return b"\0station-tests-" + hashlib.sha256(alike.encode()).hexdigest().encode()


def _start(preload: Path | None, address: bytes) -> bytes:
    """Where it is asked, at an address of its own if none was given; empty where one is there already."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        try:
            listening.bind(address)
        except OSError as there_is_one:
            if there_is_one.errno != errno.EADDRINUSE:
                raise
            return b""
        listening.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked", str(listening.fileno())],
            cwd=ROOT,
            env=os.environ | _preloading(preload),
            pass_fds=[listening.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # no terminal, so its commands' is none either
            start_new_session=True,  # Ctrl-C ends the tests, and they end it
        )
        if not address:
            atexit.register(process.wait, 10)
        where: bytes = listening.getsockname()
        return where


def _import_the_station() -> None:
    import station
    from tests import hashing, large_pages, migrated, this_pc

    for module in pkgutil.walk_packages(station.__path__, "station."):
        if not module.name.startswith(_LATE):
            with suppress(ModuleNotFoundError):  # of an extra that is not installed
                importlib.import_module(module.name)
    if "LD_PRELOAD" not in os.environ:  # whose calls are counted makes its ledger as a station does
        migrated.copy_from_now_on()
    hashing.cheap()
    migrated.know_the_schema()
    this_pc.known_from_now_on()
    gc.freeze()
    gc.set_threshold(20_000)
    large_pages.use()


class _Served:
    """Those who ask, and the commands that go on."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._asking: set[socket.socket] = set()
        self._living: dict[int, tuple[int, socket.socket]] = {}
        self._events = selectors.DefaultSelector()
        self._events.register(listening, selectors.EVENT_READ)

    def next_command(self) -> dict[str, Any] | None:
        """What each child is to do; None for the forking process itself, when nobody is there any more."""
        while True:
            for event, _ in self._events.select():
                if event.fd in self._living:
                    self._has_ended(event.fd)
                elif event.fileobj is self._listening:
                    self._let_in()
                elif isinstance(event.fileobj, socket.socket) and (command := self._forked_for(event.fileobj)):
                    return command
            if not self._asking and not self._let_in_the_last():
                return None

    def _let_in(self) -> None:
        asking, _ = self._listening.accept()
        self._asking.add(asking)
        self._events.register(asking, selectors.EVENT_READ)

    def _let_in_the_last(self) -> bool:
        """Whoever came just now; after them nobody finds this process."""
        if self._listening.fileno() >= 0:
            self._listening.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):  # there is none any more
                while True:
                    self._let_in()
            self._events.unregister(self._listening)
            self._listening.close()
        return bool(self._asking)

    def _forked_for(self, asking: socket.socket) -> dict[str, Any] | None:
        """What the child is to do; None in the forking process."""
        request, files, _, _ = socket.recv_fds(asking, LARGEST, 4)
        if not request:
            self._events.unregister(asking)
            self._asking.remove(asking)
            asking.close()
            return None
        answer = socket.socket(fileno=files.pop())
        pid = os.fork()
        if not pid:
            self._close(answer)
            _take(files)
            command: dict[str, Any] = json.loads(request)
            return command
        for file in files:
            os.close(file)
        _tell(answer, pid)
        child = os.pidfd_open(pid)
        self._living[child] = pid, answer
        self._events.register(child, selectors.EVENT_READ)
        return None

    def _has_ended(self, child: int) -> None:
        self._events.unregister(child)
        pid, answer = self._living.pop(child)
        os.close(child)
        _tell(answer, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        answer.close()

    def _close(self, *more: socket.socket) -> None:
        """All that is the forking process's own."""
        self._events.close()
        for one in (self._listening, *self._asking, *(answer for _, answer in self._living.values()), *more):
            one.close()


def _tell(answer: socket.socket, number: int) -> None:
    with suppress(BrokenPipeError):  # who asked waits no more
        answer.send(str(number).encode())


def _take(files: list[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)


def _begin(request: dict[str, Any]) -> None:
    """As the interpreter would have begun with this command, in a terminal whose end it is told (nohup's is not)."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    first, *words = request["command"]
    if first != sys.executable:
        sys.argv = [first, *words]
        runpy.run_path(first, run_name="__main__")
        return
    how, what, *arguments = words
    sys.argv = [how, *arguments]
    sys.path[0] = request["cwd"] if how == "-m" else ""
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        program = sys.modules["__main__"] = ModuleType("__main__")
        exec(what, vars(program))


def _end(code: object) -> NoReturn:
    """What an interpreter does at its end and somebody could notice; all that it had imported is not taken apart."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if isinstance(code, str):
        print(code, file=sys.stderr)
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    _import_the_station()
    wanted = _Served(socket.socket(fileno=int(sys.argv[1]))).next_command()
    if wanted is not None:
        try:
            _begin(wanted)
        except SystemExit as end:
            _end(end.code)
        _end(None)
