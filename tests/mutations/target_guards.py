# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of the targets: the board that is written is the one that was looked at."""

from tests.mutations.guard import guards_of

_AGENT = "tests/targets/test_agent.py tests/targets/test_agent_misbehaviour.py tests/targets/test_agent_hostile.py"

_LOCK = "tests/targets/test_agent_lock.py"
_WORDS = "tests/targets/test_agent_words_of_second.py"
_HALF = "tests/console/test_console_reading.py"
_ANSWERS = "tests/targets/test_agent_answers.py"
_SWAPS = "tests/swaps/test_swaps.py"
_SHARED = "tests/swaps/test_shared_line.py"
_BUSY = "tests/console/test_console_busy.py"
_CHECKED = "tests/console/test_console_checked.py"
_DIALOGS = "tests/newcomer/test_manual_with_dialogs.py"

_FIRST = "tests/targets/test_agent_misbehaviour.py tests/targets/test_agent_cable.py"

AGENT = guards_of(
    "station/targets/agent/target.py",
    (
        "a board that changed is not written again",
        "            if version.is_changed(now, identity):\n",
        "            if False:\n",
        _AGENT,
    ),
    (
        "too many channels do not fit",
        "        if len(identity.channels) > board.room:\n",
        "        if False:\n",
        _AGENT,
    ),
    (
        "a field too long does not fit",
        "                if len(value) > limit:\n",
        "                if False:\n",
        _AGENT,
    ),
    (
        "an empty field does not go out",
        '                if not value and "Secret" not in name:\n',
        "                if False:\n",
        _AGENT,
    ),
    (
        "a certificate without any secret does not go out",
        "            if not certificate.proof_key:\n",
        "            if False:\n",
        _AGENT,
    ),
    (
        "a restart is seen",
        "            if board.transaction != mark if mark else told:\n",
        "            if True:\n",
        _AGENT,
    ),
)

WORDS = guards_of(
    "station/targets/agent/second.py",
    (
        "a record has a number",
        '        if not answer.error and not re.fullmatch(r"[1-9][0-9]{0,9}", seq):\n',
        "        if False:\n",
        _WORDS,
    ),
    (
        "a veiled digest is one",
        '            if not re.fullmatch(r"[0-9a-f]{64}", veiled):\n',
        "            if False:\n",
        _WORDS,
    ),
    (
        "whoever tells a digest is asked who it is",
        "            same_board(self._talk, board)\n            return unveiled",
        "            return unveiled",
        _WORDS,
    ),
)
HALF = guards_of(
    "station/targets/console/reading.py",
    (
        "a console board that shows its names alone shows no identity",
        "or not SECRETS & held.keys() or",
        "or",
        _HALF,
    ),
    (
        "a console board that lacks a part shows no identity",
        " or not all(held.values()):",
        ":",
        _HALF,
    ),
)
ANSWERS = guards_of(
    "station/targets/agent/answers.py",
    (
        "a short answer of another board is not the known one's",
        ' or values.get("uid") != known.uid_as_sent:',
        ":",
        _ANSWERS,
    ),
    (
        "what a known board does say is read",
        ' or "proto" in values or ',
        " or ",
        _ANSWERS,
    ),
    (
        "another version of the protocol is not read",
        '    if values.get("proto") != version:\n',
        "    if False:\n",
        _ANSWERS,
    ),
    (
        "a number that no board can mean is garbled",
        " or int(value) > largest:",
        ":",
        _ANSWERS,
    ),
    (
        "a name that no board can hold is garbled",
        "    if not value or not value.isprintable() or len(value.encode()) > _LONGEST:\n",
        "    if not value or not value.isprintable():\n",
        _ANSWERS,
    ),
    (
        "a name without characters is garbled",
        "    if not value or not value.isprintable() or ",
        "    if not value.isprintable() or ",
        _ANSWERS,
    ),
    (
        "a name with control characters is garbled",
        "    if not value or not value.isprintable() or ",
        "    if not value or ",
        _ANSWERS,
    ),
)
ASKING = guards_of(
    "station/targets/agent/asking.py",
    (
        "the agent's board is the one looked at",
        "    if board.uid != known.uid or board.protocol != known.protocol:\n",
        "    if False:\n",
        _AGENT,
    ),
)

