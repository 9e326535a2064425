# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards on a board's way through a slot: flow, bench."""

from tests.mutations.guard import guards_of

_DONE = "tests/flow/test_what_counts_as_done.py"
_BOARD = "tests/flow/test_one_board.py"
_LEFT = "tests/flow/test_left_behind.py"
_STRANGERS = "tests/flow/test_strangers.py"
_RECOVERED = "tests/flow/test_after_recovery.py"
_LOCKING = "tests/flow/test_locking.py"
_SERIAL = "tests/flow/test_serial_first.py"
_LOOKED_AT = "tests/swaps/test_looked_at.py"

FLOW = guards_of(
    "station/flow/flow.py",
    (
        "a marriage in doubt is proved after a reset before it is consumed",
        "        evidence = _prove(job, session, visit, identity, board.uid)\n        at(job, visit, Phase.CONSUME)\n        job.ledger.consume(attempt, evidence, expect=State.IN_DOUBT)",
        "        evidence = Evidence(expected=identity.digest(), read=identity.digest(), uid_before=board.uid,\n            uid_after=board.uid, method=found.method, after_reset=True)\n        job.ledger.consume(attempt, evidence, expect=State.IN_DOUBT)",
        f"{_DONE}::test_a_board_in_doubt_that_holds_its_identity_is_reset_and_read_again_before_it_is_done",
    ),
    (
        "damage beside the identity is no stray certificate after a recovery",
        "        raise refusals.unclear(carried, found.detail)\n",
        "        pass\n",
        "tests/targets/test_esp_weak_flash.py",
    ),
    ("the board is reset before the proof", "        session.restart()\n", "        pass\n", _DONE),
    ("what was proved is locked", "    session.lock(found.digest)\n    return", "    return", _LOCKING),
    ("what was done before is locked", "        session.lock(found.digest)  #", "        pass  #", _LOCKING),
    (
        "what is read after the reset must be equal",
        "    found = session.read_back(identity, progress(job, visit, Phase.VERIFY_AGAIN))\n    _require_equal(found)\n",
        "    found = session.read_back(identity, progress(job, visit, Phase.VERIFY_AGAIN))\n",
        _DONE,
    ),
    (
        "what is read after the write must be equal",
        "    _require_equal(session.read_back(identity, progress(job, visit, Phase.VERIFY)))\n",
        "",
        _DONE,
    ),
    (
        "the uid is asked again after the proof",
        "    uid_after = _require_same_board(job, session, visit, uid)\n",
        "    uid_after = uid\n",
        _DONE,
    ),
    (
        "the uid is asked before a second write",
        "    return failed, is_same_board(now, attempt.board_uid, visit.name)\n",
        "    return failed, True\n",
        f"{_DONE} {_STRANGERS}",
    ),
    (
        "another board that answers after a failed write is why",
        "    if now.uid != attempt.board_uid:\n",
        "    if False:\n",
        f"{_DONE} {_STRANGERS}",
    ),
    (
        "another board that may hold a part is recorded",
        '    stranger = error.uid if isinstance(error, AnotherBoard) and not error.unsent else ""\n',
        '    stranger = ""\n',
        _STRANGERS,
    ),
    (
        "a board is asked why only where it is to blame",
        "    if not isinstance(failed, BoardFault) or isinstance",
        "    if isinstance",
        f"{_STRANGERS}::test_a_board_that_is_not_to_blame_is_asked_nothing_more",
    ),
    (
        "what was seen of another board is not made less afterwards",
        "    if not isinstance(failed, BoardFault) or isinstance(failed, AnotherBoard):\n",
        "    if not isinstance(failed, BoardFault):\n",
        f"{_STRANGERS}::test_what_a_target_saw_of_another_board_is_not_made_less_by_who_answers_afterwards",
    ),
    (
        "another board that is found only afterwards is why",
        "        return error if error.code is Code.E209 else failed, False\n",
        "        return failed, False\n",
        f"{_STRANGERS}::test_another_board_that_the_target_finds_when_it_asks_why_is_why",
    ),
    (
        "a blank board under the label of one in doubt waits for a person",
        "    if may_be_another(board, mine.name, found.verdict, vouched=vouched):\n",
        "    if False:\n",
        _STRANGERS,
    ),
    (
        "a board that shows nothing may be another one under its label",
        "    if may_be_another(board, mine.name, found.verdict, vouched=vouched):\n",
        "    if found.verdict is not Verdict.UNVERIFIABLE and"
        " may_be_another(board, mine.name, found.verdict, vouched=vouched):\n",
        "tests/targets/test_esp_flow.py::test_in_secure_download_another_board_under_its_label_does_not_get_it_too",
    ),
    ("another board is refused", "    if after != uid:\n", "    if False:\n", _DONE),
    (
        "a proof without a digest is none",
        "    if found.digest is None:\n        raise refusals.differs",
        "    if False:\n        raise refusals.differs",
        _DONE,
    ),
    ("unverifiable is not equal", "        raise refusals.unverifiable()\n", "        return\n", _DONE),
    (
        "anything but equal is not equal",
        "    if found.verdict is not Verdict.EQUAL:\n        raise refusals.differs",
        "    if False:\n        raise refusals.differs",
        _DONE,
    ),
    (
        "only some faults are worth another write",
        "isinstance(error, BoardFault) and Then.WRITE_AGAIN in error.code.then)",
        "isinstance(error, BoardFault))",
        _DONE,
    ),
    ("a failed write is a doubt", "            _leave_in_doubt(job, attempt, error)\n", "", _DONE),
    ("WRITING comes before the first byte", "        job.ledger.begin(claim.attempt, board_key=key)\n", "", _BOARD),
    (
        "what was not sent is released",
        "            job.ledger.release(claim.attempt,",
        "            (lambda *_: None)(claim.attempt,",
        _BOARD,
    ),
    ("nothing new where only doubts are settled", "    if not job.take_new:\n", "    if False:\n", _BOARD),
    ("room is asked before anything is reserved", "    session.require_room(next_in_line)\n", "", _BOARD),
    (
        "room is asked again for another identity",
        "            session.require_room(identity)\n        job.ledger.begin",
        "            pass\n        job.ledger.begin",
        _DONE,
    ),
    (
        "room is asked before a doubt is written again",
        "    session.require_room(identity)\n    resumed",
        "    resumed",
        _DONE,
    ),
    ("a locked board in doubt is not written", "    if board.locked:\n", "    if False:\n", _DONE),
    (
        "two slots never hold one uid",
        "    if other is not None:\n        raise refusals.in_two_slots",
        "    if False:\n        raise refusals.in_two_slots",
        _BOARD,
    ),
    (
        "a wrong board is refused before anything is reserved",
        "    if refusal is not None:\n",
        "    if False:\n",
        _BOARD,
    ),
    (
        "a board of another product is not judged by this profile",
        "    if other := refusals.of_product(job.profile, board, mine):\n        raise other\n",
        "    refusals.of_product(job.profile, board, mine)\n",
        _DONE,
    ),
    (
        "a done board still holds what was consumed",
        "    if found.digest is not None and not job.ledger.is_what_was_consumed(mine.identity_id, found.digest):\n",
        "    if False:\n",
        _DONE,
    ),
    (
        "what a recovery withheld is learned by the board that has it",
        "    if other := exchanged(board, identify(job, session, visit)):\n",
        "    if other := None:\n",
        f"{_LOOKED_AT}::test_what_a_recovery_withheld_is_learned_by_the_board_that_has_it",
    ),
    (
        "a done board that reads blank is not done",
        "    if found.digest is None and found.verdict is not Verdict.UNVERIFIABLE:\n",
        "    if False:\n",
        _DONE,
    ),
    (
        "a row of a dead station is recovered when its board comes back",
        "    job.ledger.recover()  # whoever had it may be gone; a living owner keeps it\n",
        "",
        _LEFT,
    ),
    (
        "a defect after the first byte is a doubt",
        "    except Exception as error:  # a defect of ours",
        "    except ZeroDivisionError as error:  # a defect of ours",
        _BOARD,
    ),
    (
        "the port is closed whatever happens",
        "        finally:\n            session.close()\n",
        "        finally:\n            pass\n",
        _DONE,
    ),
    (
        "what a stranger may hold is not looked at",
        "    if stranger is not None:\n        raise",
        "    if False:\n        raise",
        _STRANGERS,
    ),
    (
        "what a stranger may hold a part of waits for it",
        "    if awaited is not None:\n        raise",
        "    if False:\n        raise",
        _STRANGERS,
    ),
    (
        "a done board that cannot be made out starts once first",
        "    if found.verdict is Verdict.TORN:\n",
        "    if False:\n",
        f"{_DONE}::test_done_before_is_what_was_consumed_and_nothing_else",
    ),
    (
        "without its serial number a board is not written",
        "        raise refusals.no_serial(uid)\n",
        "        pass\n",
        _SERIAL,
    ),
    ("another board's serial number is refused", "        if taken is not None:\n", "        if False:\n", _SERIAL),
    (
        "a board that is turned away is tied to no serial number",
        "    if plan in _WORKED_ON and job.profile",
        "    if job.profile",
        _SERIAL,
    ),
    ("a board that has a serial number is asked for none", "    if not known and job", "    if job", _SERIAL),
    ("nor is one that was done before", ".is_required and not may_lack:\n", ".is_required:\n", _SERIAL),
    (
        "a doubt is shown also where its board goes while it is compared",
        "    visit.married = True\n    at(job, visit, Phase.VERIFY)\n",
        "    at(job, visit, Phase.VERIFY)\n",
        f"{_DONE}::test_a_board_in_doubt_that_goes_while_it_is_compared_is_in_doubt_and_no_mere_removal",
    ),
    (
        "whose doubt it is stands in the stay",
        "    introduce(job, visit, Claim(identity=identity, attempt=attempt))\n    visit.married = True\n    at(",
        "    visit.married = True\n    at(",
        f"{_DONE}::test_a_board_in_doubt_that_goes_while_it_is_compared_is_in_doubt_and_no_mere_removal",
    ),
    (
        "why a board was not begun is hidden by no trouble with giving it back",
        "        with suppress(StationError):  # the ledger is the trouble: start-up recovery will release it\n",
        "        with suppress():\n",
        f"{_DONE}::test_why_a_board_was_not_begun_is_told_also_where_its_certificate_cannot_be_given_back",
    ),
    (
        "a doubt keeps why it is one",
        "    code, why = (error.code, error.what) if isinstance(error, StationError) else (",
        "    code, why = (",
        f"{_DONE}::test_a_doubt_keeps_why_it_is_one_and_its_next_look_is_the_next_attempt",
    ),
    (
        "a doubt that is written again is the next attempt in its stay too",
        "    visit.attempt = resumed.number\n",
        "",
        f"{_DONE}::test_a_doubt_keeps_why_it_is_one_and_its_next_look_is_the_next_attempt",
    ),
    (
        "what reads otherwise than what was withheld is found on a board",
        "raise turned_away(job, session, visit, Plan.FOUND_UNSENT, board, None, carried)",
        "raise refusals.of_plan(Plan.FOUND_UNSENT, board, None, carried)",
        f"{_RECOVERED}::test_what_reads_otherwise_on_a_board_comes_back_by_nobodys_word",
    ),
    (
        "a board that is learned is in doubt until it is proved",
        "    visit.married = True\n    evidence",
        "    evidence",
        f"{_RECOVERED}::test_a_board_that_goes_while_it_is_learned_is_in_doubt_and_says_what_it_carries",
    ),
    (
        "what is learned stands in the stay",
        "    introduce(job, visit, Claim(identity=identity, attempt=attempt))\n    visit.married = True\n    evidence",
        "    visit.married = True\n    evidence",
        f"{_RECOVERED}::test_a_board_that_goes_while_it_is_learned_is_in_doubt_and_says_what_it_carries",
    ),
    ("married is set before the write", "    visit.married = True\n    for tries_left", "    for tries_left", _DONE),
)

