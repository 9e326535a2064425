# SPDX-License-Identifier: GPL-3.0-or-later
"""Changed guards lock the station whoever opens the ledger; a damaged index is mended by a command."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from station.codes import Exit
from station.simulate.agent_board import SimulatedAgentBoard
from tests.cli.cli_shell import Shell


def test_a_station_whose_guards_are_gone_is_locked_and_flashes_nothing(shell: Shell) -> None:
    shell.stock_up("cam1")
    shell.write_profile()
    with closing(sqlite3.connect(shell.folder / "state" / "ledger.db")) as raw, raw:
        raw.execute("DROP TRIGGER board_is_for_life")
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "flash.bin") as board:
        done = shell("flash", "--profile", "cam", "--port", board.url)
    assert done.code in (Exit.PERSON_NEEDED, Exit.INTEGRITY)
    assert "trigger board_is_for_life is missing" in done.err
    assert shell("certs", "--json").json[0]["state"] == "READY"
    assert shell("audit", "verify").code == Exit.INTEGRITY
    assert any("E702" in line["what"] for line in shell("doctor", "--json").json[0]["findings"])


def test_a_damaged_index_is_told_by_doctor_and_mended(shell: Shell) -> None:
    shell.stock_up("cam1", "cam2")
    path = shell.folder / "state" / "ledger.db"
    with closing(sqlite3.connect(path)) as raw:
        root, size = raw.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master"
            " WHERE name = 'certificates_by_product'"
        ).fetchone()
    content = bytearray(path.read_bytes())
    at = content.rindex(b"a1Cam", (root - 1) * size, root * size)
    content[at] ^= 1
    path.write_bytes(content)
    told = shell("doctor")
    assert "E327" in told.out and "station audit reindex" in told.out
    assert shell("audit", "verify").code == Exit.STATION_FAULT
    assert shell("audit", "reindex").code == 0
    assert shell("audit", "verify").code == 0
