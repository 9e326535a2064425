# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of an older ledger on its way to the present form; each name begins with "an older ledger"."""

from tests.mutations.guard import guards_of

_TESTS = "tests/ledger/test_upgrading.py"

ROWS = (
    *guards_of(
        "station/ledger/sqlite/upgrading.py",
        ("an older ledger: its station has ended", "    if is_in_use(path):\n", "    if False:\n", _TESTS),
        ("an older ledger: a copy is kept", "            pack(room, kept, made, {})\n", "", _TESTS),
        ("an older ledger: one copy at most", "        if copy_of_then != kept:\n", "        if False:\n", _TESTS),
        ("an older ledger: no row goes", "        if now.get(what, 0) != many:\n", "        if False:\n", _TESTS),
        ("an older ledger: it verifies", "        if _was_whole(path):\n", "        if False:\n", _TESTS),
        (
            "an older ledger: all or nothing",
            '    db.execute("BEGIN IMMEDIATE")\n',
            "    db.execute('SELECT 1')\n",
            _TESTS,
        ),
    ),
    *guards_of(
        "station/ledger/sqlite/connection.py",
        ("an older ledger: its key first", "        if key and applied(sqlite):\n", "        if False:\n", _TESTS),
        ("an older ledger: no copy stays", "    leave_no_copy(path)\n", "", _TESTS),
    ),
)