JUDGED = guards_of(
    "station/flow/visit.py",
    (
        "a board that waits for a person has neither failed nor a new doubt",
        "    if isinstance(error, NeedsPerson):  #",
        "    if False:  #",
        f"{_STRANGERS}::test_a_blank_board_under_the_label_of_one_in_doubt_is_shown_to_a_person",
    ),
)

SLOTS = guards_of(
    "station/bench/slots.py",
    (
        "a doubt is not settled while its board is written again",
        "known.state not in (State.IN_DOUBT, State.WRITING)",
        "known.state is not State.IN_DOUBT",
        "tests/bench/test_bench_trouble.py"
        "::test_a_doubt_stays_on_its_tile_while_its_board_is_written_again_in_another_slot",
    ),
    (
        "a board that had no part in an alarm is looked at again",
        "        if slot.ended_as(Outcome.ALARM) and not slot.is_set_aside:\n",
        "        if False:\n",
        "tests/bench/test_bench_locks.py"
        "::test_the_board_under_which_the_ledger_raised_an_alarm_is_looked_at_again_once_it_is_lifted",
    ),
    (
        "Space for one board takes no other one's doubt off its tile",
        "            if not waiting and len(left) == 1:\n",
        "            if len(left) == 1:\n",
        "tests/bench/test_slot.py",
    ),
    (
        "a slot stays locked under a name that it had before",
        " for one in (name, *self.formerly.get(name, ())) if",
        " for one in (name,) if",
        "tests/bench/test_bench_locks.py",
    ),
)

