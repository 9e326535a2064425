# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards on what is around a bench: events' files, label printers, scanners, what a cloud said earlier."""

from tests.mutations.guard import guards_of

_PRINTER = "tests/printing/test_labels.py"

EVENTS_FILE = guards_of(
    "station/andon/file.py",
    (
        "a new file's name is on the disk before its first line is called taken",
        "                    sync_names(path.parent)\n",
        "                    pass\n",
        "tests/outbox/test_receivers.py",
    ),
)
PRINTER = guards_of(
    "station/printing/printer.py",
    (
        "a label that its printer does not take has not left",
        "        _require_taken(printer)\n",
        "        pass\n",
        f"{_PRINTER}::test_what_a_printer_does_not_take_has_not_left",
    ),
    (
        "a printer that goes on taking is waited for",
        "            least, until = left, time.monotonic() + PATIENCE_S\n",
        "            least = left\n",
        f"{_PRINTER}::test_one_that_goes_on_taking_is_waited_for",
    ),
)
