# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line of the tables says, and how a guard is taken out of a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

STEPS = "station/ledger/migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """`before` stands in `file` exactly once; `tests` are pytest's arguments."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]

    def without(self, tree: Path) -> dict[Path, str]:
        """The files of `tree` as they read without the guard. ValueError when it is not there any more."""
        path = tree / self.file
        text = path.read_text("utf-8")
        if text.count(self.before) != 1:
            raise ValueError(f"{self.name}: {self.file} has {text.count(self.before)} times: {self.before}")
        return {path: text.replace(self.before, self.after)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaGuard:
    """A trigger or index of the ledger: the last of the schema's steps that makes it makes it no more."""

    name: str
    tests: tuple[str, ...]

    def without(self, tree: Path) -> dict[Path, str]:
        trigger = rf"CREATE TRIGGER {self.name}\b.*?\bEND;\n"
        made = re.compile(rf"{trigger}|CREATE (?:UNIQUE )?INDEX {self.name}\b.*?;\n", re.DOTALL)
        for path in sorted((tree / STEPS).glob("*.sql"), reverse=True):
            text, count = made.subn("", path.read_text("utf-8"))
            if count == 1:
                return {path: text}
        raise ValueError(f"{self.name}: no step of the schema makes it")


def schema_guards() -> list[str]:
    """Every trigger that raises and every unique index that the steps of this very tree make."""
    made = re.compile(r"CREATE TRIGGER (\w+)(?=[^;]*RAISE)|CREATE UNIQUE INDEX (\w+)")
    steps = sorted((Path(__file__).parents[2] / STEPS).glob("*.sql"))
    return sorted({one[1] or one[2] for step in steps for one in made.finditer(step.read_text("utf-8"))})


def guards_of(file: str, *lines: tuple[str, str, str, str]) -> tuple[Guard, ...]:
    """Lines of one file: name, before, after, tests (blank-separated)."""
    return tuple(
        Guard(name=name, file=file, before=before, after=after, tests=tuple(tests.split()))
        for name, before, after, tests in lines
    )