FIRST = guards_of(
    "station/targets/agent/first.py",
    (
        "no field leaves before the board has our transaction",
        "        if same_board(self._talk, self._board).transaction != txid:\n"
        '            return Transferred("BEGIN", "STATE", self._board)\n',
        "",
        _FIRST,
    ),
    (
        "no COMMIT goes to another board",
        "        if same_board(self._talk, self._board).transaction != txid:\n"
        '            return Transferred("PUT", "STATE", self._board)\n',
        "",
        _FIRST,
    ),
    (
        "COMMIT answers with the digest",
        '        if not answer.error and answer.values.get("digest") != digest:\n',
        "        if False:\n",
        _AGENT,
    ),
    (
        "each secret is proved",
        "            if not hmac.compare_digest(proof.encode(), right.hexdigest().encode()):\n",
        "            if False:\n",
        _AGENT,
    ),
    (
        "a proof is of a fresh nonce",
        "            nonce = secrets.token_bytes(16)\n",
        "            nonce = bytes(16)\n",
        _AGENT,
    ),
    (
        "another digest differs",
        "        if board.digest != identity.digest():\n            detail",
        "        if False:\n            detail",
        _AGENT,
    ),
)

SECOND = guards_of(
    "station/targets/agent/second.py",
    (
        "the board's proof is looked at",
        '        if answer.error or hmac.compare_digest(answer.values.get("proof", "").encode(), right.encode()):\n',
        "        if True:\n",
        _AGENT,
    ),
    (
        "a proof by version 2 is of a fresh nonce",
        '        nonce = new_nonce()\n        answer = self._talk.ask("SHOW"',
        '        nonce = "0" * 32\n        answer = self._talk.ask("SHOW"',
        _AGENT,
    ),
    (
        "a done board answered for itself",
        "            same_board(self._talk, board)\n            return unveiled",
        "            return unveiled",
        _FIRST,
    ),
    (
        "a lost answer to KEEP is no proof",
        "            if self._shows(identity, digest):\n                raise\n",
        "",
        _FIRST,
    ),
)

LOCK = guards_of(
    "station/targets/agent/locking.py",
    ("only what was proved is locked", "    if board.digest != digest:\n", "    if False:\n", _LOCK),
    (
        "its word to LOCK is not believed",
        '    if answer.error != "LOCKED":\n        talk.ask',
        "    if False:\n        talk.ask",
        _LOCK,
    ),
    (
        "its word to SEAL is not believed",
        '    if answer.error != "LOCKED":\n        same_board',
        "    if False:\n        same_board",
        _LOCK,
    ),
    ("a refused LOCK ends it", "    if error:\n", "    if False:\n", _LOCK),
)

