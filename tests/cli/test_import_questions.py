# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file does not say, a person at the terminal is asked."""

from __future__ import annotations

from tests.cli.cli_shell import Shell


def test_a_person_at_a_terminal_is_asked_what_a_status_word_means(shell: Shell) -> None:
    file = shell.folder / "words.csv"
    rows = "".join(f"a1Xw2y3z4Q5,door000{n},{n:032},{word}\n" for n, word in enumerate(("fresh", "sold", "fresh")))
    file.write_text(f"ProductKey,DeviceName,DeviceSecret,Status\n{rows}")
    answers = [("“fresh”, 2 rows: were these devices never used?", "y"), ("“sold”, 1 rows", "n")]
    code, shown = shell.on_terminal("import", str(file), answers=answers)
    assert (code, "3 new" in shown, "1 are not unused" in shown) == (0, True, True)
