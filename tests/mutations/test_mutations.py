# SPDX-License-Identifier: GPL-3.0-or-later
"""Each line of the tables fits the code of today; a few guards are really taken out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutations.guard import Guard, SchemaGuard
from tests.mutations.running import HUNG, TREE, Verdict, copy_tree, first_failure, run_tests, try_without
from tests.mutations.tables import GUARDS

SAMPLE = (
    "a marriage in doubt is proved after a reset before it is consumed",
    "board_is_for_life",
)
"""Of code and of the schema: each missed by a test that needs no server, so that two cost seconds."""


def test_what_the_tables_take_out_is_there() -> None:
    """Of all lines at once: five hundred tests of a millisecond each cost seconds in every worker."""
    assert [told for guard in GUARDS if (told := _misfit(guard))] == []


def _misfit(guard: Guard | SchemaGuard) -> str:
    """What is wrong with a line; "" for none."""
    try:
        guard.without(TREE)
    except ValueError as gone:
        return str(gone)
    lost = [test for test in guard.tests if not _is_there(test)]
    return "" if guard.tests and not lost else f"{guard.name}: no such tests: {lost}"


def _is_there(test: str) -> bool:
    """By its text: to collect them is a quarter of a minute."""
    file, _, named = test.partition("::")
    if not named:
        return (TREE / file).exists()
    text, (function, is_case, _) = (TREE / file).read_text("utf-8"), named.partition("[")
    return f"def {function}(" in text and (not is_case or "param" in text)


def test_each_guard_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(guard.name for guard in GUARDS).items() if times > 1] == []


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each trial leaves it as it was."""
    return copy_tree(tmp_path_factory.mktemp("mutations"))


@pytest.mark.timeout(300)
def test_without_a_guard_a_test_fails(tree: Path) -> None:
    trials = [try_without(guard, tree) for guard in GUARDS if guard.name in SAMPLE]
    assert [trial for trial in trials if trial.verdict is not Verdict.NOTICED] == []
    assert len(trials) == len(SAMPLE)


def test_a_guard_that_no_test_misses_is_told(tree: Path) -> None:
    unmissed = Guard(
        name="",
        file="station/errors.py",
        before="from __future__",
        after="from __future__",
        tests=("tests/core/test_printable.py::test_an_error_of_several_lines_keeps_them",),
    )
    assert try_without(unmissed, tree).verdict is Verdict.SURVIVED


def test_a_test_whose_set_up_fails_has_missed_no_guard(tree: Path) -> None:
    """One that was seen to pass with all that it needs, so it is not tried again."""
    (sampled,) = (guard.tests for guard in GUARDS if guard.name == SAMPLE[0])
    needed = Guard(
        name="",
        file="tests/flow/conftest.py",
        before="    profile = Profile(",
        after="    raise AssertionError\n    profile = Profile(",
        tests=sampled,
    )
    assert try_without(needed, tree).verdict is Verdict.BROKEN


def test_a_guard_without_which_a_test_does_not_end_is_told_apart(tree: Path) -> None:
    hangs = Guard(
        name="",
        file="tests/core/test_printable.py",
        before='    assert printable("E122',
        after='    while True:\n        pass\n    assert printable("E122',
        tests=("--timeout=3", "tests/core/test_printable.py::test_an_error_of_several_lines_keeps_them"),
    )
    assert try_without(hangs, tree).verdict is Verdict.HUNG
    assert run_tests(tree, hangs.tests, time_s=0)[0] == HUNG  # the run itself, where nothing ends the test


@pytest.mark.parametrize(
    ("told", "failure"),
    [
        (
            "ERROR    station.visit:told.py:26 slot 1: ALARM\nFAILED tests/a.py::test[a b - c] - assert",
            ("FAILED", "tests/a.py::test[a b"),
        ),
        ("ERROR tests/a.py::test - no such fixture", ("ERROR", "tests/a.py::test")),
        ("FAILED", ("FAILED", "")),
        ("FAILED to start", ("", "")),
    ],
)
def test_the_first_failure_is_a_test_not_a_line_of_the_log(told: str, failure: tuple[str, str]) -> None:
    assert first_failure(told) == failure
