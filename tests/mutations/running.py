# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tests in a copy of the tree, with and without a guard. The tree itself is never changed."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from tests.mutations.guard import Guard, SchemaGuard

TREE = Path(__file__).parents[2]
TIME_S = 300
_TAKEN = (
    "station",
    "tests",
    "firmware_templates",
    "udev",
    "pyproject.toml",
    "README.md",
    "README.zh-CN.md",
    "Makefile",
)
HUNG = 124
"""As timeout(1) has it; none of pytest's."""
_TIMED_OUT = re.compile(r"^E? +Failed: Timeout \(>|^\++ Timeout \++$", re.MULTILINE)
"""As pytest-timeout says it, of a test that it ends and of a run."""
_PLAIN = ("-p", "no:cacheprovider", "-k", "not unicorn and not qemu")  # emulated processors only make it slow
_clock = itertools.count(1_000_000_000, 10)  # compiled files are told from stale ones by their source's time


class Verdict(StrEnum):
    NOTICED = "noticed"
    HUNG = "hung"  # missed by a test too, but only in that it does not end: what is wrong, nothing says
    SURVIVED = "SURVIVED"  # no test missed the guard
    BROKEN = "BROKEN"  # it says nothing: no such test, or its set-up failed, or it fails with the guard too


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    guard: str
    verdict: Verdict
    what: str  # the first test that failed, or what is wrong


def copy_tree(folder: Path) -> Path:
    """A tree of its own to take guards out of. What is compiled already comes with it: a file's time stays the same."""
    copy = folder / "tree"
    copy.mkdir()
    for name in _TAKEN:
        source = TREE / name
        if source.is_dir():
            half_written = shutil.ignore_patterns("*.pyc.*")
            shutil.copytree(source, copy / name, ignore=half_written)
        elif source.exists():
            shutil.copy2(source, copy / name)
    return copy


def try_without(guard: Guard | SchemaGuard, tree: Path) -> Trial:
    """Take the guard out of the copy, run its tests, put it back."""
    try:
        changed = guard.without(tree)
    except ValueError as gone:
        return Trial(guard=guard.name, verdict=Verdict.BROKEN, what=str(gone))
    with _written(changed):
        code, told = run_tests(tree, guard.tests)
    if code in (1, HUNG):
        how, missed_by = first_failure(told)
        whole = missed_by if missed_by in guard.tests else missed_by.partition("[")[0]  # a case that is named is enough
        holds = passes_with_it(tree, (whole,) if missed_by else tuple(guard.tests))
        missed = Verdict.HUNG if code == HUNG else Verdict.NOTICED
        verdict = missed if holds and how != "ERROR" else Verdict.BROKEN
        return Trial(guard=guard.name, verdict=verdict, what=f"{how} {missed_by}".strip())
    verdict = Verdict.SURVIVED if code == 0 else Verdict.BROKEN
    return Trial(guard=guard.name, verdict=verdict, what="" if code == 0 else told[-300:])


@cache
def passes_with_it(tree: Path, tests: tuple[str, ...]) -> bool:
    """Asked once of each test, mostly with every case of it: many guards are missed by one."""
    return run_tests(tree, tests)[0] == 0


def run_tests(tree: Path, tests: Sequence[str], *, time_s: float = TIME_S) -> tuple[int, str]:
    """pytest's exit code, or HUNG where a test, or the run, does not end; and what it said."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", *_PLAIN, *tests]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or every run would compile the whole house
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=time_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return HUNG, ""
    told = done.stdout + done.stderr
    return HUNG if done.returncode == 1 and _TIMED_OUT.search(told) else done.returncode, told


@contextmanager
def _written(changed: dict[Path, str]) -> Iterator[None]:
    kept = {path: path.read_text("utf-8") for path in changed}
    try:
        _write(changed)
        yield
    finally:
        _write(kept)


def _write(texts: dict[Path, str]) -> None:
    for path, text in texts.items():
        path.write_text(text, "utf-8")
        at = next(_clock)
        os.utime(path, (at, at))


def first_failure(told: str) -> tuple[str, str]:
    """FAILED and which test; ERROR when it did not get as far as what it states. A log has ERRORs, too."""
    found = re.search(r"^(FAILED|ERROR)(?: (tests/.*?)(?: - .*)?)?$", told, re.MULTILINE)
    return (found[1], found[2] or "") if found else ("", "")