SETUP = guards_of(
    "station/bench/setup.py",
    (
        "a link that udev gave a socket is its slot",
        "    elif path.startswith(SOCKET_LINKS):\n",
        "    elif False:\n",
        "tests/slots/test_ports_given.py",
    ),
)

BENCH = guards_of(
    "station/bench/bench.py",
    (
        "a locked slot begins no board",
        "        if locked:\n            self._turn_away(slot)\n        elif",
        "        if",
        "tests/bench/test_bench_locks.py",
    ),
    (
        "a held bench begins no board",
        "or not due or self.slots.are_held or",
        "or not due or",
        "tests/bench/test_bench_held.py",
    ),
    (
        "a broken chain locks before the first board",
        "        self._lock_on_broken_chain()\n",
        "",
        "tests/bench/test_bench_chain.py",
    ),
    (
        "nothing is changed under a board in hand",
        "        if self.writing:\n            raise NeedsPerson",
        "        if False:\n            raise NeedsPerson",
        "tests/bench/test_bench_changes.py",
    ),
    (
        "a port that is moved is no second board",
        "                if other.port is not None or self._aborting.is_set():\n",
        "                if True:\n",
        "tests/bench/test_bench_trouble.py",
    ),
    (
        "one uid in two slots is found",
        "                if other is None:\n                    slot.uid = uid\n",
        "                if True:\n                    slot.uid = uid\n",
        "tests/bench/test_bench.py",
    ),
    (
        "who insists on the end leaves boards in hand in doubt",
        "            self._aborting.set()\n",
        "            pass\n",
        "tests/bench/test_bench_trouble.py::test_who_insists_on_the_end_leaves_the_board_in_hand_where_it_is",
    ),
    (
        "a board that was only taken out again is no stay",
        "            if not goes_on and visit.outcome is not Outcome.REMOVED:\n",
        "            if not goes_on:\n",
        "tests/bench/test_bench_trouble.py"
        "::test_a_board_that_is_pulled_before_it_said_who_it_is_is_no_stay_and_counted_nowhere",
    ),
    (
        "a board that waits is asked for what the new profile wants",
        "                    self.slots.plugged(slot, slot.port)\n            self.stays",
        "                    pass\n            self.stays",
        "tests/bench/test_bench_changes.py"
        "::test_a_board_that_waits_is_asked_for_what_the_new_profile_wants_to_be_scanned",
    ),
    (
        "a board whose slot was unlocked just now is scanned first",
        "        elif not slot.wants:\n",
        "        else:\n",
        "tests/bench/test_bench_labels.py"
        "::test_a_board_whose_slot_is_unlocked_at_this_very_moment_is_scanned_first_all_the_same",
    ),
    (
        "a count ends the run",
        "            if self._stopping.is_set() or (self._count is not None and self.tally.passed >= self._count):\n",
        "            if self._stopping.is_set():\n",
        "tests/bench/test_bench.py",
    ),
)

