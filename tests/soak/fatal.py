# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a station that dies at one of its calls to the world: see fatal_call.c. Needs a C compiler."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.forked import run

SOURCE = Path(__file__).with_name("fatal_call.c")
LONGEST_S = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a run ended. `calls` is None where it was killed."""

    code: int
    calls: int | None
    out: str
    err: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


@functools.cache
def compiler() -> str | None:
    """What can build a library to preload; None where nothing can."""
    return (shutil.which("cc") or shutil.which("gcc")) if sys.platform == "linux" else None


@functools.cache
def build(source: Path) -> Path | None:
    """A library to preload; None without a compiler."""
    found = compiler()
    if found is None:
        return None
    library = Path(tempfile.mkdtemp(prefix="preload-")) / f"{source.stem}.so"
    subprocess.run([found, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return library


def station(arguments: Sequence[object], *, under: Path, at: int = 0, half: bool = False) -> End:
    """`python -m station ARGUMENTS`, killed at its `at`-th call that counts; with 0 it lives and they are counted."""
    told = under.with_name(f"{under.name}.calls")
    told.unlink(missing_ok=True)
    library = build(SOURCE)
    assert library is not None, "needs a C compiler"
    environment = os.environ | {
        "FATAL_UNDER": str(under.resolve()),
        "FATAL_AT": str(at),
        "FATAL_HALF": str(int(half)),
        "FATAL_TOLD": str(told),
        "XDG_STATE_HOME": str(under.resolve() / "home"),  # a ledger's witness
    }
    command = [sys.executable, "-m", "station", *map(str, arguments)]
    done = run(command, env=environment, timeout=LONGEST_S, preload=library)
    calls = int(told.read_text()) if told.exists() else None
    return End(code=done.returncode, calls=calls, out=done.stdout, err=done.stderr)
