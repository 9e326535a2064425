# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of the ledger: its schema, its transitions, its connection, its audit, its vault."""

from tests.mutations.guard import SchemaGuard, guards_of, schema_guards

_DECISIONS = "tests/setback/test_decisions_set_back.py"
_SEEN_ELSEWHERE = "tests/ledger/test_witness.py::test_what_is_seen_on_another_board_is_told_at_once"
_REACHED = "tests/ledger/test_witness.py::test_no_board_is_begun_where_another_server_may_answer_since_it_was_asked"
_IN_USE = "tests/ledger/test_witness.py::test_what_the_cloud_calls_in_use_by_now_is_told_at_once_however_it_was_asked"
_LIFE = "tests/ledger/test_life.py"
_REFUSES = "tests/ledger/test_schema_refuses.py"
_REPLACES = "tests/ledger/test_schema_replaces.py"
_AUDIT = "tests/ledger/test_audit.py"
_PROCESSES = "tests/ledger/test_processes.py"
_SAME_FILE = "tests/ledger/test_same_file.py"
_LOG = "tests/ledger/test_log_base.py"
_MIGRATIONS = "tests/ledger/test_migrations.py"
_RECEIVING = "tests/ledger/test_receiving.py"

_ALONE = "tests/ledger/test_each_guard_alone.py"
_TEST = "test_a_guard_refuses_alone_what_it_is_there_for"
SCHEMA = (
    *(SchemaGuard(name=name, tests=(f"{_ALONE}::{_TEST}[sqlite-{name}]",)) for name in schema_guards()),
    *(
        SchemaGuard(name=name, tests=(f"{_RECEIVING}::test_what_came_and_what_moved_is_counted_as_it_happens",))
        for name in ("tally_in", "tally_move", "count_in", "count_size")
    ),
)