_WIRE = "tests/bench/test_bench_trouble.py::test_what_went_over_the_wire_is_kept_and_costs_no_stay_its_line"
OUTCOME = guards_of(
    "station/bench/outcome.py",
    (
        "a stay says whose it was",
        "            identity_id=visit.identity_id,\n",
        "            identity_id=None,\n",
        "tests/bench/test_bench_trouble.py"
        "::test_a_doubt_stays_on_its_tile_while_its_board_is_written_again_in_another_slot",
    ),
    (
        "a trace that cannot be kept costs no stay its line",
        "    except OSError as error:\n        return {WIRE",
        "    except ZeroDivisionError as error:\n        return {WIRE",
        _WIRE,
    ),
    (
        "what a silent board was told is kept",
        "        visit.notes |= _keep_wire(ledger, visit.slot, error.code)\n",
        "        pass\n",
        _WIRE,
    ),
)

STAYS = guards_of(
    "station/bench/stays.py",
    (
        "an alarm locks the station first",
        "        if alarm is not None:\n            self.alarm(alarm)\n",
        "",
        "tests/bench/test_bench.py tests/bench/test_bench_locks.py",
    ),
    (
        "an alarm that cannot be written stops this bench",
        '            self._slots.break_off(Lock(scope=STATION, code=alarm.code, what=what, since=""))\n',
        "",
        "tests/bench/test_bench_locks.py",
    ),
    (
        "a defect that costs a stay its line is said",
        "        except Exception as error:  # a defect of ours too",
        "        except StationError as error:  # a defect of ours too",
        "tests/bench/test_bench_trouble.py::test_a_defect_that_costs_a_stay_its_line_is_said",
    ),
    (
        "failures lock",
        "                self._slots.lock(due.scope, due.code, due.what)\n",
        "                pass\n",
        "tests/bench/test_bench.py",
    ),
)

