# SPDX-License-Identifier: GPL-3.0-or-later
"""A Linux device through the whole flow: killed inside COMMIT it is in doubt; put in again, it gets what is its own."""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from station.ledger.store import Ledger
from station.model import State
from station.profiles.profile import Profile
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.firmware import templates
from tests.firmware.firmware_bench import stored
from tests.flow.flow_table import PRODUCT, Table
from tests.templates.posix_board import PosixBoard, Programs
from tests.waiting import until

UID = "ab00000000000001"
OTHER = "ab00000000000002"


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    options = {"answer_s": 2.0, "flash_s": 5.0, "restart_s": 10.0}
    profile = Profile(name="nvr", target="agent", products=(PRODUCT,), options=options)
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as ledger, ExitStack() as stack:
        yield Table(ledger, tmp_path, profile, stack)


@pytest.mark.parametrize("died_at", ["4 before", "4 half", "5 after", "6 before", "6 after", "7 after"])
def test_a_device_that_died_in_commit_is_settled_by_putting_it_in_again(
    table: Table, posix_programs: Programs, tmp_path: Path, died_at: str
) -> None:
    table.stock_up("nvr1", "nvr2")
    with PosixBoard(posix_programs, UID, tmp_path / "one", link=tmp_path / "tty1") as board:
        board.power_off()
        board.die_at = died_at
        board.power_on()
        assert table.flash(board).outcome is not Outcome.PASS  # type: ignore[arg-type]
        board.wait_dead(10)
        board.power_off()
        assert table.state("nvr1") is State.IN_DOUBT
        with PosixBoard(posix_programs, OTHER, tmp_path / "two", link=tmp_path / "tty2") as other:
            assert table.flash(other, slot="2").outcome is Outcome.PASS  # type: ignore[arg-type]
        board.power_on()
        assert table.flash(board, slot="7").outcome is Outcome.PASS  # type: ignore[arg-type]
    held = {path.name: stored(path) for path in (tmp_path / "one", tmp_path / "two")}
    assert [one.primary.device_name for one in held.values() if one] == ["nvr1", "nvr2"]
    assert table.state("nvr1") is table.state("nvr2") is State.CONSUMED
    table.ledger.audit.verify()


def test_the_trial_on_a_pc_ends_as_its_readme_says(table: Table, posix_programs: Programs, tmp_path: Path) -> None:
    """RESET starts the program anew: the station must find it on the port that it has open."""
    page = (templates() / "posix" / "README.md").read_text("utf-8")
    (command, redirected) = re.findall(r"^\$ build/station-agent (.*) > (port) &$", page, re.MULTILINE)[0]
    assert "slot …  PASS         camera0001 pc-0001" in page
    words = command.replace("/tmp/identity", str(tmp_path / "identity")).split()
    table.stock_up("camera0001")
    with (
        (tmp_path / redirected).open("w") as out,
        subprocess.Popen([posix_programs.plain_agent, *words], stdout=out) as agent,
    ):
        try:
            until(lambda: (tmp_path / redirected).read_text().endswith("\n"))
            port = SimpleNamespace(url=(tmp_path / redirected).read_text().strip())
            assert table.flash(port).outcome is Outcome.PASS  # type: ignore[arg-type]
            assert table.flash(port).outcome is Outcome.ALREADY_DONE  # type: ignore[arg-type]
            assert (tmp_path / redirected).read_text().count("\n") == 1, "it is one port, named once"
        finally:
            agent.kill()
    held = stored(tmp_path / "identity")
    assert held and held.primary.device_name == "camera0001"
    assert table.state("camera0001") is State.CONSUMED
