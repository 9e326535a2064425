# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards on what is around a bench: events' files, label printers, scanners, what a cloud said earlier."""

from tests.mutations.guard import guards_of

_PRINTER = "tests/printing/test_labels.py"
_FEEDING = "tests/printing/test_feeding.py"

EVENTS_FILE = guards_of(
    "station/andon/file.py",
    (
        "a new file's name is on the disk before its first line is called taken",
        "                    sync_names(path.parent)\n",
        "                    pass\n",
        "tests/outbox/test_receivers.py",
    ),
)
HEARD = guards_of(
    "station/intake/reconcile_progress.py",
    (
        "what a cloud said in a future that is none is asked for anew",
        ' <= told["at"] <= now:\n',
        ' <= told["at"]:\n',
        "tests/intake/test_reconcile.py::test_answers_of_yesterday_are_asked_for_anew_and_those_of_tomorrow",
    ),
)
ORDER = guards_of(
    "station/outbox/asking.py",
    (
        "a named order that is the configured one has its quantity",
        "(order is None or order == replace(own, quantity=0))",
        "order is None",
        "tests/outbox/test_asking.py",
    ),
    (
        "a configured order is a reference that can be read",
        "    if not reference.isprintable():\n",
        "    if False:\n",
        "tests/outbox/test_asking.py",
    ),
)
ALONE = guards_of(
    "station/ledger/sqlite/connection.py",
    (
        "a disk that keeps no mark of who is alone is the ledger's trouble",
        "            with translated():\n                ours = held",
        "            with suppress():\n                ours = held",
        "tests/ledger/test_processes.py::test_a_folder_that_keeps_no_mark_of_who_is_alone_is_the_ledgers_trouble",
    ),
)
SCANNER = guards_of(
    "station/tui/scanner.py",
    (
        "a control character in a scan is no key",
        "        if not is_letter:\n            return quick, None\n",
        "        if not is_letter:\n            return False, None\n",
        "tests/tui/test_bench_flows.py::test_a_code_of_control_characters_ends_no_station",
    ),
    (
        "of a scan that is too long no part is one",
        "(self._typed + character)[: MAX_LENGTH + 1]",
        "(self._typed + character)[-MAX_LENGTH:]",
        "tests/tui/test_parts.py::test_of_a_scan_that_is_too_long_no_part_is_one",
    ),
    (
        "a blank behind a control character is no Space bar",
        '            self._typed = ""  # a stray key before it must not swallow the Space bar\n            return quick, None\n',
        '            self._typed = ""  # a stray key before it must not swallow the Space bar\n            return False, None\n',
        "tests/tui/test_bench_flows.py::test_a_code_of_control_characters_ends_no_station",
    ),
    (
        "a key that comes up again is the person's as before",
        "        if key is self._passed_on:",
        "        if False:",
        "tests/tui/test_bench_flows.py::test_a_station_fault_does_not_send_the_board_to_the_red_bin",
    ),
)
ROOM = guards_of(
    "station/tui/screens/room.py",
    (
        "a scan that is too long is told nobody",
        "        if len(text) > MAX_LENGTH:\n",
        "        if False:\n",
        "tests/tui/test_bench_flows.py::test_a_scan_that_is_too_long_is_no_scan",
    ),
)
SO_FAR = guards_of(
    "station/report/scope.py",
    (
        "a report so far has what another clock says is still to come",
        "_SO_FAR = datetime(9999, 12, 31, tzinfo=UTC).timestamp()\n",
        "_SO_FAR = datetime.now(UTC).timestamp()\n",
        "tests/report/test_report.py",
    ),
)
CLIENTS = guards_of(
    "station/distribution/clients.py",
    (
        "a list of clients that cannot be read is said as it is",
        '        except OSError as error:\n            raise ConfigError(\n                f"cannot read',
        '        except NotImplementedError as error:\n            raise ConfigError(\n                f"cannot read',
        "tests/distribution/test_clients.py",
    ),
)
POSTED = guards_of(
    "station/cloud/post.py",
    (
        "an answer that breaks off is none",
        "            if is_cut:\n",
        "            if False:\n",
        "tests/outbox/test_asking.py::test_an_answer_that_breaks_off_is_none_whatever_it_says_so_far",
    ),
)
PRINTED = guards_of(
    "station/ledger/printed.py",
    (
        "no label is printed of what was retired meanwhile",
        "                raise NotDone(",
        "                str(",
        f"{_FEEDING}::test_one_that_is_retired_at_that_moment_is_not_printed",
    ),
)
PRINTER = guards_of(
    "station/printing/printer.py",
    (
        "labels: at a device file, too, it is written down before the first byte",
        "        leaves()\n        until",
        "        until",
        f"{_FEEDING}::test_at_a_device_file_each_is_printed_once_and_the_file_is_let_go",
    ),
    (
        "labels: a device file is let go",
        "    finally:\n        os.close(device)\n",
        "    finally:\n        pass\n",
        f"{_FEEDING}::test_at_a_device_file_each_is_printed_once_and_the_file_is_let_go",
    ),
    (
        "a label that its printer does not take has not left",
        "        _require_taken(printer)\n",
        "        pass\n",
        f"{_PRINTER}::test_what_a_printer_does_not_take_has_not_left",
    ),
    (
        "a printer that goes on taking is waited for",
        "            least, until = left, now + PATIENCE_S\n",
        "            least = left\n",
        f"{_PRINTER}::test_one_that_goes_on_taking_is_waited_for_but_not_for_hours",
    ),
    (
        "a printer that takes a label for hours is not waited for",
        "        if now >= min(until, over):\n",
        "        if now >= until:\n",
        f"{_PRINTER}::test_one_that_goes_on_taking_is_waited_for_but_not_for_hours",
    ),
)
FEEDING = guards_of(
    "station/printing/feeding.py",
    (
        "labels: what an earlier run left is known before any board begins",
        "    if feeder.needed:  #",
        "    if False:  #",
        f"{_FEEDING}::test_what_an_earlier_run_left_is_known_before_any_board_begins",
    ),
    (
        "labels: where one may be lost it is named",
        "            if noted:\n",
        "            if False:\n",
        f"{_FEEDING}::test_each_label_that_may_be_lost_is_named",
    ),
    (
        "labels: one that was printed by hand meanwhile is not printed again",
        "        except (PrintedBefore, NotDone):\n            pass",
        "        except NotDone:\n            pass",
        f"{_FEEDING}::test_one_that_was_printed_by_hand_at_that_moment_is_not_printed_again",
    ),
)