RETIRING = guards_of(
    "station/ledger/retiring.py",
    ("secrets are destroyed after RETIRED", "    sealing.destroy(db, identity_id)\n", "", _LIFE),
    (
        "what is in a slot's hands is not retired",
        "    if not may(known.state, State.RETIRED):\n",
        "    if False:\n",
        _LIFE,
    ),
)
STORE = guards_of(
    "station/ledger/store.py",
    (
        "what was retired is told at once",
        "        self._tell_later([line])\n\n    def found",
        "\n    def found",
        f"{_DECISIONS}::test_a_retired_identity_is_not_called_done",
    ),
    (
        "what was found on a board is told at once",
        "        self._tell_later([line])\n\n    def carried",
        "\n    def carried",
        f"{_DECISIONS}::test_what_was_found_on_a_board_goes_to_no_other {_SEEN_ELSEWHERE}",
    ),
    (
        "a board that carries what another may have is told at once",
        "        self._tell_later([line])\n\n    def recover",
        "\n    def recover",
        _SEEN_ELSEWHERE,
    ),
    (
        "nothing is reserved where another server may answer",
        "            self._require_looked()\n            yield db\n",
        "            yield db\n",
        _REACHED,
    ),
    (
        "nothing is begun where another server may answer",
        "                    self._require_looked()\n                    line = marrying.begin",
        "                    line = marrying.begin",
        _REACHED,
    ),
    (
        "nothing is written again where another server may answer",
        "            self._require_looked()\n            line = marrying.resume",
        "            line = marrying.resume",
        _REACHED,
    ),
    (
        "what comes in as used is told at once",
        "        self._tell_later(lines)\n        return receipt\n",
        "        return receipt\n",
        _IN_USE,
    ),
    (
        "what the cloud calls in use by now is told at once",
        "        self._tell_later(lines)\n        return turned\n",
        "        return turned\n",
        _IN_USE,
    ),
    (
        "a stranger that the disk did not take is told with the doubt",
        "        self._tell_later(lines)\n        self._ask_about_the_server()\n",
        "        self._ask_about_the_server()\n",
        "tests/ledger/test_witness.py::test_a_stranger_that_the_disk_did_not_take_is_told_once_it_does",
    ),
    (
        "secrets are destroyed after CONSUMED",
        "        destroy = not self._keep_secrets\n",
        "        destroy = False\n",
        _LIFE,
    ),
)
KEYED = guards_of(
    "station/ledger/whose_key.py",
    ("another key is refused", "    if key_of(db) not in (None, key):\n", "    if False:\n", _AUDIT),
)
PROVING = guards_of(
    "station/ledger/proving.py",
    (
        "evidence that does not hold consumes nothing",
        "    if not evidence.holds or evidence.uid_after != attempt.board_uid:\n",
        "    if False:\n",
        f"{_LIFE}::test_evidence_that_does_not_hold_consumes_nothing",
    ),
    (
        "evidence is of the attempt's board",
        "    if not evidence.holds or evidence.uid_after != attempt.board_uid:\n",
        "    if not evidence.holds:\n",
        _LIFE,
    ),
)
LEFTOVERS = guards_of(
    "station/ledger/leftovers.py",
    (
        "a living process keeps its rows",
        '        if row["owner"] not in dead and not given_up:\n            continue\n',
        "",
        _PROCESSES,
    ),
    (
        "what the disk refused to note is recovered",
        " and not given_up:",
        ":",
        "tests/flow/test_left_behind.py",
    ),
)
TRANSITIONS = guards_of(
    "station/ledger/transitions.py",
    ("a transition names the attempt it expects", ' or row["attempt"] != expected.attempt:', ":", _LIFE),
)
CONNECTION = guards_of(
    "station/ledger/sqlite/connection.py",
    ("commits are synced", "_NORMAL, _FULL = 1, 2", "_NORMAL, _FULL = 1, 1", "tests/ledger/test_lost_claims.py"),
    (
        "a disk that cannot sync is refused",
        '    if (mode, synchronous) != ("wal", level):\n',
        "    if False:\n",
        _PROCESSES,
    ),
    (
        "what is destroyed is overwritten",
        '    sqlite.execute("PRAGMA secure_delete=ON")\n',
        '    sqlite.execute("PRAGMA secure_delete=OFF")\n',
        _LIFE,
    ),
    ("a write is immediate", 'execute("BEGIN IMMEDIATE")', 'execute("BEGIN")', _PROCESSES),
    (
        "an undone write leaves nothing",
        '                if self._sqlite.in_transaction:\n                    self._sqlite.execute("ROLLBACK")\n                raise',
        '                if self._sqlite.in_transaction:\n                    self._sqlite.execute("COMMIT")\n                raise',
        f"{_PROCESSES}::test_a_write_that_does_not_come_to_its_end_leaves_nothing",
    ),
    ("foreign keys hold", '    sqlite.execute("PRAGMA foreign_keys=ON")\n', "", _PROCESSES),
    (
        "no other file gets a log that was left",
        '            log_base.require_own(path, "" if read_only else self.session)\n',
        '            if read_only:\n                log_base.require_own(path, "")\n',
        _LOG,
    ),
    (
        "nobody looks through another file's log",
        '            log_base.require_own(path, "" if read_only else self.session)\n',
        "            if not read_only:\n                log_base.require_own(path, self.session)\n",
        _LOG,
    ),
    ("a note is of one log", "            log_base.forget_the_dead(path)\n", "            pass\n", _LOG),
)
LOG_BASE = guards_of(
    "station/ledger/sqlite/log_base.py",
    (
        "a log of a station that lives stays where it is",
        "        if session and not at_work:\n",
        "        if session:\n",
        _LOG,
    ),
    (
        "what a station that lives has moved by half is looked at again",
        "        if at_work and time.monotonic() < until:",
        "        if False:",
        _LOG,
    ),
    (
        "whoever ends while its log is looked at is no dead one",
        "            return\n        if at_work and",
        "            return\n        at_work = _may_be_at_work(ledger)\n        if at_work and",
        f"{_LOG}::test_whoever_ends_while_it_is_looked_at_has_moved_it",
    ),
    (
        "the file holds what its log was begun on",
        "        if begun_on is not None and last_in_file(ledger, holding=begun_on) is None:\n",
        "        if False:\n",
        _LOG,
    ),
    (
        "the file with the log holds what it holds alone",
        "    return lacks_with_log(ledger, last)\n",
        "    return False\n",
        _LOG,
    ),
    (
        "a log that is another file's is kept aside",
        "            put_log_aside(ledger, session)\n",
        "            pass\n",
        _LOG,
    ),
)
FILES = guards_of(
    "station/ledger/sqlite/files.py",
    (
        "a ledger others may read is refused",
        "        if name.exists() and name.stat().st_mode & 0o077:\n",
        "        if False:\n",
        _PROCESSES,
    ),
    (
        "the first starts wait for one another",
        "        fcntl.flock(file, fcntl.LOCK_EX)\n",
        "        pass\n",
        _MIGRATIONS,
    ),
)
SAME_FILE = guards_of(
    "station/ledger/sqlite/same_file.py",
    (
        "what only another's log damages is not its file",
        "    except sqlite3.DatabaseError:\n        return True\n",
        "    except sqlite3.DatabaseError:\n        return False\n",
        _LOG,
    ),
    (
        "nobody writes into the log of a file that took its place",
        "        if self._is_another or self._is_elsewhere:\n",
        "        if self._is_another:\n",
        f"{_SAME_FILE}::test_a_board_in_hand_writes_into_no_log_of_a_file_that_took_its_place",
    ),
    (
        "what the file holds is seen with the log",
        "            if last not in (None, self._last) and _lacks(self._opened, last):\n",
        "            if False:\n",
        f"{_SAME_FILE}::test_a_copy_that_went_on_elsewhere_is_another_file",
    ),
    ("what a log is begun on is noted", "            self._note(line)\n", "            pass\n", _LOG),
    (
        "the file still holds what it held",
        "            if last is None and self._last is not None:\n",
        "            if False:\n",
        _SAME_FILE,
    ),
    (
        "what another station has moved by half is waited for",
        "            at_work, half = self._others_work(), is_left_over(self._path)\n",
        "            at_work, half = False, is_left_over(self._path)\n",
        f"{_SAME_FILE}::test_what_another_station_has_moved_by_half_is_waited_for",
    ),
    (
        "a file that is half of two moments is no other one",
        "                return None if half or is_left_over(self._path) else False\n",
        "                return False\n",
        f"{_SAME_FILE}::test_what_a_killed_station_has_moved_by_half_raises_no_alarm",
    ),
    (
        "after many writes the file is known by their stamp alone",
        " or _stamp_in_file(self._path) != stamp:\n",
        ":\n",
        f"{_SAME_FILE}::test_one_that_came_just_when_many_writes_were_moved_is_found_too",
    ),
    (
        "what a closed connection does not see proves nothing",
        "    except (sqlite3.OperationalError, sqlite3.ProgrammingError):\n",
        "    except sqlite3.OperationalError:\n",
        f"{_SAME_FILE}::test_what_was_closed_meanwhile_raises_no_alarm",
    ),
    (
        "what the connection kept is not seen in the file",
        '                emptied.execute("PRAGMA shrink_memory")\n',
        "",
        f"{_SAME_FILE}::test_one_that_came_just_when_the_log_was_moved_is_found_too",
    ),
    (
        "nor what is in a file that is gone",
        "            if number == self._number and self._last is not None:\n",
        "            if self._last is not None:\n",
        f"{_SAME_FILE}::test_nor_is_one_that_was_put_in_its_place_then",
    ),
    (
        "nor what is in a new log",
        "self._last) and not is_left_over(self._path):",
        "self._last):",
        f"{_SAME_FILE}::test_nor_is_it_where_another_station_has_begun_a_new_log",
    ),
    (
        "what is in the log alone need not be in the file",
        "        if not is_left_over(path):\n            return seen\n",
        "        return seen\n",
        f"{_SAME_FILE}::test_what_a_killed_station_has_moved_by_half_raises_no_alarm",
    ),
    (
        "nothing is written into a file that was copied over it",
        "        if self._is_another or self._is_elsewhere:\n",
        "        if False:\n",
        f"{_SAME_FILE}::test_an_older_file_is_found_before_the_next_board_and_nothing_is_written_into_it",
    ),
)
SWEEPING = guards_of(
    "station/ledger/sqlite/sweeping.py",
    (
        "no log is moved into another file",
        "                if self._sqlite.in_transaction or not self._same_file.is_itself():\n",
        "                if self._sqlite.in_transaction:\n",
        f"{_SAME_FILE}::test_what_the_log_still_holds_is_not_moved_into_it",
    ),
    (
        "no log goes into another file that is to be replaced",
        "        require_own(ledger, secrets.token_hex(8))\n",
        "        pass\n",
        _LOG,
    ),
    (
        "what a reader let this station move by halves is its own",
        "                        self._same_file.is_written()\n",
        "",
        f"{_SAME_FILE}::test_a_reader_in_the_way_of_a_log_stops_no_board",
    ),
    (
        "what was moved has to be in the file",
        "                    self._same_file.holds(last)\n",
        "",
        f"{_SAME_FILE}::test_one_that_came_just_when_the_log_was_moved_is_found_too",
    ),
)
LAST_CLOSE = guards_of(
    "station/ledger/sqlite/connection.py",
    (
        "the last one that closes a file moves no log into another one",
        "        if keeper is not None and not is_another:\n",
        "        if keeper is not None:\n",
        f"{_SAME_FILE}::test_nor_is_it_by_the_last_one_that_closes_the_file",
    ),
    (
        "nor does the next one that opens it",
        "                put_log_aside(self.path, self.session)\n",
        "                pass\n",
        f"{_SAME_FILE}::test_nor_is_it_by_the_last_one_that_closes_the_file",
    ),
)
SESSIONS = guards_of(
    "station/ledger/sqlite/sessions.py",
    (
        "a living session is told by its lock",
        "        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "        pass\n",
        _PROCESSES,
    ),
)
CHAINS = guards_of(
    "station/ledger/audit_chains.py",
    ("each line names the one before it", '            or row["previous"] != head.hash\n', "", _AUDIT),
    ("each line has its hash", '            or row["hash"] != hash_of(chain, head.hash, values)\n', "", _AUDIT),
)
AUDIT = guards_of(
    "station/ledger/audit_verify.py",
    (
        "lines move in turn",
        '    if row["version"] != version + 1 or before != state or not (before == after or may(before, after)):\n',
        "    if False:\n",
        _AUDIT,
    ),
    ("lines move as is drawn", " or not (before == after or may(before, after)):\n", ":\n", _AUDIT),
    ("a row that no line tells is found", "    if untold:\n", "    if False:\n", _AUDIT),
    (
        "a row that was set back is found",
        '        if last.get(row["id"], (0, ""))[0] != row["version"]:\n',
        "        if False:\n",
        _AUDIT,
    ),
    ("all that moved says so", "    if moved != len(last):\n", "    if False:\n", _AUDIT),
    ("counts add up", "    if differ:\n", "    if False:\n", _AUDIT),
    (
        "batches add up",
        '    if wrong:\n        raise broken(f"batch',
        '    if False:\n        raise broken(f"batch',
        _AUDIT,
    ),
    ("certificates add up", "    if (issued or 0) != held:\n", "    if False:\n", _MIGRATIONS),
)
CLAIMING = guards_of(
    "station/ledger/claiming.py",
    (
        "an NVR waits for its cameras",
        " AND (channel > 0 OR NOT EXISTS (SELECT 1 FROM identities c WHERE c.set_of = m.id AND c.channel > 0\"\n        f\" AND {holds_back('c', takes)}))",
        "",
        _LIFE,
    ),
    (
        "who takes productSecrets leaps over what came without",
        '        behind = found["identity"] - 1\n',
        '        behind = row["id"]\n',
        "tests/ledger/test_questions_stay_cheap.py",
    ),
    (
        "a set with none of these cameras is not opened",
        "c WHERE c.identity = i.id AND c.channel > 0 AND c.product_key IN",
        "c WHERE c.channel > 0 AND c.product_key IN",
        "tests/ledger/test_channels.py",
    ),
    ("the oldest comes first", "    return min(found, default=None)\n", "    return max(found, default=None)\n", _LIFE),
)
RECEIVING = guards_of(
    "station/ledger/receiving.py",
    ("another content is no repetition", ' row["content"] == content and ', " ", _RECEIVING),
    ("another channel is no repetition", ' and row["channel"] == channel\n', "\n", _RECEIVING),
    (
        "what turned active is withheld",
        '    if found["state"] != State.READY:\n        return 0\n',
        "    return 0\n",
        _RECEIVING,
    ),
)
WAITING = guards_of(
    "station/ledger/out_of_stock.py",
    (
        "a set that waits for its cameras is not offered to another kind",
        "    if kind is IdentityKind.MEMBER and (waiting := _waits(db, products, takes)):\n        return waiting\n",
        "",
        "tests/ledger/test_waiting_sets.py",
    ),
)
FITTING = guards_of(
    "station/ledger/fitting.py",
    (
        "what came without a productSecret goes on no board that is written one",
        "    if not takes.product_secret:\n",
        "    if True:\n",
        "tests/ledger/test_passed_over.py",
    ),
    (
        "a short set goes out only where the profile takes it",
        "pending(camera) if takes.short_sets else f\"({camera}.state <> 'CONSUMED')\"",
        "pending(camera)",
        "tests/ledger/test_passed_over.py",
    ),
)
CHOSEN = guards_of(
    "station/ledger/marrying.py",
    (
        "an NVR that lost a camera since it was chosen is not written",
        "    if waits := waiting.of_nvr(db, standing):\n        raise waits\n",
        "",
        "tests/ledger/test_passed_over.py",
    ),
    (
        "what came into dispute since it was chosen is not written",
        "    if disputes.is_disputed(db, attempt.identity_id):\n",
        "    if False:\n",
        "tests/ledger/test_disputes.py",
    ),
)
BEGUN = guards_of(
    "station/ledger/unwritten.py",
    (
        "a write that is begun is not taken for an earlier try",
        "            self.left.pop(_token(attempt), None)  # an earlier try that was not kept\n",
        "",
        "tests/flow/test_left_behind.py",
    ),
)
VAULT = guards_of(
    "station/secrets/vault.py",
    (
        "a secret is sealed for its row",
        "        nonce = secrets.token_bytes(_NONCE_BYTES)\n        return nonce + self",
        '        row, nonce = "", secrets.token_bytes(_NONCE_BYTES)\n        return nonce + self',
        "tests/core/test_secrets.py::test_a_sealed_secret_opens_in_its_own_row_only",
    ),
    (
        "a nonce is fresh",
        "        nonce = secrets.token_bytes(_NONCE_BYTES)\n",
        "        nonce = bytes(_NONCE_BYTES)\n",
        "tests/core/test_secrets.py",
    ),
)
OLD_COPY = guards_of(
    "station/ledger/age.py",
    (
        "an older ledger is noticed",
        "    if all(audit.contains(db, head) for head in mark.heads):\n",
        "    if True:\n",
        "tests/ledger/test_old_copy.py",
    ),
)
KEYS = guards_of(
    "station/ledger/board_keys.py",
    ("a board has one key", "    if present != key:\n", "    if False:\n", "tests/ledger/test_board_keys.py"),
)
