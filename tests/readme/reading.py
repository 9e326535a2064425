# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody with an empty home folder who types what stands in a page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from tests.forked import run
from tests.readme.pages import ROOT, Block
from tests.started import start
from tests.waiting import PATIENCE_S, until

PORT = "/dev/ttyUSB0"
"""What a page calls the port of the board that somebody has just plugged in."""


@dataclass
class Reader:
    """Somebody with an empty home folder who types what stands there."""

    folder: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    port: str = PORT

    def __post_init__(self) -> None:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = {**os.environ, "HOME": str(self.folder), "PATH": path}
        self.environment.pop("STATION_CONFIG", None)

    def reads(self, block: Block) -> None:
        if block.file:
            (self.folder / block.file).write_text(block.text)
        elif block.kind == "console":
            for command, expected in steps(block.text):
                self._types(command, expected)

    def plugs_in(self, board: str, *about: str) -> None:
        self.port = about[0]
        self._start([sys.executable, str(ROOT / board), *about], self.folder / "plugged")

    def _types(self, command: str, expected: list[str]) -> None:
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self.environment[name] = value
        elif command.endswith("&"):
            words, _, file = command.removesuffix("&").partition(" >> ")
            self._start(words.split(), self.folder / (file.strip() or "said"))
        else:
            self._runs(command.replace(PORT, self.port), [line.replace(PORT, self.port) for line in expected])

    def _runs(self, command: str, expected: list[str]) -> None:
        words, into, file = command.partition(" >")
        program, *arguments = words.split()
        found = shutil.which(program, path=self.environment["PATH"]) or program
        done = run([found, *arguments], env=self.environment, cwd=self.folder, timeout=10 * PATIENCE_S)
        if into:
            with (self.folder / file.lstrip("> ")).open("a" if file.startswith(">") else "w") as output:
                output.write(done.stdout)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        said = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
        for line in expected:
            pattern = line.rstrip().replace("[", "[[]").replace("…", "*")
            assert any(fnmatch(each, pattern) for each in said), f"{command}: “{line}” is not in {said}"

    def _start(self, words: list[str], file: Path) -> None:
        """In the background; it has said what it has to say when this returns."""
        program, *arguments = words
        found = shutil.which(program, path=self.environment["PATH"]) or program
        before = file.stat().st_size if file.exists() else 0
        with file.open("ab") as output:
            process = start([found, *arguments], cwd=self.folder, env=self.environment, stdout=output)
        self.started.append(process)

        def has_said() -> bool:
            assert process.poll() is None, words
            return file.stat().st_size > before and file.read_bytes().endswith(b"\n")

        until(has_said)


@contextmanager
def reader(folder: Path) -> Iterator[Reader]:
    somebody = Reader(folder)
    try:
        yield somebody
    finally:
        for process in somebody.started:
            process.terminate()
            process.wait()


def steps(console: str) -> list[tuple[str, list[str]]]:
    """(command, expected lines)."""
    found: list[tuple[str, list[str]]] = []
    for line in console.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found