_REPEATED = (
    "tests/console/test_console_faults.py"
    "::test_no_line_is_repeated_to_a_blank_board_where_one_under_its_label_showed_the_identity"
)
CONSOLE = guards_of(
    "station/targets/console/target.py",
    (
        "a console that restarts by itself is logged in again",
        "        if not (logins and self._logins_left):\n",
        "        if True:\n",
        "tests/console/test_console_manual.py",
    ),
    (
        "a login that was forgotten is given once more and no more",
        "        self._logins_left -= 1\n",
        "",
        "tests/console/test_console_manual.py",
    ),
    (
        "a console board that shows nothing is blank, and may be another one under its label",
        "        if not any(held.values()):\n            return ReadBack(verdict=Verdict.BLANK",
        "        if False:\n            return ReadBack(verdict=Verdict.BLANK",
        "tests/console/test_console_profiles.py",
    ),
    (
        "a console's uid is believed when it comes twice",
        "        if first != second:\n",
        "        if False:\n",
        "tests/console/test_console_faults.py::test_a_uid_is_believed_only_when_it_comes_twice",
    ),
    (
        "a labelled board that was told the secret may have it",
        "self._may_hold, self._may_hold or template.carries_secret(step)",
        "self._may_hold, self._may_hold",
        "tests/console/test_console_faults.py"
        "::test_no_line_is_repeated_to_a_blank_board_where_one_under_its_label_may_have_taken_it",
    ),
    (
        "a labelled board that showed the identity may have it",
        "        if identity is not None and _may_be_of(held, identity.name):\n            self._may_hold = True\n",
        "",
        _REPEATED,
    ),
    (
        "a labelled board that refuses a line is looked at where one may have it all",
        "        elif self._may_hold or fault.code != Code.E203:\n",
        "        elif fault.code != Code.E203:\n",
        _REPEATED,
    ),
    (
        "a console's uid is asked before the first step",
        "            if number == 0 or template.carries_secret(step):\n",
        "            if number and template.carries_secret(step):\n",
        _SWAPS,
    ),
    (
        "a console's uid is asked before the secret",
        "            if number == 0 or template.carries_secret(step):\n",
        "            if number == 0:\n",
        _SWAPS,
    ),
    (
        "a console's uid is asked before a line is repeated",
        "        if self._spec.uid.ask is not None:\n            self._require_same_board(unsent=False)\n",
        "        if self._spec.uid.ask is not None:\n            pass\n",
        _SWAPS,
    ),
    (
        "a labelled board that gave no answer shows a part before a line is repeated",
        "                raise fault\n",
        "                pass\n",
        _SWAPS,
    ),
)

LINE = guards_of(
    "station/targets/console/line.py",
    (
        "a damaged echo of a console's password is not kept",
        "        with self._port.wire.guarded(self._words):\n            yield\n",
        "        yield\n",
        "tests/console/test_console_manual.py::test_a_damaged_echo_of_the_password_is_kept_nowhere",
    ),
    (
        "no line is sent into an answer",
        "        while not self._has_ended(found) and self._take(deadline):\n",
        "        while False:\n",
        _BUSY,
    ),
    (
        "a modem line that restarts a board is let go again",
        "        return self._port.set_modem_lines(**{modem_line: False})\n",
        "        return True\n",
        "tests/console/test_console_faults.py::test_a_modem_line_restarts_a_board_and_is_let_go_again",
    ),
    (
        "a console's password is in no trace of what was sent",
        '        self._port.wire.know("password", [password])\n',
        "        pass\n",
        "tests/console/test_console_manual.py::test_no_fault_and_no_trace_shows_the_password",
    ),
    (
        "a console that logs without end fills no memory",
        "        del self._heard[:-_KEEP_BYTES]\n",
        "",
        f"{_BUSY}::test_a_board_that_never_stops_logging_does_not_fill_the_memory",
    ),
    (
        "a success behind a refusal is none",
        "        if refused and (found is None or refused[0] < found[0]):\n",
        "        if refused and found is None:\n",
        f"{_BUSY}::test_what_an_answer_says_first_counts",
    ),
    (
        "a success behind a busy word is none",
        " and (found is None or busy[0] < found[0]):",
        " and found is None:",
        f"{_BUSY}::test_what_an_answer_says_first_counts",
    ),
    (
        "a busy word behind a success is no answer to it",
        " and (found is None or busy[0] < found[0]):",
        ":",
        f"{_BUSY}::test_what_an_answer_says_first_counts",
    ),
    (
        "who takes a busy board's place is not told its line",
        "                before_again(fault)\n",
        "                pass\n",
        f"{_BUSY}::test_a_board_that_takes_a_busy_ones_place_is_not_told_the_line_again",
    ),
    (
        "a busy board is asked again",
        "                if busy is None or deadline.expired:\n",
        "                if True:\n",
        _BUSY,
    ),
)

