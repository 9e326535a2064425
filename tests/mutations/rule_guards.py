# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards in the rules: what becomes of a board, who locks, what may go back to the queue."""

from tests.mutations.guard import guards_of

_RULES = "tests/core/test_rules.py"
_RECOVERY = "tests/core/test_rules_after_recovery.py"
_LABELS = "tests/core/test_rules_of_labels.py"

RULES = guards_of(
    "station/rules.py",
    ("a clone is an alarm", "    if carried.board_uid != board.uid:\n        return Plan.CLONE\n", "", _RULES),
    (
        "an identity never sent but found is an alarm",
        "    if carried.board_uid is None:\n        return Plan.FOUND_UNSENT\n",
        "",
        _RULES,
    ),
    (
        "an unknown identity is refused",
        "    if not overwrite_unknown:\n        return Plan.REFUSE_UNKNOWN\n",
        "",
        _RULES,
    ),
    (
        "a board in doubt with a stranger's identity is refused",
        "    if readable and not holds_mine and not overwrite_unknown:\n        return Plan.REFUSE_UNKNOWN\n",
        "",
        _RULES,
    ),
    (
        "a board in hand elsewhere is left alone",
        "    if mine.state in (State.RESERVED, State.WRITING):\n        return Plan.BUSY_ELSEWHERE\n",
        "",
        _RULES,
    ),
    (
        "a done board that holds something else is not done",
        "return Plan.CHECK_DONE if seen else _not_there(board)",
        "return Plan.CHECK_DONE",
        _RULES,
    ),
    (
        "a label alone makes no board done",
        "        seen = holds_mine or (board.holding is Holding.UNREADABLE and not board.by_label)\n",
        "        seen = holds_mine or board.holding is Holding.UNREADABLE\n",
        _LABELS,
    ),
    (
        "a label alone makes no done board lost",
        "    return Plan.UNPROVED_LABEL if board.by_label else Plan.CHANGED\n",
        "    return Plan.CHANGED\n",
        _LABELS,
    ),
    (
        "a locked blank board is refused",
        "        return Plan.REFUSE_LOCKED if board.locked else Plan.TAKE_NEW\n    if not overwrite_unknown",
        "        return Plan.TAKE_NEW\n    if not overwrite_unknown",
        _RULES,
    ),
    ("WRITING never becomes READY", "State.WRITING: State.IN_DOUBT}", "State.WRITING: State.READY}", _RULES),
    (
        "an alarm outranks",
        "return code.is_alarm and not stands.is_alarm",
        "return False",
        "tests/ledger/test_locks.py",
    ),
    ("three failures lock a slot", "    return len(judged) == limits.in_a_row and", "    return False and", _RULES),
    ("an alarm locks the station", "    return Outcome.ALARM in outcomes or ", "    return ", _RULES),
    (
        "a doubt counts as a failure",
        "return self in (Outcome.FAIL, Outcome.IN_DOUBT)",
        "return self in (Outcome.FAIL,)",
        _RULES,
    ),
    (
        "half of another identity on a done board is another one",
        "        if board.holding is Holding.TORN and not board.names:\n",
        "        if board.holding is Holding.TORN:\n",
        _RULES,
    ),
    (
        "who has an identity learns no other one",
        "        if may_learn and mine is None and carried",
        "        if may_learn and carried",
        _RECOVERY,
    ),
    (
        "what another board has is not learned",
        " and mine is None and carried.board_uid is None:\n",
        " and mine is None:\n",
        _RECOVERY,
    ),
    (
        "nothing is written to a board that a witness names",
        "Plan.FORETOLD if foretold and plan in",
        "Plan.FORETOLD if False and plan in",
        _RECOVERY,
    ),
    ("what it holds and is here goes on", " and not holds_mine else plan\n", " else plan\n", _RECOVERY),
    (
        "only what would be written is foretold",
        "if foretold and plan in _WRITES_OR_REFUSES and",
        "if foretold and",
        _RECOVERY,
    ),
    (
        "no reading proves what was written otherwise",
        "    if otherwise and plan in",
        "    if False and plan in",
        _RECOVERY,
    ),
    (
        "what was written otherwise hides no clone",
        "    if otherwise and plan in (Plan.LEARN, Plan.FOUND_UNSENT):\n",
        "    if otherwise:\n",
        _RECOVERY,
    ),
    (
        "what is on a board never goes back",
        "    if on_a_board:\n        return WayBack.ON_A_BOARD\n",
        "",
        _RECOVERY,
    ),
    ("what is disputed does not go back", "    if disputed:\n        return WayBack.DISPUTED\n", "", _RECOVERY),
    ("a cloud is asked before its own goes back", "    if from_cloud and not asked:\n", "    if False:\n", _RECOVERY),
    ("what is in use does not go back", "    if from_cloud and in_use:\n", "    if False:\n", _RECOVERY),
    (
        "another uid is another board",
        "    if board.uid != uid or not board.by_label:\n",
        "    if not board.by_label:\n",
        _LABELS,
    ),
    (
        "a label alone proves no board",
        "        return board.uid == uid\n    return board",
        "        return board.uid == uid\n    return True or board",
        _LABELS,
    ),
    (
        "a blank board under a label is not surely the same",
        " else board.holding is Holding.TORN\n",
        " else True\n",
        _LABELS,
    ),
    (
        "another name under a label is another board",
        "(shows_nothing or shows_other)",
        "shows_nothing",
        _LABELS,
    ),
    (
        "its own name under a label is that board",
        "bool(board.names) and board.names[0] != mine\n",
        "bool(board.names)\n",
        _LABELS,
    ),
    ("a blank board under a label waits", "(shows_nothing or shows_other)", "shows_other", _LABELS),
    ("who has a uid of its own waits for nobody", "    return board.by_label and (shows", "    return (shows", _LABELS),
    ("a supervisor's word lets it go on", " or shows_other) and not vouched\n", " or shows_other)\n", _LABELS),
)