SLOT = guards_of(
    "station/bench/slot.py",
    (
        "a board put in during a visit is another one",
        "            return After.ANEW\n        if (waits",
        "            return After.STAY\n        if (waits",
        "tests/bench/test_slot.py",
    ),
    (
        "a board put in for a done one is not done",
        "        if (waits or visit.outcome is Outcome.ALREADY_DONE) and not told:\n",
        "        if waits and not told:\n",
        "tests/bench/test_slot.py",
    ),
    (
        "what is waited out goes on in the same visit",
        " or is_waited_out(visit.error)\n    if replugged",
        "\n    if replugged",
        "tests/bench/test_slot.py::test_how_a_visit_ended_and_a_replug_decide_what_the_slot_does",
    ),
    (
        "a board that never said who it is ends its visit too",
        "        told = visit.board is not None and _tells",
        "        told = _tells",
        "tests/bench/test_slot.py::test_a_board_that_never_said_who_it_is_is_no_known_one_when_its_port_comes_again",
    ),
    (
        "a doubt that was settled hides none of the next board",
        "        self.starved = self.turned_away = self.settled = False\n",
        "        self.starved = self.turned_away = False\n",
        "tests/bench/test_slot.py::test_nothing_of_the_board_before_is_left_for_the_next_one",
    ),
    (
        "a done board that comes much later is looked at again",
        " or time.monotonic() - self.done.monotonic > _COMES_BACK_S:",
        ":",
        "tests/bench/test_slot.py"
        "::test_a_board_is_done_without_another_look_only_while_it_comes_back_from_its_own_reset",
    ),
    (
        "only a port that tells its uid came back",
        "        return self.done if board is not None and _tells(port, board.uid) else None",
        "        return self.done",
        "tests/bench/test_bench_reset.py",
    ),
    (
        "a doubt outlasts its board on the tile",
        " = over if over is not None and over.visit.outcome is Outcome.IN_DOUBT else None\n",
        " = None\n",
        "tests/bench/test_bench_trouble.py",
    ),
)
_IN_HAND = "tests/tui/test_live_fitting.py::test_while_a_board_is_in_hand_nothing_is_changed_and_nothing_kept"
FITTED = guards_of(
    "station/desk/fitting.py",
    (
        "no profile is kept while a board is in hand",
        "            self._bench.require_idle()\n            note",
        "            note",
        _IN_HAND,
    ),
    (
        "no slot is learned while a board is in hand",
        "            self._bench.require_idle()\n            yield",
        "            yield",
        _IN_HAND,
    ),
)