TALKED = guards_of(
    "station/targets/agent/talk.py",
    (
        "a damaged echo of an agent's secret is not kept",
        "        self._port.wire.guard(_WORDS)\n",
        "        return\n",
        "tests/flow/test_secret_on_the_wire.py",
    ),
    (
        "answers that come damaged are not silence",
        "        if damage:\n",
        "        if False:\n",
        "tests/targets/test_agent_cable.py"
        "::test_answers_that_come_damaged_are_the_wires_fault_and_a_board_without_any_is_silent",
    ),
    (
        "two agents that answer one question are told apart",
        "        if first != uid and self._two is None:\n",
        "        if False:\n",
        _SHARED,
    ),
)
SHOWN = guards_of(
    "station/targets/console/text.py",
    (
        "two values for one field of a console are none",
        "    if len(set(shown)) > 1:\n",
        "    if False:\n",
        "tests/console/test_console_table.py",
    ),
    (
        "a console's field that is shown twice may be of two boards",
        "    if once and len(shown) > 1:\n",
        "    if False:\n",
        _SHARED,
    ),
)
TABLED = guards_of(
    "station/targets/console/table.py",
    (
        "a hash of a part is no digest of the whole",
        "    if any(step.hashed and _union([step.of]) != _named([step.of]) for step in spec.read):\n",
        "    if False:\n",
        "tests/console/test_console_manual.py",
    ),
)

CHECKED = guards_of(
    "station/targets/console/checked.py",
    (
        "a check of nothing is a wrong one",
        "        if of is None or value is None or CHECKING",
        "        if of and value and CHECKING",
        _CHECKED,
    ),
)

