# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever README and the pages tell somebody to type is run as written, page after page in one folder; a block that is
not run says why. In one language: that both have the same blocks is another test's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest

from station.andon.reading import andon_of
from station.config import settings
from station.outbox.asking import permit_of
from station.outbox.reading import outbox_of
from tests.forked import run
from tests.readme.pages import DOCS, EVERY, PAIRS, ROOT, Block, blocks
from tests.waiting import until

PORT = "/dev/ttyUSB0"
"""What a page calls the port of the board that somebody has just plugged in."""
PLUGGED = {"consoles": ("tests/newcomer/lumo/board.py", "ttyLUMO", "lumo.json", "LM20-00A31F")}
"""By page: the board that is in when it is read, and where its port is."""


@dataclass
class Reader:
    """Somebody with an empty home folder who types what stands there."""

    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
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
        program, *arguments = command.split()
        found = shutil.which(program, path=self.environment["PATH"]) or program
        done = run([found, *arguments], env=self.environment, cwd=self.folder)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        said = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
        for line in expected:
            pattern = line.rstrip().replace("[", "[[]").replace("…", "*")
            assert any(fnmatch(each, pattern) for each in said), f"{command}: “{line}” is not in {said}"

    def _start(self, words: list[str], file: Path) -> None:
        """In the background; it has said what it has to say when this returns."""
        before = file.stat().st_size if file.exists() else 0
        with file.open("ab") as output:
            process = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=output)
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


def test_what_the_pages_say_happens_as_written(tmp_path: Path) -> None:
    with reader(tmp_path) as somebody:
        for topic, (page, _) in PAIRS.items():
            if topic in PLUGGED:
                somebody.plugs_in(*PLUGGED[topic])
            for block in blocks(page):
                if not block.why_not and block.file != "station.toml":
                    somebody.reads(block)


@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.name)
def test_each_block_is_run_or_says_why_not(page: Path) -> None:
    for block in blocks(page):
        assert bool(block.why_not) != (block.kind == "console" or bool(block.file)), block
    assert page.read_text("utf-8").count("\n```") % 2 == 0, "each fence is closed, and stands at a line's beginning"


@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.name)
def test_settings_that_are_shown_are_ones(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.file == "station.toml":
            file = tmp_path / block.file
            file.write_text(block.text)
            file.chmod(0o600)
            loaded = settings.load(file, {})
            for read in (andon_of, outbox_of, permit_of):
                read(loaded)  # refuses what it does not know


def test_the_program_that_is_shown_is_short() -> None:
    (program,) = [block for block in blocks(DOCS / "api.md") if block.kind == "python"]
    assert len(program.text.splitlines()) < 20
    assert re.search(r"^import station$", program.text, re.MULTILINE)