TURNING_AWAY = guards_of(
    "station/flow/turning_away.py",
    (
        "an identity found on a board is withheld",
        "            job.ledger.found_on_board(carried, shown_by or board.uid)\n",
        "            pass\n",
        _BOARD,
    ),
    (
        "what is in doubt and was seen on another board waits for that one",
        "            job.ledger.carried_elsewhere(carried, shown_by, visit.slot)\n",
        "            pass\n",
        _STRANGERS,
    ),
    (
        "a board is looked at again before it is accused",
        "_looked_at_again(job, session, visit, board) if plan in _ACCUSES else (board, None)\n",
        "board, None\n",
        f"{_LOOKED_AT}::test_a_new_board_is_not_called_the_clone_of_the_one_that_took_its_place",
    ),
    (
        "a done board is looked at again before its identity is called gone",
        "_ACCUSES = frozenset({Plan.CLONE, Plan.FOUND_UNSENT, Plan.CHANGED})",
        "_ACCUSES = frozenset({Plan.CLONE, Plan.FOUND_UNSENT})",
        f"{_LOOKED_AT}::test_a_done_board_has_not_lost_its_identity_to_a_blank_one",
    ),
    (
        "an identity is found on the board that shows it",
        "shown_by or board.uid)\n",
        "board.uid)\n",
        f"{_LOOKED_AT}::test_what_was_never_sent_is_withheld_and_found_on_the_board_that_has_it",
    ),
    (
        "a board that shows it no more is no stranger",
        " and now.names == board.names else None\n",
        " else None\n",
        f"{_STRANGERS}::test_a_board_that_another_one_took_the_place_of_for_a_moment_is_no_stranger",
    ),
    (
        "no board is accused where another one answers beside it",
        "        return (None, error) if error.code is Code.E209 else (board, None)\n",
        "        return board, None\n",
        f"{_STRANGERS}::test_a_board_beside_which_another_one_answers_is_accused_of_nothing",
    ),
    (
        "what another profile gave a board it has not lost",
        " or _elsewhere(job, plan, mine)",
        "",
        f"{_DONE}::test_a_done_board_has_not_lost_what_another_profile_gave_it",
    ),
    (
        "a clone that says nothing any more is one",
        " else (board, None)\n    return now",
        " else (None, error)\n    return now",
        f"{_LOOKED_AT}::test_a_clone_is_one_also_where_it_says_nothing_any_more",
    ),
)
PROFILE = guards_of(
    "station/profiles/profile.py",
    (
        "the productSecret goes where the profile says",
        "return identity if self.product_secret else identity.without_product_secret()",
        "return identity",
        _DONE,
    ),
)
