# SPDX-License-Identifier: GPL-3.0-or-later
"""What lets a reservation go without waiting for a disk."""

from __future__ import annotations

from tests.mutations.guard import guards_of

_LOST = "tests/ledger/test_lost_claims.py"
_ANOTHERS = f"{_LOST}::test_what_another_one_has_is_neither_begun_nor_given_back_by_who_lost_it"
CLAIMS = (
    *guards_of(
        "station/ledger/marrying.py",
        (
            "what is reserved for another board is not begun",
            "    reserving.require_held(standing, book, attempt)\n",
            "",
            _ANOTHERS,
        ),
    ),
    *guards_of(
        "station/ledger/postgres/migrations/0038_stays_beside.sql",
        (
            "what is reserved for another board is not begun at once",
            "i.attempt = its_attempt AND i.board_uid = board\n      AND i.slot = at_slot AND i.owner = session",
            "i.attempt = its_attempt",
            _ANOTHERS,
        ),
    ),
    *guards_of(
        "station/ledger/reserving.py",
        (
            "what is reserved by another session is not begun",
            """        own = row["owner"] == book.session\n""",
            "        pass\n",
            _ANOTHERS,
        ),
        (
            "what another one gave back is no other trouble",
            """row["attempt"] == attempt.number and not own)""",
            """row["attempt"] == attempt.number and row["board_uid"] is not None and not own)""",
            f"{_LOST}::test_what_another_one_had_and_gave_back_is_lost_just_so_and_the_board_goes_on",
        ),
    ),
    *guards_of(
        "station/ledger/store.py",
        (
            "what is reserved for another board is not given back",
            "                reserving.require_held(standing, self.book, attempt)\n",
            "                pass\n",
            _ANOTHERS,
        ),
        (
            "what opens a set waits for the disk",
            "            carried = kind is not IdentityKind.MEMBER",
            "            carried = True",
            f"{_LOST}::test_what_opens_a_set_waits_for_the_disk",
        ),
    ),
    *guards_of(
        "station/ledger/leftovers.py",
        (
            "what was given up in one slot is not what another has",
            "        given_up = token in left and",
            "        given_up = any(one[:2] == token[:2] for one in left) and",
            _ANOTHERS,
        ),
    ),
    *guards_of(
        "station/ledger/unwritten.py",
        (
            "what is reserved anew is not what was given up",
            "        for of_before in (self.unsure, self.left):\n",
            "        for of_before in (self.unsure,):\n",
            f"{_LOST}::test_who_lost_it_reserves_anew_and_goes_on",
        ),
    ),
    *guards_of(
        "station/ledger/audit.py",
        (
            "a mark does not end with what may be lost",
            """    but = _carried(db) if lasting else ("", "")\n""",
            """    but = ("", "")\n""",
            f"{_LOST}::test_nothing_outside_of_the_ledger_remembers_what_may_be_lost",
        ),
        (
            "nor does a line's",
            "but=(RESERVED, RESERVED) if on_disk else _carried(db)",
            'but=("", "")',
            f"{_LOST}::test_nothing_outside_of_the_ledger_remembers_what_may_be_lost",
        ),
        (
            "nor does what is printed",
            """    return _last_of(db, "", LINE, but=_carried(db))\n""",
            """    return _last_of(db, "", LINE, but=("", ""))\n""",
            f"{_LOST}::test_nothing_outside_of_the_ledger_remembers_what_may_be_lost",
        ),
    ),
    *guards_of(
        "station/ledger/auditing.py",
        (
            "nobody outside is told of a line that may be lost",
            "        until = self._book.connection.settled()\n",
            "        until = 2**62\n",
            f"{_LOST}::test_who_follows_the_log_by_its_numbers_misses_no_line",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/connection.py",
        (
            "who follows the log waits for those who write beside each other",
            "                db.execute(_ALONE)\n",
            "",
            "tests/postgres/test_claims.py::test_a_line_that_was_begun_earlier_and_ends_later_is_not_passed_over",
        ),
    ),
    *guards_of(
        "station/ledger/sqlite/connection.py",
        (
            "each write waits for the disk behind one that did not",
            "            self._set_level(_NORMAL if carried else _FULL)\n",
            "            self._set_level(_NORMAL if carried or self._level == _NORMAL else _FULL)\n",
            f"{_LOST}::test_no_write_but_a_reservation_goes_without_the_disk",
        ),
        (
            "a level that is not known is set anew",
            "        self._level = None  # until it is known\n",
            "",
            f"{_LOST}::test_a_level_that_is_not_known_is_set_anew",
        ),
    ),
)
