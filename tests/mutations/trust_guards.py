# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards on whether a ledger may be believed: opening, witnesses, recovery, the machine, what two sources disagree on."""

from tests.mutations.guard import guards_of

_SETS = "tests/setback/test_sets_set_back.py"
_BOARDS = "tests/setback/test_boards_a_witness_names.py"
_DECISIONS = "tests/setback/test_decisions_set_back.py"
_WITNESS = "tests/ledger/test_witness.py"
_BACKUP = "tests/setback/test_backup.py"
_SET_BACK = "tests/setback/test_set_back.py"
_DISPUTES = "tests/ledger/test_disputes.py"
_GUARDS = "tests/ledger/test_guards.py"
_NOT_BELIEVED = "tests/intake/test_not_believed.py"

OPENING = guards_of(
    "station/ledger/opening.py",
    (
        "the lock is in the file that takes a ledger's place",
        "    if is_left_over(path):\n",
        "    if False:\n",
        f"{_WITNESS}::test_a_copy_whose_lock_is_not_in_its_file_takes_no_ledgers_place",
    ),
    (
        "a ledger without its guards is not worked with",
        "    if wrong := ledger.audit.guards_changed():\n",
        "    if wrong := '':\n",
        "tests/cli/test_guards_by_command.py",
    ),
    (
        "a ledger of another machine is not worked with",
        "    return not ledger.bench and kept is not None and not same(",
        "    return False and not same(",
        f"{_SET_BACK}::test_a_disk_image_is_cloned_to_a_second_pc",
    ),
    (
        "the witnesses are heard when a ledger is opened",
        "    watch.meet()\n    if not",
        "    if not",
        f"{_WITNESS}::test_an_older_copy_is_told_from_a_recovered_ledger_where_no_board_was_lost",
    ),
    (
        "a ledger begun anew where one wrote boards is not believed",
        "        if before:\n",
        "        if False:\n",
        f"{_SET_BACK}::test_a_ledger_that_is_deleted_and_begun_anew",
    ),
    (
        "what is not believed is locked",
        "            ledger.locks.lock(STATION, CODE, found.what)\n",
        "",
        f"{_WITNESS}::test_an_older_copy_is_told_from_a_recovered_ledger_where_no_board_was_lost",
    ),
    (
        "journals are not begun anew where all are lost",
        "    elif not _witnessed(ledger):\n        remember",
        "    else:\n        remember",
        f"{_SET_BACK}::test_with_every_witness_gone_nothing_is_begun_until_a_recovery",
    ),
    (
        "what a dead process had in hand is recovered at the opening",
        "        for known in ledger.recover():\n",
        "        for known in ():\n",
        f"{_WITNESS}::test_what_a_station_left_in_hand_is_in_doubt_from_the_next_opening_on",
    ),
)
BACKUP = guards_of(
    "station/ledger/backup.py",
    (
        "a ledger that is replaced lacks nothing on the way",
        "        empty_log(ledger)\n",
        "        pass\n",
        f"{_BACKUP}::test_what_was_only_in_the_log_of_a_killed_station_is_not_lost_on_the_way",
    ),
    (
        "what lies beside goes aside before another file is there",
        "    for left in (*beside(ledger), mark_of(ledger)):\n",
        "    for left in (mark_of(ledger),):\n",
        f"{_BACKUP}::test_what_lies_beside_no_ledger_is_not_taken_for_the_one_s_that_is_put_back",
    ),
)
WATCH = guards_of(
    "station/ledger/watch.py",
    (
        "what was found once stays found",
        "            self._strange = lines if found else []\n",
        "",
        f"{_WITNESS}::test_another_bench_that_writes_to_the_same_witness_stops_this_one_at_the_next_board",
    ),
    (
        "what one slot has read is judged before another reads on",
        "        with self._lock:\n            joins = ",
        "        if True:\n            joins = ",
        f"{_WITNESS}::test_what_one_slot_finds_is_not_forgotten_while_another_one_looks",
    ),
    (
        "the open file is the one at the path",
        "        self._connection.require_in_place()\n",
        "",
        f"{_WITNESS}::test_the_file_at_the_path_must_be_the_one_that_is_open",
    ),
    (
        "the witnesses are heard before each board",
        "        self.meet()\n",
        "",
        f"{_WITNESS}::test_another_bench_that_writes_to_the_same_witness_stops_this_one_at_the_next_board",
    ),
    (
        "a place that has gone is no witness",
        "        self.witness.lose_gone()\n",
        "",
        f"{_WITNESS}::test_no_board_is_begun_where_no_witness_can_be_told",
    ),
    (
        "no board without a witness",
        "            raise unwitnessed(self.witness.journals)\n",
        "            pass\n",
        f"{_WITNESS}::test_no_board_is_begun_where_no_witness_can_be_told",
    ),
    (
        "a line that the chain does not know is an alarm",
        "        if not knows(db, line):\n",
        "        if False:\n",
        _WITNESS,
    ),
    (
        "a witness that comes back is told what it missed",
        "            for journal in back:\n",
        "            for journal in ():\n",
        f"{_WITNESS}::test_an_absent_witness_is_told_everything_when_it_is_there",
    ),
    (
        "a new journal is told everything",
        "                self.witness.tell(told_by_chain(db, self._vault, 0), made)\n",
        "                pass\n",
        f"{_WITNESS}::test_an_absent_witness_is_told_everything_when_it_is_there",
    ),
)
JOURNAL = guards_of(
    "station/ledger/witness.py",
    (
        "a ledger is heard whose first line is damaged",
        " or _is_ours(told, name, vault)\n",
        "\n",
        f"{_WITNESS}::test_a_ledger_that_was_here_before_is_heard_although_the_first_line_of_its_witness_is_damaged",
    ),
    (
        "a torn line is ended before the next one",
        '        self._write(b"\\n" * torn + data)\n',
        "        self._write(data)\n",
        f"{_WITNESS}::test_a_torn_or_foreign_line_is_skipped_and_said",
    ),
    (
        "a line without its end waits for it",
        '        whole = data[: data.rfind(b"\\n") + 1]\n',
        "        whole = data\n",
        f"{_WITNESS}::test_a_line_that_is_still_being_written_waits_for_its_end",
    ),
    (
        "a part of a line is no line",
        "        if os.write(self._open_handle, data) != len(data):\n",
        "        if os.write(self._open_handle, data) < 0:\n",
        f"{_WITNESS}::test_a_disk_that_takes_a_part_of_a_line_has_not_heard_it",
    ),
    (
        "a witness that took nothing is none",
        "            if not self.present:\n                raise unwitnessed",
        "            if False:\n                raise unwitnessed",
        f"{_WITNESS}::test_a_witness_that_fails_after_the_commit_leaves_doubt_without_a_byte",
    ),
    (
        "a journal is private",
        "os.O_CREAT | os.O_CLOEXEC, 0o600)\n",
        "os.O_CREAT | os.O_CLOEXEC, 0o644)\n",
        f"{_WITNESS}::test_a_line_is_there_before_the_first_byte_could_leave_and_says_no_secret",
    ),
)
LINES = guards_of(
    "station/ledger/witness_lines.py",
    (
        "a witness is told what was retired",
        "a.to_state IN ('WRITING','RETIRED')",
        "a.to_state IN ('WRITING')",
        f"{_WITNESS}::test_decisions_that_an_older_station_did_not_tell_are_told_at_the_next_opening",
    ),
    (
        "a witness is told what was found on a board",
        "'stranger','found on a board','disputed'",
        "'stranger','disputed'",
        f"{_WITNESS}::test_decisions_that_an_older_station_did_not_tell_are_told_at_the_next_opening",
    ),
    (
        "a recovery's own witnesses are told what it was told",
        '            yield from (as_told(told) for told in kept if told["head"] not in heard)\n',
        "            del kept\n",
        f"{_SET_BACK}::test_what_a_recovery_was_told_is_told_to_the_witness_that_is_begun_after_it",
    ),
    (
        "a witness's line has its mark",
        "    if not hmac.compare_digest(vault.witness_mark(text).encode(), mark.encode()):\n",
        "    if False:\n",
        f"{_WITNESS}::test_a_changed_line_is_no_word_of_the_witness",
    ),
    (
        "another ledger's line is not ours",
        "    if version < _VERSION or of != ledger_id:\n",
        "    if version < _VERSION:\n",
        f"{_WITNESS}::test_a_line_comes_back_as_it_was_and_not_when_a_byte_is_changed",
    ),
    (
        "a journal says no name",
        '    return vault.witness_mark(f"name {name}")\n',
        '    return f"name {name}"\n',
        f"{_WITNESS}::test_a_line_is_there_before_the_first_byte_could_leave_and_says_no_secret",
    ),
)
RECOVERY = guards_of(
    "station/ledger/recovery.py",
    (
        "a broken chain is not recovered",
        "    ledger.audit.verify()\n",
        "",
        f"{_WITNESS}::test_a_sound_ledger_is_not_recovered_and_a_broken_chain_neither",
    ),
    (
        "a recovery withholds what was READY",
        "    while step := _withhold(ledger):\n",
        "    while step := 0:\n",
        f"{_WITNESS}::test_a_recovery_withholds_all_that_was_ready_also_what_comes_meanwhile",
    ),
    (
        "what comes in during a recovery is withheld",
        "        while withhold_ready(db, ledger.actor, limit=_STEP):\n            pass\n",
        "",
        f"{_WITNESS}::test_a_recovery_withholds_all_that_was_ready_also_what_comes_meanwhile",
    ),
    (
        "no recovery ends under a board that came into hand meanwhile",
        "        if db.execute(\"SELECT 1 FROM identities WHERE state IN ('RESERVED','WRITING')\").fetchone():\n",
        "        if False:\n",
        f"{_WITNESS}::test_no_recovery_ends_while_a_board_has_come_into_hand",
    ),
    (
        "nothing sound is recovered",
        "    if ledger.watch is None or not (locked or not ledger.watch.witness.present):\n",
        "    if ledger.watch is None:\n",
        f"{_WITNESS}::test_a_sound_ledger_is_not_recovered_and_a_broken_chain_neither",
    ),
    (
        "a recovery that heard no witness stays wary",
        "    if not heard.whole:\n",
        "    if False:\n",
        f"{_WITNESS}::test_after_a_recovery_that_heard_not_every_witness_whole_what_comes_in_is_withheld",
    ),
    (
        "a damaged witness was not heard whole",
        "whole = not (silent or damaged or ",
        "whole = not (silent or ",
        f"{_WITNESS}::test_after_a_recovery_that_heard_not_every_witness_whole_what_comes_in_is_withheld",
    ),
    (
        "a witness that is away was not heard",
        "whole = not (silent or damaged or ",
        "whole = not (len(silent) == len(around.places) or damaged or ",
        f"{_WITNESS}::test_after_a_recovery_that_heard_not_every_witness_whole_what_comes_in_is_withheld",
    ),
    (
        "a ledger's own witness is not spoken for by another's",
        "                if name == ledger_id or not begun:\n                    silent",
        "                if True:\n                    silent",
        f"{_WITNESS}::test_a_lost_witness_is_missed_beside_the_one_of_a_ledger_that_was_here_before",
    ),
    (
        "a torn line tells of a board too",
        "(journal.damaged + journal.is_torn)",
        "journal.damaged",
        f"{_WITNESS}::test_after_a_recovery_that_heard_not_every_witness_whole_what_comes_in_is_withheld",
    ),
    (
        "no clock that was ahead settles the next recovery",
        "    if now > last:\n",
        "    if now:\n",
        f"{_WITNESS}::test_which_recovery_was_settled_is_told_from_the_next_one_whatever_the_clock_says",
    ),
    (
        "a recovery is told to the witnesses",
        "    _tell(ledger, watch, around)\n",
        "",
        f"{_WITNESS}::test_an_older_copy_is_told_from_a_recovered_ledger_where_no_board_was_lost",
    ),
    (
        "of two words on a board the last one counts",
        "        for line in reversed(strange):\n",
        "        for line in strange:\n",
        f"{_WITNESS}::test_a_board_that_two_identities_are_said_to_be_on_waits_for_a_person",
    ),
)
TAKING_OVER = guards_of(
    "station/ledger/taking_over.py",
    (
        "what was withheld is so again",
        "        return _doubt_again(db, name, actor)\n",
        "        return dispute\n",
        f"{_DECISIONS}::test_what_was_withheld_in_the_lost_time_comes_back_by_its_name_alone",
    ),
    (
        "what was retired is so again",
        "    if is_retired(told):\n",
        "    if False:\n",
        f"{_DECISIONS}::test_a_retired_identity_is_not_called_done",
    ),
    (
        "nothing is believed of what is in hand",
        '    if _row(db, name)["state"] in (State.RESERVED, State.WRITING):\n',
        "    if False:\n",
        f"{_WITNESS}::test_nothing_a_witness_tells_is_taken_over_while_a_board_is_in_hand",
    ),
    (
        "what was retired makes room on its board",
        "(*retired, *rest)",
        "(*rest, *retired)",
        f"{_DECISIONS}::test_a_board_that_was_reworked_has_what_it_got_last",
    ),
    (
        "what was found on a board is so again",
        "line.kind == STRANGER or line.decision == FOUND",
        "line.kind == STRANGER",
        f"{_DECISIONS}::test_what_was_found_on_a_board_goes_to_no_other",
    ),
    (
        "an identity that two boards have goes nowhere",
        "    if len(uids) > 1:\n",
        "    if False:\n",
        f"{_WITNESS}::test_what_the_witnesses_dispute_is_withheld_for_good",
    ),
    (
        "a board that has another identity gets no second one",
        "    if holder := _holder(db, uids[0]):\n",
        '    if holder := "":\n',
        f"{_WITNESS}::test_a_board_that_two_identities_are_said_to_be_on_waits_for_a_person",
    ),
    (
        "what is pulled later finds the board a witness knows",
        "        believe_all(db, vault, told, actor)\n    wary",
        "    wary",
        f"{_SET_BACK}::test_what_was_pulled_after_the_copy_finds_its_boards_when_it_is_pulled_again",
    ),
    (
        "a board is not written over with what was not written to it",
        "    if last_content(told) and not is_what",
        "    if False and not is_what",
        f"{_SETS}::test_a_board_with_more_cameras_than_the_copy_knows_of_is_not_written_over",
    ),
    (
        "what completes a set finds the board that a witness knows",
        "    if is_what_was_written(db, vault, identity_id, told):\n",
        "    if False:\n",
        f"{_SETS}::test_a_board_with_more_cameras_than_the_copy_knows_of_is_not_written_over",
    ),
    (
        "what comes in after a recovery without a witness is withheld",
        '    if wary is not None and wary["value"]:\n',
        "    if False:\n",
        f"{_WITNESS}::test_after_a_recovery_that_heard_not_every_witness_whole_what_comes_in_is_withheld",
    ),
)
RELEASING = guards_of(
    "station/ledger/releasing.py",
    (
        "what a witness speaks against does not come back with its batch",
        "    return WayBack.BY_NAME if verdict is WayBack.OPEN and row[",
        "    return WayBack.BY_NAME if False and row[",
        f"{_DECISIONS}::test_what_was_withheld_in_the_lost_time_comes_back_by_its_name_alone",
    ),
)
OUTSIDE = guards_of(
    "station/ledger/outside.py",
    (
        "what was given up before a recovery waits for a supervisor's word",
        "            if _meta(db, OVER_AT) > _meta(db, RECOVERED_AT):\n",
        "            if True:\n",
        "tests/intake/test_registrations_set_back.py"
        "::test_what_was_given_up_before_a_recovery_is_free_once_its_lost_time_is_settled",
    ),
    (
        "a board of other contents than are here is not called unknown to the witness",
        '        return last is not None and last["name"] == mark and self._is_otherwise',
        "        return False and self._is_otherwise",
        f"{_SETS}::test_a_board_with_more_cameras_than_the_copy_knows_of_is_not_written_over",
    ),
    (
        "a board of other contents than are here takes no other identity",
        "                    return self._is_otherwise(",
        "                    return False and self._is_otherwise(",
        f"{_SETS}::test_a_board_with_more_cameras_than_the_copy_knows_of_is_not_written_over",
    ),
)
CHOSEN = guards_of(
    "station/ledger/settling.py",
    (
        "what may be on a board is not destroyed by a choice",
        "                    _require_not_out(db, name, may_be_out=may_be_out)\n",
        "",
        f"{_BOARDS}::test_the_content_that_a_board_may_carry_is_not_destroyed_after_a_recovery",
    ),
    (
        "what is chosen finds the board that a witness knows",
        "                    settle_changed(db, self._book.vault, name, self._book.actor)\n",
        "",
        f"{_BOARDS}::test_a_board_that_has_what_was_chosen_in_a_dispute_is_not_written_over",
    ),
)
LEARNING = guards_of(
    "station/ledger/learning.py",
    (
        "only what a recovery withheld is learned from a board",
        ' AND EXISTS (SELECT 1 FROM meta WHERE key = ?)"',
        ' AND ? = ?3"',
        f"{_WITNESS}::test_only_after_a_recovery_is_what_is_withheld_learned_from_its_board",
    ),
    (
        "an identity that another board is said to have is not learned",
        " AND (f.board_uid IS NULL OR f.board_uid = ?) AND",
        " AND (f.board_uid IS NULL OR ? = ?2) AND",
        f"{_WITNESS}::test_only_after_a_recovery_is_what_is_withheld_learned_from_its_board",
    ),
)
MACHINE = guards_of(
    "station/ledger/machine.py",
    (
        "a machine is known by more than half",
        "2 * agreeing > sum(",
        "9 * agreeing > sum(",
        f"{_WITNESS}::test_the_machine_is_known_by_more_than_half",
    ),
    (
        "half is not more than half",
        "2 * agreeing > sum(",
        "3 * agreeing > sum(",
        f"{_WITNESS}::test_the_machine_is_known_by_more_than_half",
    ),
    (
        "a number that makers leave blank says nothing",
        "    return frozenset(text for text in texts if not _MEANINGLESS.fullmatch(text))\n",
        "    return frozenset(text for text in texts if text)\n",
        "tests/ledger/test_machine.py",
    ),
    (
        "a network card that is plugged in is no part of the machine",
        '    if not device.exists() or "/usb" in str(device.resolve()) or ',
        "    if not device.exists() or ",
        "tests/ledger/test_machine.py",
    ),
    (
        "an address that a card made up is no part of the machine",
        ' or _text(card / "addr_assign_type") != "0":\n',
        ":\n",
        "tests/ledger/test_machine.py",
    ),
    (
        "a disk that is plugged in is no part of the machine",
        '    if re.search("/(usb|virtio)", str(disk.resolve())) or _text(disk / "removable") == "1":\n',
        "    if False:\n",
        "tests/ledger/test_machine.py",
    ),
)
DISPUTES = guards_of(
    "station/ledger/disputes.py",
    (
        "what is in dispute is withheld",
        "    withheld = sum(withhold(db, holder, actor=actor) for holder in sorted(holders))\n",
        "    withheld = 0\n",
        _DISPUTES,
    ),
    (
        "what came back although it is in dispute is withheld",
        "    for row in db.execute(sql).fetchall():\n        withhold(db,",
        "    for row in ():\n        withhold(db,",
        _DISPUTES,
    ),
    (
        "what was decided is not asked again",
        "    fresh = [one for one in arrived if _decision(db, one) is None]\n",
        "    fresh = list(arrived)\n",
        _DISPUTES,
    ),
    (
        "the content that was not chosen is remembered",
        "    _refuse_held(db, held)\n",
        "",
        _DISPUTES,
    ),
    (
        "what two say of a board already written is told",
        "on_boards=married)",
        "on_boards=())",
        f"{_DISPUTES}::test_what_is_on_a_board_stays_there_and_is_told",
    ),
)
SETTLING = guards_of(
    "station/ledger/settling.py",
    (
        "of several contents a person says which",
        "    if len(arrivals) != 1:\n",
        "    if False:\n",
        f"{_DISPUTES}::test_of_three_contents_one_is_chosen_by_its_batch",
    ),
    (
        "what is not at hand is not chosen",
        "    if not arrivals[0].choosable:\n",
        "    if False:\n",
        _DISPUTES,
    ),
    (
        "what went out is not exchanged",
        "                _require_never_sent(db, name)\n",
        "",
        _DISPUTES,
    ),
    (
        "a chosen content that is in use stays withheld",
        '    if row["status"] > 0:\n',
        "    if False:\n",
        f"{_DISPUTES}::test_what_arrived_as_used_is_not_let_back",
    ),
    (
        "what is withheld for more than its dispute stays so",
        '    if row["event"] != "disputed":\n',
        "    if False:\n",
        f"{_DISPUTES}::test_what_may_not_come_back_stays_withheld_and_says_why",
    ),
)
GUARDING = guards_of(
    "station/ledger/guarding.py",
    (
        "a guard that is missing is told",
        '    parts = [f"{kind} {name} is missing" for kind, name in sorted(expected.keys() - found.keys())]\n',
        "    parts: list[str] = []\n",
        _GUARDS,
    ),
    (
        "a trigger that is not ours is told",
        '    parts += [f"{kind} {name} is not ours" for kind, name in sorted(found.keys() - expected.keys())]\n',
        "",
        _GUARDS,
    ),
    (
        "a guard that says something else is told",
        " if found[kind, name] != expected[kind, name]]\n",
        " if not found]\n",
        _GUARDS,
    ),
)
SPELLINGS = guards_of(
    "station/ledger/spellings.py",
    (
        "one board in two spellings waits for a person",
        "    return {uid: held for uid, held in boards.items() if len(held) > 1}\n",
        "    return {}\n",
        "tests/ledger/test_spellings.py",
    ),
    (
        "an old row keeps its spelling",
        "    return kept if kept and kept != uid and BoardUid.stored(kept) == uid else uid\n",
        "    return uid\n",
        "tests/ledger/test_spellings.py",
    ),
)
MATTERS = (
    *guards_of(
        "station/ledger/matters.py",
        (
            "a board that carries what is not here is told",
            "    _told,\n",
            "",
            "tests/cli/test_person_needed.py",
        ),
        (
            "what a recovery withheld needs a person",
            "    _withheld,\n",
            "",
            "tests/cli/test_person_needed.py",
        ),
    ),
    *guards_of(
        "station/cli/audit.py",
        (
            "a log has no count of a long chain's lines",
            "lambda seq: line.show(meter.at(seq, None))",
            'lambda seq: say(f"{seq} lines")',
            "tests/cli/test_audit_progress.py::test_a_log_has_the_answer_alone",
        ),
        (
            "a whole chain of a ledger not to be believed is no success",
            "    if locked:\n        raise trouble.locked(locked)\n",
            "",
            "tests/cli/test_person_needed.py",
        ),
    ),
)
BELIEVED = (
    *guards_of(
        "station/ledger/sqlite/connection.py",
        (
            "nothing is written to a ledger that may not be believed",
            "                if although is None:\n",
            "                if begins:\n",
            f"{_NOT_BELIEVED}::test_it_is_refused_and_nothing_is_changed",
        ),
    ),
    *guards_of(
        "station/ledger/believed.py",
        (
            "a station or a line that is locked begins no board, whenever it was locked",
            "    if begins is Begins.ANEW:\n",
            "    if False:\n",
            "tests/postgres/test_locked_line.py",
        ),
    ),
    *guards_of(
        "station/ledger/store.py",
        (
            "the witnesses are heard once more before the first byte",
            "            self.watch.meet()\n        except (LedgerFault, IntegrityAlarm)",
            "        except (LedgerFault, IntegrityAlarm)",
            f"{_WITNESS}::test_of_two_copies_at_work_at_the_same_moment_the_later_one_sends_no_byte",
        ),
        (
            "a board in doubt waits for the recovery",
            "in_hand = Although.IN_HAND if expect is State.WRITING else None",
            "in_hand = Although.IN_HAND",
            "tests/ledger/test_believed.py",
        ),
    ),
    *guards_of(
        "station/people/pins.py",
        (
            "only the first supervisor is made there",
            "first = None if _pins(ledger.facts.get(_PINS)) else Although.PROVED",
            "first = Although.PROVED",
            "tests/ledger/test_believed.py",
        ),
    ),
    *guards_of(
        "station/intake/journalled.py",
        (
            "a request is settled by what is believed",
            "    ledger.outside.require_believed()\n",
            "",
            f"{_NOT_BELIEVED}::test_it_is_refused_and_nothing_is_changed",
        ),
    ),
)
