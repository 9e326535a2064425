# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a screen from holding a slot, and garbage from growing while it is open."""

from __future__ import annotations

from tests.mutations.guard import guards_of

_WAY = "tests/tui/test_way.py"
_GARBAGE = "tests/tui/test_garbage.py"
_STEPS = (
    "tests/flow/test_one_board.py"
    "::test_each_step_gives_way_first_and_never_while_the_ledger_or_a_board_that_was_just_opened_waits"
)
SCREEN = (
    *guards_of(
        "station/tui/way.py",
        ("a screen that hangs holds a slot for a moment", "self._free.wait(left)", "self._free.wait()", _WAY),
        (
            "and none again",
            "        if self.is_free:\n            self._until",
            "        if True:\n            self._until",
            _WAY,
        ),
        ("a slot goes on once the screen is done", "            self._way.leave()\n", "            pass\n", _WAY),
    ),
    *guards_of(
        "station/flow/visit.py",
        ("a board that was just opened waits for no screen", "    if visit.steps:  # at", "    if True:  # at", _STEPS),
    ),
    *guards_of(
        "station/tui/garbage.py",
        ("garbage goes", "        gc.collect(1 if", "        (1 if", _GARBAGE),
        ("old garbage goes", "1 if young_times < _YOUNG_ONLY else 2", "1", _GARBAGE),
        (
            "garbage goes where the screen hangs",
            "gc.set_threshold(_TOO_MUCH, *before[1:])",
            "gc.set_threshold(0)",
            _GARBAGE,
        ),
    ),
)
