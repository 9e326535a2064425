# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a line's ledger on a PostgreSQL server right, taken out once each."""

from tests.mutations.guard import guards_of

_SET_BACK = "tests/postgres/test_line_set_back.py"
_AT_ONCE = "tests/postgres/test_at_once.py"
_LINE = "tests/postgres/test_line_connection.py"
_COPY_BESIDE = "tests/postgres/test_promoted.py::test_a_copy_of_the_database_beside_it_gives_nothing_out"
_ROLES = "tests/postgres/test_roles.py"
_COMMAND = "tests/postgres/test_ledger_command.py"
_PROMISES = "tests/postgres/test_what_a_server_promises.py"
_ENDED_WAIT = f"{_PROMISES}::test_a_commit_whose_wait_for_a_standby_is_ended_by_hand_is_not_yet_kept"
CONNECTION = (
    *guards_of(
        "station/ledger/postgres/connection.py",
        (
            "who writes has the line's turn",
            "{_ALONE}, pg_current_xact_id()",
            "SELECT pg_current_xact_id()",
            "tests/postgres/test_claims.py::test_whoever_has_the_lines_turn_is_alone",
        ),
        (
            "a commit whose answer was lost is looked up",
            "            require_committed(self._writing, db.last_line, number, lost)\n",
            "            raise\n",
            f"{_LINE}::test_so_is_what_is_no_step_of_a_board",
        ),
        (
            "what was kept is not told as failed by what comes after it",
            "        with suppress(StationError), self._pinning() as db:\n",
            "        with suppress(psycopg.Error), self._pinning() as db:\n",
            f"{_LINE}::test_what_was_kept_is_not_told_as_failed_by_what_comes_after_it",
        ),
        (
            "who falls silent in a write loses its turn",
            "idle_in_transaction_session_timeout = '{_SILENT_S}s'",
            "idle_in_transaction_session_timeout = 0",
            f"{_LINE}::test_who_falls_silent_in_a_write_loses_its_turn",
        ),
        (
            "a session lives as long as its connection",
            "        while not sessions.hold(server, self.session):\n",
            "        while not server:\n",
            f"{_LINE}::test_what_a_living_bench_has_in_hand_stays_its_own",
        ),
        (
            "a database without a ledger is refused",
            """\"\"\"\n        require_current(server)\n""",
            """\"\"\"\n""",
            f"{_LINE}::test_a_database_without_a_ledger_is_refused",
        ),
        (
            "what a newer station changed meanwhile is no damage",
            "        if fault.code is Code.E322:\n",
            "        if not fault:\n",
            f"{_LINE}::test_what_a_newer_station_changed_meanwhile_is_no_damage",
        ),
        (
            "what the server promises is asked before each board",
            """            if begins and (turn["told_to_lose"] or turn["promised"] != self._reached.promised):\n""",
            "            if not turn:\n",
            "tests/postgres/test_what_a_server_promises.py",
        ),
        (
            "what is printed pins what is there by now",
            "                line_heads.pin_now(db)\n",
            "                pass\n",
            "tests/postgres/test_chains.py::test_what_is_printed_pins_all_that_is_there_by_now",
        ),
        (
            "a look is at one moment",
            "ISOLATION LEVEL REPEATABLE READ READ ONLY",
            "READ ONLY",
            f"{_LINE}::test_a_long_look_holds_no_claim_up_and_sees_one_moment",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/promises.py",
        (
            "a standby takes no benches before it is promoted",
            "    if is_standby:\n",
            "    if False:\n",
            "tests/postgres/test_promoted.py::test_a_standby_is_no_bench_s_server_before_it_is_promoted",
        ),
        (
            "no pooler stands before the server",
            "    if session != db.info.backend_pid:",
            "    if session is None:",
            "tests/postgres/test_ledger_command.py::test_a_pooler_before_the_server_is_told",
        ),
        (
            "a proxy before the server hides no network",
            "        (db.info.hostaddr, address),\n",
            "        (address,),\n",
            "tests/postgres/test_ledger_command.py::test_a_proxy_before_the_server_hides_no_network",
        ),
    ),
    *guards_of(
        "station/cli/ledger.py",
        (
            "a bench's own server is checked without its URL",
            "    if not url:\n",
            "    if False:\n",
            "tests/postgres/test_bench_on_a_line.py::test_a_bench_s_own_server_is_checked_as_an_outage_names_it",
        ),
        (
            "a bench's own server is checked with its password",
            '        password = named_secret(ctx.config, "ledger.password")\n',
            "        pass\n",
            "tests/postgres/test_bench_on_a_line.py::test_a_password_comes_from_a_private_file",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/sessions.py",
        (
            "another program of this PC is no copy of the bench",
            " AND client_addr IS DISTINCT FROM inet_client_addr()",
            "",
            "tests/postgres/test_bench_on_a_line.py::test_the_doctor_tells_of_a_copy_of_this_bench_on_another_pc",
        ),
        (
            "nor is one by another address of this PC",
            "    return not all(_is_here(row",
            "    return bool(list(row",
            "tests/postgres/test_bench_on_a_line.py::test_the_doctor_tells_of_a_copy_of_this_bench_on_another_pc",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/membership.py",
        (
            "a bench is the same one under another URL of its line",
            "_of_before(path) or secrets",
            "secrets",
            "tests/postgres/test_bench_on_a_line.py::test_a_bench_is_the_same_one_when_its_server_is_called_otherwise",
        ),
    ),
    *guards_of(
        "station/ledger/line.py",
        (
            "a bench is no namesake of its own",
            "any(number != own and names",
            "any(names",
            "tests/postgres/test_bench_on_a_line.py::test_the_doctor_tells_of_two_benches_with_one_name",
        ),
    ),
    *guards_of(
        "station/doctor/bench.py",
        (
            "a copy of a bench's disk is told",
            "        if ledger.line.is_elsewhere():\n",
            "        if not name:\n",
            "tests/postgres/test_bench_on_a_line.py::test_the_doctor_tells_of_a_copy_of_this_bench_on_another_pc",
        ),
        (
            "a clock far from the server's is told",
            "    if abs(ahead := found.clock_ahead_s) > _CLOCKS_DIFFER_S:\n",
            "    if (ahead := found.clock_ahead_s) > _CLOCKS_DIFFER_S:\n",
            "tests/postgres/test_bench_on_a_line.py::test_the_doctor_holds_the_clock_against_the_server_s",
        ),
        (
            "two benches with one name are told",
            "        if ledger.line.has_namesake(name):\n",
            "        if not name:\n",
            "tests/postgres/test_bench_on_a_line.py::test_the_doctor_tells_of_two_benches_with_one_name",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/work.py",
        (
            "what a copy is told of its server follows the lines that it brought",
            " if chain else self.execute(_FOOT_OF_A_FILE)\n",
            "\n",
            "tests/postgres/test_ledger_copy.py::test_a_line_goes_to_another_server",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/rows.py",
        (
            "what holds NUL is found nowhere, and is no damage",
            """        return super().dump(obj.replace("\\0", "\\1"))\n""",
            "        return super().dump(obj)\n",
            "tests/postgres/test_odd_texts.py::test_what_nobody_can_be_called_is_found_nowhere",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/faults.py",
        (
            "what never came to the server is no damage of its ledger",
            "(_damaged if error.sqlstate else _not_for_a_server)",
            "_damaged",
            "tests/postgres/test_odd_texts.py::test_what_a_server_cannot_hold_is_no_damage",
        ),
    ),
    *guards_of(
        "station/errors.py",
        (
            "a stay whose words hold NUL is kept",
            """        self.what = what.replace("\\0", "\\N{REPLACEMENT CHARACTER}")""",
            "        self.what = what",
            "tests/postgres/test_odd_texts.py::test_a_foreign_board_is_told_as_that_and_its_stay_is_kept",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/roles.py",
        (
            "what a bench's role may become is what it may",
            "    for other in [name for (name,) in db.execute(_BECOMES, (role,))]:\n",
            "    for other in list[str]():\n",
            f"{_ROLES}::test_what_a_bench_may_become_is_what_it_may",
        ),
        (
            "nobody reaches the server's files by a bench's role",
            "  IN ('pg_execute_server_program','pg_write_server_files','pg_read_server_files')\n",
            "  IN ('pg_execute_server_program')\n",
            f"{_ROLES}::test_what_a_bench_may_become_is_what_it_may",
        ),
        (
            "a bench calls nothing that works with the owner's rights",
            "UNION SELECT 'may call ' || proname FROM pg_proc WHERE pronamespace",
            "UNION SELECT 'may call ' || proname FROM pg_proc WHERE false AND pronamespace",
            f"{_ROLES}::test_functions_and_numbers_of_the_owner_s_are_taken_back_too",
        ),
        (
            "a bench sets no number",
            "THEN has_sequence_privilege(%(role)s, oid, 'UPDATE') END",
            "THEN false END",
            f"{_ROLES}::test_functions_and_numbers_of_the_owner_s_are_taken_back_too",
        ),
        (
            "the owner is nobody's login",
            "AND (rolcanlogin OR rolsuper)",
            "AND rolsuper",
            f"{_COMMAND}::test_an_owner_that_somebody_may_log_in_as_is_told_and_refused",
        ),
        (
            "nor a superuser",
            "AND (rolcanlogin OR rolsuper)",
            "AND rolcanlogin",
            f"{_COMMAND}::test_an_owner_that_somebody_may_log_in_as_is_told_and_refused",
        ),
        (
            "who may change a column is told too",
            "  UNION ALL SELECT relowner, attacl FROM",
            "  UNION ALL SELECT relowner, NULL::aclitem[] FROM",
            f"{_COMMAND}::test_another_s_right_to_change_the_ledger_is_told",
        ),
        (
            "who only looks is no stranger",
            " AND privilege_type = ANY(%(changes)s) ORDER BY 1\n",
            " ORDER BY 1\n",
            f"{_COMMAND}::test_another_s_right_to_change_the_ledger_is_told",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/checking.py",
        (
            "another's right to change the ledger is told",
            "    for one, may in roles.strangers_rights(db).items():\n",
            "    for one, may in dict[str, list[str]]().items():\n",
            f"{_COMMAND}::test_another_s_right_to_change_the_ledger_is_told",
        ),
        (
            "what takes a right away names its role as the server does",
            """db.execute("SELECT quote_ident(%s)", (role,)).fetchone() or (role,)\n""",
            "(role,)\n",
            f"{_COMMAND}::test_another_s_right_to_change_the_ledger_is_told",
        ),
        (
            "an owner that may log in is told",
            "    if login := roles.login_of_owner(db):\n",
            "    if login := None:\n",
            f"{_COMMAND}::test_an_owner_that_somebody_may_log_in_as_is_told_and_refused",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/setting_up.py",
        (
            "a schema that is somebody's, or has something in it, is no place for a ledger",
            "    if is_ours and (is_empty or applied(db)):\n",
            "    if is_ours or not applied(db):\n",
            f"{_COMMAND}::test_a_schema_of_that_name_is_no_place_for_a_ledger",
        ),
        (
            "nor is the owner's, with a function in it",
            " WHERE relnamespace = n.oid UNION ALL SELECT 1 FROM pg_proc WHERE pronamespace = n.oid)",
            " WHERE relnamespace = n.oid)",
            f"{_COMMAND}::test_a_schema_of_that_name_is_no_place_for_a_ledger",
        ),
        (
            "a ledger of another owner is told as whose it is",
            "    if applied(db):\n        raise",
            "    if not its_owner:\n        raise",
            f"{_COMMAND}::test_a_ledger_of_another_owner_is_told_as_whose_it_is",
        ),
        (
            "a new table is every bench's",
            "    for one in {bench, *roles.settled(db)}:",
            "    for one in {bench}:",
            f"{_COMMAND}::test_what_is_new_is_every_benchs",
        ),
        (
            "who may write by default is no bench for that",
            "    for one in {bench, *roles.settled(db)}:",
            "    for one in {bench, *roles.benches(db)}:",
            f"{_COMMAND}::test_who_may_write_by_default_is_no_bench_for_that",
        ),
        (
            "no ledger is made for an owner that may log in",
            "            if login := roles.login_of_owner(db):\n",
            "            if login := None:\n",
            f"{_COMMAND}::test_an_owner_that_somebody_may_log_in_as_is_told_and_refused",
        ),
    ),
    *guards_of(
        "station/ledger/succession.py",
        (
            "another server is never excused by having been waited for",
            "    if its_system != system:\n",
            "    if not its_system:\n",
            "tests/postgres/test_promoted.py::test_only_a_standby_of_the_same_server_is_excused_by_having_been_waited_for",
        ),
        (
            "a copy of the database beside it is not believed",
            """    if kept[_DATABASE] not in ("", now[_DATABASE]):\n""",
            "    if not now:\n",
            _COPY_BESIDE,
        ),
    ),
    *guards_of(
        "station/ledger/postgres/history.py",
        (
            "a restored dump is not believed",
            """    f" || '.' || '{SCHEMA}.identities'::regclass::oid::text"\n""",
            "",
            "tests/postgres/test_promoted.py"
            "::test_nor_does_a_dump_that_was_restored_where_the_database_has_the_same_number",
        ),
    ),
    *guards_of(
        "station/ledger/age.py",
        (
            "of a line's ledger that is not believed nothing is remembered",
            "_as_of_now(db) if believed(db) else before\n",
            "_as_of_now(db)\n",
            _COPY_BESIDE,
        ),
    ),
    *guards_of(
        "station/ledger/watch.py",
        (
            "an alarm of a line's witness names its bench",
            'f"{bench}:{journal.path}" if bench else journal.path',
            "journal.path",
            f"{_SET_BACK}::test_a_recovery_ends_it_for_all_but_those_whose_witnesses_have_more_to_say",
        ),
        (
            "what was seen of a line is asked for before a board is begun",
            "        if not age.remember_more(self._connection):\n",
            "        if age.remember_more(self._connection) is None:\n",
            f"{_SET_BACK}::test_a_bench_that_saw_what_another_did_begins_nothing_on_a_server_that_forgot_it",
        ),
        (
            "a witness can be told while the server is asked anew",
            "                succession.require_same(self._book)\n",
            "                self.witness.close()\n                succession.require_same(self._book)\n",
            f"{_SET_BACK}::test_a_witness_can_be_told_while_the_server_is_asked_anew",
        ),
        (
            "who reaches a server anew hears its witnesses anew",
            "            self.witness.read_anew()\n",
            "            pass\n",
            "tests/postgres/test_bench_on_a_line.py tests/postgres/test_line_set_back.py",
        ),
    ),
    *guards_of(
        "station/ledger/age.py",
        (
            "what was seen is kept while the server lacks it",
            "            return False\n        mark",
            "            pass\n        mark",
            f"{_SET_BACK}::test_what_was_seen_is_not_forgotten_by_looking_at_the_server_that_forgot_it",
        ),
        (
            "a later recovery excuses what was lost",
            "    return not db.chain or _recovered_at(db) <= mark.recovered_at\n",
            "    return True\n",
            f"{_SET_BACK}::test_a_recovery_ends_it_for_all_but_those_whose_witnesses_have_more_to_say",
        ),
    ),
    *guards_of(
        "station/ledger/opening.py",
        (
            "a bench whose server goes while it opens is not left without witnesses",
            "        if Then.WAITED_OUT in fault.code.then:\n            raise\n",
            "        del fault\n",
            f"{_SET_BACK}::test_a_bench_whose_server_goes_while_it_opens_is_not_left_without_witnesses",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/outcome.py",
        (
            "a commit is looked up by what it wrote, whatever its number",
            "        if line is not None:\n",
            "        if False:\n",
            f"{_LINE}::test_another_s_transaction_with_the_number_of_a_lost_one_keeps_nothing",
        ),
        (
            "what is looked up as kept is waited for as each commit is",
            "            server.execute(BEHIND_IT)\n",
            "            pass\n",
            _ENDED_WAIT,
        ),
    ),
    *guards_of(
        "station/ledger/postgres/faults.py",
        (
            "what others had locked for long is waited out",
            ', "40", "55P03", "57")\n',
            ', "57P")\n',
            f"{_LINE}::test_what_another_had_locked_for_long_is_waited_out",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/patience.py",
        (
            "a commit that was told before its standby had it is not yet kept",
            "            self._is_cut_short = True\n",
            "            pass\n",
            _ENDED_WAIT,
        ),
    ),
    *guards_of(
        "station/ledger/postgres/at_once.py",
        (
            "a call whose answer was lost is looked up",
            """        if is_committed(link, line, "", lost):\n            return None\n""",
            "",
            f"{_LINE}::test_a_step_whose_answer_was_lost_is_looked_up_and_done_once",
        ),
        (
            "a claim whose answer was lost is looked up",
            """                require_committed(link, line, "", lost)\n""",
            "                raise\n",
            f"{_LINE}::test_a_commit_whose_answer_was_lost_is_looked_up",
        ),
        (
            "what must stop a step is asked once the server was reached",
            "    db = Work(link.awake())\n    still()\n",
            "    still()\n    db = Work(link.awake())\n",
            f"{_AT_ONCE}::test_what_must_stop_a_step_is_asked_once_the_server_was_reached",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/work.py",
        (
            "a step that the server undid is not told as kept",
            """        if (answer := self.execute("COMMIT").statusmessage) != "COMMIT":\n""",
            """        if not (answer := self.execute("COMMIT").statusmessage):\n""",
            f"{_LINE}::test_a_step_that_the_server_undid_is_not_told_as_kept",
        ),
        (
            "a server that may lose what it committed is refused",
            "        promises.require(server)\n",
            "",
            f"{_LINE}::test_a_server_that_may_lose_what_it_committed_is_refused",
        ),
        (
            "a bench is silent for as long as its board takes",
            ", *_unlimited(server)\n",
            "\n",
            f"{_PROMISES}::test_what_a_database_is_set_to_for_other_programs_is_no_matter_to_a_bench",
        ),
        (
            "warnings are heard whatever a role is told",
            " _WARNED, *_NOTICES",
            " *_NOTICES",
            _ENDED_WAIT,
        ),
        (
            "the server notices a cut as early as the bench",
            ", *_NOTICES, *_unlimited(server)\n",
            ", *_unlimited(server)\n",
            f"{_LINE}::test_the_server_notices_a_cut_as_early_as_the_bench",
        ),
        (
            "a password where others see it is refused",
            "    require_plain(url)\n",
            "",
            f"{_LINE}::test_a_password_where_others_see_it_is_refused",
        ),
    ),
    *guards_of(
        "station/ledger/unwritten.py",
        (
            "a write that nobody could say was begun is left to recovery",
            '                self.left[_token(attempt)] = ""\n',
            "                pass\n",
            f"{_LINE}::test_a_write_that_was_begun_and_nobody_could_say_so_is_in_doubt",
        ),
    ),
    *guards_of(
        "station/ledger/store.py",
        (
            "whoever notices that a server was set back stops the line",
            "        self._ask_about_the_server()\n",
            "",
            f"{_SET_BACK}::test_whoever_notices_it_stops_the_line_though_no_board_comes",
        ),
        (
            "a reservation that nobody could say was kept frees itself",
            "leftovers.put_right(db, self.book, unsure | (self._unwritten.left if own else {}))",
            "leftovers.put_right(db, self.book, self._unwritten.left if own else {})",
            f"{_LINE}::test_a_reservation_of_which_nobody_could_say_whether_it_was_kept_frees_itself",
        ),
    ),
    *guards_of(
        "station/ledger/sealing.py",
        (
            "certificates are numbered without a gap",
            "enumerate(certificates, first)",
            "enumerate(certificates, first + 1)",
            f"{_LINE}::test_what_was_only_looked_at_leaves_no_gap_in_the_numbers_that_lines_prove",
        ),
    ),
)
