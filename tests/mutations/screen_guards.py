# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a screen from holding a slot, and garbage from growing while it is open."""

from __future__ import annotations

from tests.mutations.guard import guards_of

_WAY = "tests/tui/test_way.py"
_GARBAGE = "tests/tui/test_garbage.py"
_PAINTS = "tests/tui/test_paints.py"
_DIRECT = "tests/tui/test_direct.py"
_CUT = "tests/tui/test_cut.py"
_OUTSIDE = "tests/tui/test_texts_from_outside.py"
_LOW = "tests/tui/test_low_screen.py"
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
        ("a screen that is busy keeps its turn", "            sys.setswitchinterval(MOST_S)\n", "", _WAY),
        ("and no slot does", "        sys.setswitchinterval(TURN_S)\n        self._free", "        self._free", _WAY),
    ),
    *guards_of(
        "station/tui/direct.py",
        (
            "a terminal that takes nothing now is waited for",
            "                    if left and not self._takes_more():\n                        return",
            "                    return",
            _DIRECT,
        ),
        (
            "a terminal that nobody reads keeps no screen from its end",
            "        self._until = time.monotonic() + _LAST_S\n",
            "        pass\n",
            _DIRECT,
        ),
        (
            "the shell's terminal stays as it was",
            "os.open(os.ttyname(shared), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)",
            "(os.set_blocking(shared, False), os.dup(shared))[1]",
            _DIRECT,
        ),
        (
            "a screen that is over writes into no other file",
            "own, self._own = self._own, -1",
            "own = self._own",
            _DIRECT,
        ),
        ("a terminal that is gone is no crash", "error.errno != errno.EIO", "True", _DIRECT),
        ("a screen that waits for its terminal has short turns", "with short_turns():", "if True:", _DIRECT),
    ),
    *guards_of(
        "station/tui/rows.py",
        ("a row of tiles is no garbage", "[self] if cuts == [self.cell_length] else ", "", _GARBAGE),
        ("rows that look the same are one", "@lru_cache(2048)\n", "", _PAINTS),
    ),
    *guards_of(
        "station/tui/tile.py",
        (
            "nothing is painted over the one row of a tile",
            "    elif space.height == 1:\n",
            "    elif False:\n",
            "tests/tui/test_tile.py::test_what_is_to_be_done_is_not_cut_in_a_tile_of_one_row",
        ),
        ("a long name gives way in one row", "(space.name, _SHORTEST_NAME)", "(space.name,)", _LOW),
    ),
    *guards_of(
        "station/tui/grid.py",
        (
            "no slot is below a low screen",
            "fits = columns * height >= count",
            "fits = True",
            "tests/tui/test_tile.py::test_no_slot_is_below_a_screen_however_low",
        ),
        (
            "no tile is kept in a size that it has no more",
            "            self._drawn_at = at\n            self._forget()\n",
            "            self._drawn_at = at\n",
            _PAINTS,
        ),
        (
            "no tile is kept of a slot that is there no more",
            "            self._forget()\n            self.refresh()\n",
            "            self.refresh()\n",
            _PAINTS,
        ),
    ),
    *guards_of(
        "station/tui/floor.tcss",
        ("an alarm's text pushes no key off the screen", "height: auto; max-height: 40vh;", "height: auto;", _LOW),
        ("nor does that of a trouble", "height: auto; max-height: 60vh;", "height: auto;", _LOW),
        (
            "a list on a low screen has a row",
            "Room.low .content > .advice { display: none; }",
            "Pin { margin: 0; }",
            _LOW,
        ),
    ),
    *guards_of(
        "station/tui/strip.py",
        ("a slot's name above a room steers no terminal", "printable(event.slot)", "event.slot", _OUTSIDE),
    ),
    *guards_of(
        "station/tui/cut.py",
        ("nothing unseen is in a row", "shown = printable(text)", "shown = text", _CUT),
        (
            "a text that is cut says so",
            "set_cell_size(shown, width - 1).rstrip() + _CUT",
            "set_cell_size(shown, width)",
            _CUT,
        ),
        ("a name that is cut keeps its end", "kept = min(_KEPT_END, width - 1)", "kept = 0", _CUT),
    ),
    *guards_of(
        "station/tui/said.py",
        (
            "a code that is on top gives way to what it means",
            "(*forms, plainly) if plainly and space.headed else forms",
            "forms",
            _CUT,
        ),
    ),
    *guards_of(
        "station/tui/bars.py",
        (
            "what to do about trouble is whole",
            'known.what}  –  {known.do}", known.do)',
            'known.what}  –  {known.do}",)',
            _CUT,
        ),
        (
            "a count loses no figure to what stands beside it",
            ' and cell_len(f" {line}{aside}") <= width else',
            " else",
            _CUT,
        ),
        (
            "a set's count is not cut by its name",
            'shortened(current.name, room - cell_len(line(name="")))',
            "current.name",
            _CUT,
        ),
    ),
    *guards_of(
        "station/tui/bench_plates.py",
        (
            "a bench's name is told from its neighbour's in a row",
            "min(_room(wide), _NAME - 1) - 3",
            "99",
            "tests/tui/test_wall_of_line.py::test_benches_with_long_names_are_told_apart",
        ),
    ),
    *guards_of(
        "station/tui/line_wall.py",
        ("locks that have no room are counted", "cell_len(form) <= room), forms[-1])", "True), forms[-1])", _CUT),
    ),
    *guards_of(
        "station/tui/table.py",
        ("no cell of a list is measured", "    __rich_measure__ = None  # type: ignore[assignment]\n", "", _PAINTS),
        (
            "no last column is below the scrollbar",
            "self._lines(records, widths if widths != wanted else ())",
            "len(records)",
            "tests/tui/test_tables.py::test_neither_a_head_nor_what_stands_beside_the_scrollbar_is_cut",
        ),
    ),
    *guards_of(
        "station/tui/screens/menu.py",
        (
            "digits typed at the menu are not searched for",
            "if may_be_seen(text, is_label=True):",
            "if True:",
            "tests/tui/test_office_flows.py::test_a_name_a_board_and_a_scan_lead_to_the_whole_history",
        ),
    ),
    *guards_of(
        "station/tui/screens/room.py",
        (
            "what is behind a dialog is not made anew",
            "if self.styles.background.a or self not in stack[1:]:",
            "if True:",
            _PAINTS,
        ),
        ("a title is cut within its row", "cut(whole, width))", "whole)", _CUT),
        ("a scan covers no low screen", "            echo.step_aside()\n", "            pass\n", _LOW),
        ("a low screen has keys on its dialogs", 'event.size.height < LOW, "low"', 'False, "low"', _LOW),
        ("a screen that opens is styled once", "event.refresh_styles &= self._was_shown", "pass", _PAINTS),
    ),
    *guards_of(
        "station/tui/run.py",
        ("an open bench collects garbage by itself, too", "        gc.enable()\n", "", _WAY),
        ("and none while a key waits", "        collected_by_the_screen(),\n", "", _WAY),
        ("slots let the screen pass", "        desk.bench.give_way = way.let_pass\n", "", _WAY),
        ("a signal ends a screen that is blocked", "        app.leave()\n", "        app.call_later(app.exit)\n", _WAY),
    ),
    *guards_of(
        "station/tui/app.py",
        ("nothing lies over an alarm", "            self.clear_notifications()", "            pass", _LOW),
        (
            "a pasted text is no crowd of scans",
            "if len(scans) > MOST_AT_ONCE:",
            "if False:",
            "tests/tui/test_bench_flows.py::test_a_text_that_is_pasted_is_no_crowd_of_scans",
        ),
    ),
    *guards_of(
        "station/tui/floor.py",
        ("a screen that is to end gives its terminal up", "            give_up()\n", "            pass\n", _DIRECT),
        ("what is said for a moment steers no terminal", "notify(printable(message)", "notify(message", _OUTSIDE),
        ("and is no markup", "timeout=timeout, markup=False)", "timeout=timeout, markup=True)", _OUTSIDE),
        ("what is pasted into a field steers no terminal", "isinstance(event, events.Paste)", "False", _OUTSIDE),
        ("each screen has its own way to its terminal", "        return Direct\n", "        return driver\n", _DIRECT),
    ),
    *guards_of(
        "station/desk/slots_now.py",
        (
            "an alarm that was lifted is on the wall no more",
            "{Outcome.ALARM: SlotState.EMPTY}",
            "{Outcome.ALARM: SlotState.FAIL}",
            "tests/tui/test_wall.py::test_an_alarm_is_on_the_wall_until_it_is_lifted",
        ),
    ),
    *guards_of(
        "station/tui/ended.py",
        (
            "a signal ends a wall whose terminal is blocked",
            "self._app.leave(None if abort else self._leave)",
            "self._app.call_later(self._app.exit if abort else self._leave or self._app.exit)",
            _DIRECT,
        ),
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
