# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a ledger that is moved from living twice, and the benches of a line from each other's locks, taken out once
each."""

from tests.mutations.guard import guards_of

_COPY = "tests/postgres/test_ledger_copy.py"
_LOCKED = "tests/postgres/test_locked_line.py::test_no_program_of_a_bench_begins_a_board_once_another_one_has_locked_the_bench"
_WHOSE = "tests/postgres/test_whose_slot.py"
COPYING = (
    *guards_of(
        "station/ledger/copying.py",
        (
            "what was moved is locked where it was",
            "        db.execute(_PUT_LOCK, (STATION, CODE, what, audit.now()))\n",
            "",
            f"{_COPY}::test_heads_are_equal_and_only_one_gives_out",
        ),
        (
            "a copy is whole only where the ledger is locked",
            "    _require_locked(source, mark)\n",
            "",
            f"{_COPY}::test_a_copy_stays_half_until_the_lock_is_in_the_ledger",
        ),
        (
            "a moved ledger is moved nowhere else",
            "    elif mark is None or mark.copy != moved.copy:\n",
            "    elif False:\n",
            f"{_COPY}::test_a_moved_ledger_is_moved_nowhere_else",
        ),
        (
            "nothing is copied over a ledger",
            "    if mark is not None or not copied_rows.is_empty(db):\n",
            "    if mark is not None:\n",
            f"{_COPY}::test_nothing_is_copied_over_a_ledger",
        ),
        (
            "what changed since a copy was begun is copied anew",
            "    if wrong and may_be_stale:\n",
            "    if False:\n",
            f"{_COPY}::test_a_copy_begun_before_the_ledger_went_on_is_made_anew",
        ),
        (
            "a copy is verified before it lives",
            "        verify(db, into.guards)\n",
            "        pass\n",
            f"{_COPY}::test_a_copy_that_was_tampered_with_is_none",
        ),
        (
            "witnesses are told of a move",
            "            source.watch.witness.tell([line])\n",
            "            pass\n",
            f"{_COPY}::test_an_older_file_of_it_is_known_by_its_witness",
        ),
        (
            "a ledger that is used is not copied",
            "    if source.book.connection.others_work():\n",
            "    if False:\n",
            f"{_COPY}::test_neither_may_be_in_use",
        ),
        (
            "a ledger with an alarm is not copied",
            "    if row:\n        raise NeedsPerson(\n",
            "    if False:\n        raise NeedsPerson(\n",
            f"{_COPY}::test_a_locked_ledger_waits",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/connection.py",
        (
            "nobody works on a copy that is not whole",
            '                require_whole(Work(server), "the line\'s database")\n',
            "",
            f"{_COPY}::test_killed_at_any_place_it_goes_on_and_one_at_most_gives_out",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/copy_into.py",
        (
            "nothing is copied into a ledger that is used",
            "            if sessions.are_others(self._server, self._own):\n",
            "            if False:\n",
            f"{_COPY}::test_neither_may_be_in_use",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/sessions.py",
        (
            "a station that has just ended is waited for",
            "        time.sleep(_PACE_S)\n",
            "        break\n",
            f"{_COPY}::test_a_station_that_has_just_ended_is_in_nobodys_way",
        ),
    ),
    *guards_of(
        "station/ledger/believed.py",
        (
            "a bench's own lock holds for all its programs",
            " OR (scope = ? AND ? IN ('', bench)) ORDER BY scope\"",
            ' AND ? <> ?"',
            _LOCKED,
        ),
        (
            "a bench's own lock holds at no other one",
            " AND ? IN ('', bench)) ORDER BY scope\"",
            " AND ? <> '?') ORDER BY scope\"",
            _LOCKED,
        ),
    ),
    *guards_of(
        "station/ledger/postgres/migrations/0038_stays_beside.sql",
        (
            "a bench's own lock holds in one step too",
            "AND l.scope IN ('', '*')\n      UNION ALL",
            "AND l.scope IN ('')\n      UNION ALL",
            _LOCKED,
        ),
        (
            "so it does where the board is begun",
            "AND l.scope IN ('', '*'))\n      AND NOT EXISTS",
            "AND l.scope IN (''))\n      AND NOT EXISTS",
            _LOCKED,
        ),
    ),
    *guards_of(
        "station/bench/outcome.py",
        (
            "an alarm locks the whole line",
            "scope=STATION if alarm else THIS_BENCH",
            "scope=THIS_BENCH",
            _WHOSE,
        ),
        (
            "failures at one bench lock no other one",
            "scope=STATION if alarm else THIS_BENCH",
            "scope=STATION",
            _WHOSE,
        ),
    ),
    *guards_of(
        "station/config/edit.py",
        (
            "no station.toml is written that cannot be read",
            "        load(new, {}, {})\n",
            "",
            "tests/slots/test_slots_command.py",
        ),
    ),
    *guards_of(
        "station/ledger/locks.py",
        (
            "an unlocked bench's failures count no more",
            "_UNLOCKED_BENCH = f\"scope = '{STATION}' OR (scope = '{THIS_BENCH}' AND bench = ?)\"",
            "_UNLOCKED_BENCH = \"scope = '' AND bench <> ?\"",
            _WHOSE,
        ),
        (
            "the whole line's lock is told before a bench's own",
            "        return not lock.bench\n",
            "        return False\n",
            _WHOSE,
        ),
        (
            "who comes second to a bench's own lock is refused",
            "self._place(scope), self._place(scope or THIS_BENCH)\n",
            "(self._place(scope),)\n",
            _WHOSE,
        ),
    ),
)
