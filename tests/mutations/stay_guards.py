# SPDX-License-Identifier: GPL-3.0-or-later
"""What lets a board's stay go beside what the line does, and without waiting for a disk, taken out once each."""

from __future__ import annotations

from tests.mutations.guard import guards_of

_BESIDE = "tests/postgres/test_stays_beside.py"
_AT_ONCE = "tests/postgres/test_at_once.py"
_WHOLE = f"{_BESIDE}::test_a_stay_of_whole_seconds_is_proved_as_it_is_kept"
_LOST = "tests/postgres/test_claims_lost.py"
_LINE = "tests/postgres/test_line_connection.py"
_ANSWER_LOST = f"{_LINE}::test_a_stay_whose_answer_was_lost_is_looked_up_and_kept_once"
_POWER_WENT = f"{_LINE}::test_a_stay_is_kept_once_whatever_the_server_lost_of_it_when_its_power_went"
_ANEW = f"{_LOST}::test_who_remembers_numbers_of_stays_counts_anew_where_some_were_lost"
_PROGRAM = f"{_LOST}::test_no_program_is_told_of_a_stay_that_the_server_may_still_lose"
_PROGRAM_TOLD = f"{_LOST}::test_a_program_is_not_told_of_a_stay_that_the_server_has_lost"
_TOLD = f"{_LOST}::test_no_receiver_is_told_of_a_stay_that_the_server_may_still_lose"
STAYS_BESIDE = (
    *guards_of(
        "station/ledger/postgres/migrations/0038_stays_beside.sql",
        (
            "no higher number of a stay is seen before a lower one",
            "    OR pg_advisory_xact_lock(1398030679, 1) IS NULL THEN\n",
            "    THEN\n",
            f"{_BESIDE}::test_no_higher_number_is_seen_before_a_lower_one",
        ),
        (
            "what came into dispute is not begun at once",
            "      AND NOT EXISTS (SELECT 1 FROM conflicts x WHERE x.product_key = c.product_key AND x.device_name ="
            " c.device_name\n        AND x.decision IS NULL)\n",
            "",
            f"{_AT_ONCE}::test_what_came_into_dispute_since_it_was_reserved_is_not_begun",
        ),
        (
            "what lines prove of a set is no word of a call",
            " AND i.size = 1\n",
            "\n",
            f"{_AT_ONCE}::test_a_whole_set_goes_statement_by_statement_from_writing_on",
        ),
        (
            "an NVR whose camera was retired is not begun at once",
            "      AND (i.kind <> 'nvr-member' OR i.channel > 0)\n",
            "",
            f"{_AT_ONCE}::test_an_nvr_one_of_whose_cameras_was_retired_since_is_not_begun",
        ),
        (
            "a stay waits for other processes of its bench",
            " OR pg_advisory_xact_lock(1398030677, bench::integer) IS NULL\n    OR pg_advisory_xact_lock(1398030679",
            " OR bench IS NULL\n    OR pg_advisory_xact_lock(1398030679",
            f"{_BESIDE}::test_a_stay_waits_for_other_processes_of_its_bench",
        ),
        (
            "a stay waits for whoever has the line's turn",
            "  IF pg_advisory_xact_lock_shared(1398030676, 1) IS NULL OR pg_advisory_xact_lock(1398030677, bench::integer)"
            " IS NULL\n    OR pg_advisory_xact_lock(1398030679",
            "  IF pg_advisory_xact_lock(1398030677, bench::integer) IS NULL\n    OR pg_advisory_xact_lock(1398030679",
            f"{_BESIDE}::test_whoever_has_the_lines_turn_sees_all_stays_of_before_and_none_of_meanwhile",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/at_once.py",
        (
            "a stay waits for no disk",
            ',?) AS number, {CARRIED}"',
            ',?) AS number"',
            f"{_BESIDE}::test_a_stay_waits_for_no_disk",
        ),
        (
            "a stay whose answer was lost is looked up",
            "            rows = _sent(link, (STAY, said), kept, lambda: None)\n",
            "            rows = Work(link.awake()).execute(STAY, said).fetchall()\n",
            _POWER_WENT,
        ),
        (
            "a stay that was kept is not kept twice",
            '        if is_committed(link, line, "", lost):\n',
            '        if isinstance(line, MovedLine) and is_committed(link, line, "", lost):\n',
            _ANSWER_LOST,
        ),
    ),
    *guards_of(
        "station/ledger/postgres/work.py",
        (
            "a stay that was lost is no earlier one of its slot",
            """ AND {_IT}", (bench, slot, *self.columns)\n""",
            """\", (bench, slot)\n""",
            _ANSWER_LOST,
        ),
    ),
    *guards_of(
        "station/ledger/visits.py",
        (
            "a stay that owes a scan is kept with what it owes",
            "self._book.is_rehearsed or scan_backs.owes(visit) else",
            "self._book.is_rehearsed else",
            f"{_AT_ONCE}::test_a_stay_that_owes_a_scan_is_kept_with_what_it_owes",
        ),
        (
            "a stay in a rehearsal is not kept",
            "self._book.is_rehearsed or scan_backs.owes(visit) else",
            "scan_backs.owes(visit) else",
            f"{_AT_ONCE}::test_a_stay_in_a_rehearsal_is_not_kept",
        ),
        (
            "when a stay ended is proved as it is kept",
            "        float(visit.at),",
            "        visit.at,",
            _WHOLE,
        ),
        (
            "how long a stay took is proved as it is kept",
            "        float(visit.seconds),",
            "        visit.seconds,",
            _WHOLE,
        ),
    ),
    *guards_of(
        "station/ledger/audit.py",
        (
            "a mark of a line does not end with a stay that may be lost",
            "    return RESERVED, STAY if db.chain else RESERVED\n",
            "    return RESERVED, RESERVED\n",
            f"{_LOST}::test_a_stay_that_a_killed_server_lost_is_made_good_and_is_no_ledger_set_back",
        ),
    ),
    *guards_of(
        "station/ledger/postgres/connection.py",
        (
            "the log tells of no stay that may be lost",
            "            return newest if newest == last or is_on_disk(db.server) else last\n",
            "            return newest\n",
            f"{_LOST}::test_what_the_log_tells_of_no_power_cut_takes",
        ),
        (
            "to have all last a server is reached anew",
            "            link.awake().execute(BEHIND_IT)\n",
            "            link.server().execute(BEHIND_IT)\n",
            _PROGRAM_TOLD,
        ),
        (
            "what is told outside lasts",
            "            link.awake().execute(BEHIND_IT)\n",
            "            assert link\n",
            _TOLD,
        ),
    ),
    *guards_of(
        "station/ledger/postgres/outcome.py",
        (
            "the log tells of no stay that a standby may lack",
            "    return not has_standby\n",
            "    return True\n",
            "tests/postgres/test_what_a_server_promises.py::test_the_log_tells_of_no_stay_that_a_standby_may_lack",
        ),
        (
            "what the log tells of is on the disk first",
            "        server.execute(_ON_DISK)\n",
            "        assert server\n",
            f"{_LOST}::test_what_the_log_tells_of_no_power_cut_takes",
        ),
    ),
    *guards_of(
        "station/report/counters.py",
        (
            "who counts stays begins anew where some were lost",
            "                self._begin(series)\n",
            "                pass\n",
            _ANEW,
        ),
        (
            "who counts stays asks behind no number of before",
            "            if visits.series == series:\n",
            "            if visits:\n",
            _ANEW,
        ),
    ),
    *guards_of(
        "station/printing/feeding.py",
        (
            "labels of stays that have lost ones' numbers are printed",
            "                self._after, self._series = 0, series\n",
            "                self._series = series\n",
            _ANEW,
        ),
    ),
    *guards_of(
        "station/ledger/outbox.py",
        (
            "no program is told of a stay that may be lost",
            "        self.make_last()\n",
            "",
            _PROGRAM,
        ),
        (
            "no program is told of another's stay",
            "        return stay if stay and stay.visit == visit else None\n",
            "        return stay\n",
            _PROGRAM_TOLD,
        ),
    ),
    *guards_of(
        "station/report/sheet.py",
        (
            "a report counts nothing that its head does not prove",
            "        period=period,\n",
            "        period=count_period(ledger.visits.within(scope.since, scope.until)),\n",
            "tests/postgres/test_line_report.py::test_a_report_counts_nothing_that_its_head_does_not_prove",
        ),
        (
            "nor does it tell of another stock",
            "        stock=stock,\n",
            "        stock=ledger.stock.by_state(),\n",
            "tests/postgres/test_line_report.py::test_a_report_counts_nothing_that_its_head_does_not_prove",
        ),
    ),
    *guards_of(
        "station/outbox/courier.py",
        (
            "no receiver is told of what was lost before it could last",
            "                if outbox.joins != joins or self._is_late():\n",
            "                if self._is_late():\n",
            f"{_LOST}::test_no_receiver_is_told_of_a_stay_that_was_lost_before_it_could_last",
        ),
        (
            "no receiver is told of what may be lost",
            "                outbox.make_last()\n",
            "",
            _TOLD,
        ),
    ),
)
