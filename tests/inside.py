# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of the station in the tests' own process, where it is no matter that they are processes: a third of what a
fork of it costs. None of its threads or locks may outlive such a command; what is killed, or goes on beside others, is
`tests.forked`'s matter and `tests.started`'s.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from station.cli import _run
from tests.schemas.held import hold

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(words: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """`station` with these arguments, in that environment and folder; what it says in JSON is held against its schema.
    For the main thread."""
    command = ["station", *words]
    with _as_its_own(env, cwd), _text() as out, _text() as err, Path(os.devnull).open() as nothing:
        with redirect_stdout(out), redirect_stderr(err), patch("sys.stdin", nothing), patch("sys.argv", command):
            code = _run()
        done = subprocess.CompletedProcess(command, int(code), _said(out), _said(err))
    if "--json" in words:
        hold(command, done.stdout)
    return done


@contextmanager
def _as_its_own(env: Mapping[str, str], cwd: Path) -> Iterator[None]:
    """What a process has for itself."""
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    mask = os.umask(0o077)
    try:
        with _environment(env), chdir(cwd):
            yield
    finally:
        os.umask(mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Most of it is the tests' own: to set all of it anew, twice, was a twentieth of a command."""
    before = dict(os.environ)
    _change_to(wanted)
    try:
        yield
    finally:
        _change_to(before)


def _change_to(wanted: Mapping[str, str]) -> None:
    here = dict(os.environ)
    for name in here.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted.items() - here.items())


def _text() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)


def _said(text: io.TextIOWrapper) -> str:
    buffer = text.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