DIALOGS = guards_of(
    "station/targets/console/line.py",
    (
        "a board that was left at another speed is found there",
        "            self.speak(next(way for way in ways if way != self._speech))\n",
        "            pass\n",
        _DIALOGS,
    ),
    (
        "the guard time of an escape is silence",
        "        self.wait(how.guard_s)\n        self._port.write(how.text.encode())\n",
        "        self._port.write(how.text.encode())\n",
        _DIALOGS,
    ),
    (
        "a break is sent where the profile says so",
        "            self._port.send_break(how.break_s)\n",
        "            pass\n",
        "tests/console/test_console_called_back.py",
    ),
    (
        "an answer whose check is wrong is damaged",
        "            shown = covered(check, whole_lines(text) if whole else text)\n",
        "            shown = whole_lines(text) if whole else text\n",
        _CHECKED,
    ),
    (
        "what no check covers is not read",
        "        return covered(check, self._answer())\n",
        "        return self._answer()\n",
        _CHECKED,
    ),
    (
        "a question that comes again is not answered again",
        "            left.remove(asked)\n",
        "",
        "tests/console/test_console_questions.py",
    ),
)
RESTARTED = guards_of(
    "station/targets/console/restart.py",
    (
        "nothing is said to a board that is deaf after its start",
        "        line.wait(how.wait_s)\n    return text\n",
        "        pass\n    return text\n",
        "tests/console/test_console_called_back.py",
    ),
    (
        "nor is it where its port came back",
        "        line.wait(how.wait_s)\n    return line, text\n",
        "        pass\n    return line, text\n",
        "tests/console/test_console_faults.py"
        "::test_a_board_that_takes_its_port_away_while_it_restarts_is_found_again_and_is_as_deaf",
    ),
    (
        "what was said before a restart by hand is none",
        "        line.forget()\n",
        "        pass\n",
        "tests/console/test_console_faults.py::test_what_a_board_said_before_it_was_to_be_switched_off_is_no_restart",
    ),
    (
        "a board that says nothing at its restart is not restarted",
        "        if not text.strip():  #",
        "        if False:  #",
        "tests/console/test_console_faults.py"
        "::test_a_board_that_says_nothing_at_its_restart_is_not_restarted_although_no_word_of_its_start_is_known",
    ),
    (
        "a board that did not come back is not looked for under its old name",
        "        if device is None:  #",
        "        device = device or port.url\n        if device is None:  #",
        "tests/console/test_console_faults.py"
        "::test_a_board_that_does_not_come_back_is_not_looked_for_where_another_one_has_its_name_now",
    ),
    (
        "a restart brings the first speed back",
        "    line.speak_as_after_start()\n",
        "",
        _DIALOGS,
    ),
)
SLOTTED = guards_of(
    "station/targets/slots.py",
    (
        "a port whose socket nobody can tell is in no slot",
        "        if key and claims[key] == 1",
        "        if claims[key] == 1",
        "tests/slots/test_slots.py::test_a_port_elsewhere_or_of_unknown_place_is_skipped",
    ),
    (
        "a fixed port is that one port however often it is named",
        "    return one == other or topology_key",
        "    return topology_key",
        "tests/slots/test_slots.py::test_two_spellings_are_one_port_where_they_mean_it",
    ),
)
_MOVED = "tests/slots/test_hotplug.py::test_a_slot_that_was_moved_is_watched_at_its_new_place_after_a_fault_too"
_PIECES = "tests/targets/test_scanner.py::test_a_scan_that_comes_in_pieces_is_whole_however_long_this_pc_runs"
SCANNER = guards_of(
    "station/targets/scanner.py",
    ("the end of a scan is no scan", "        self._at = now if data else self._at\n", "", _PIECES),
    ("a scan is stale only when it has stopped", "now - self._at > STALE_S", "now - self._at >= STALE_S", _PIECES),
)
_PLACES = "tests/slots/test_usb_places.py"
PLACED = guards_of(
    "station/targets/usb.py",
    (
        "a board that was reset is found again in its own socket alone",
        " for seen in scan() if topology_key(seen.topology) == key]",
        " for seen in scan()]",
        _PLACES,
    ),
    (
        "of two ports that claim one socket neither is it",
        " if len(there) == 1 else None",
        " if there else None",
        _PLACES,
    ),
    (
        "a board that was reset is waited for",
        "        if device is not None or time.monotonic() >= deadline:\n",
        "        if True:\n",
        _PLACES,
    ),
)
WATCHED = guards_of(
    "station/targets/hotplug.py",
    ("a new watcher watches what was assigned", "        self._slots = tuple(slots)\n", "        pass\n", _MOVED),
    (
        "a slot that is moved is watched there",
        "            self._watcher.assign(slots)\n",
        "            pass\n",
        _MOVED,
    ),
    (
        "boards that nobody tells of are looked for",
        "            if self._stirred() or time.monotonic() - self._scanned_at >= self._rescan_s:\n",
        "            if self._stirred() or self._scanned_at < 0:\n",
        "tests/slots/test_hotplug.py::test_boards_that_nobody_tells_of_are_looked_for_again_and_again",
    ),
    (
        "long past faults of hot-plug end no run",
        " if time.monotonic() - at < STEADY_S]",
        "]",
        "tests/slots/test_hotplug.py::test_faults_that_are_long_past_are_no_reason_to_give_up",
    ),
)
_CLOSED = "tests/targets/test_ports.py::test_a_closed_port_is_anybodys_again_and_one_that_fails_to_close_changes_no_end"
PORTS = guards_of(
    "station/targets/ports.py",
    (
        "a port that fails to close changes no end",
        "        with suppress(OSError, termios.error):\n            self._line.close()\n",
        "        self._line.close()\n",
        _CLOSED,
    ),
    ("a port is closed", "            self._line.close()\n", "            pass\n", _CLOSED),
    ("a port that was closed is no garbage", "        _untap(self._line)\n", "", "tests/targets/test_ports.py"),
)
_SIMULATED = "tests/simulate/test_board_commands.py"
SIMULATORS = guards_of(
    "station/cli/simulate.py",
    (
        "no thread of a simulator takes the signal that ends it",
        "    ctx.with_resource(_no_thread_takes_a_signal())\n",
        "",
        f"{_SIMULATED}::test_no_thread_of_a_simulator_takes_the_signal_that_ends_it",
    ),
    (
        "the end of a terminal ends no simulator under nohup",
        "set() if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else {signal.SIGHUP}",
        "{signal.SIGHUP}",
        f"{_SIMULATED}::test_the_end_of_a_terminal_ends_no_simulator_under_nohup",
    ),
)
