# SPDX-License-Identifier: GPL-3.0-or-later
"""From a bare folder to the first PASS in a real terminal, reading nothing but the screen; killed on the way, too."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.demo.kinds import kind_of
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.cloud import CloudSimulator
from tests.guide.pcs import Pc, typed

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")

PIN = "246810"
UID = "5a00000000000001"


@pytest.fixture
def pc(tmp_path: Path, cloud: CloudSimulator) -> Iterator[Pc]:
    here = Pc(tmp_path, cloud.url)
    yield here
    here.leave()


def test_a_bare_pc_comes_to_its_first_pass_by_the_screen_alone(pc: Pc, cloud: CloudSimulator, tmp_path: Path) -> None:
    board = SimulatedAgentBoard(UID, tmp_path / "flash", pc.port)
    began = time.monotonic()
    terminal = pc.run("run")
    terminal.sees("Language / 语言")
    typed(terminal, "")
    terminal.sees("How is the station's data key kept?")
    typed(terminal, "")
    terminal.sees("This bench's name")
    typed(terminal, "")
    terminal.sees("Back it up", "The first supervisor")
    os.kill(terminal.program(), signal.SIGKILL)
    terminal.close()

    terminal = pc.run("run")
    terminal.sees("The first supervisor")
    typed(terminal, PIN, PIN)
    terminal.sees("Where do the certificates come from?", "Living Link")
    typed(terminal, "")
    terminal.sees("AppKey", "AppSecret")
    for line in (cloud.living_key, cloud.project_id):
        terminal.keys("-l", line)
        terminal.sees(line)
        terminal.keys("Enter")
    typed(terminal, cloud.living_secret)
    terminal.sees("Living Link has answered", "Which product is made here?", "Fan")
    typed(terminal, "")
    terminal.sees("How are the boards of", "agent")
    typed(terminal, "")
    terminal.sees("Profile fan is used", "Slot 1: plug a board in now")
    terminal.keys("Down")
    typed(terminal, "")
    terminal.sees("Port, e.g.")
    with board:
        typed(terminal, str(pc.port))
        terminal.sees(f"✓ good   board uid   {UID}", "Slot 2: plug")
        terminal.keys("Down", "Down")
        typed(terminal, "")
        terminal.sees("The first certificates", "Order certificates")
        typed(terminal, "")
        terminal.sees("Names by the cloud", "NVRs with their cameras")
        typed(terminal, "")
        terminal.sees("How many certificates?")
        typed(terminal, "3")
        terminal.sees("3 certificates of Fan", "cost money", "Supervisor's PIN, to order")
        typed(terminal, PIN)
        terminal.sees("3 certificates are here", "Everything is ready")
        terminal.keys("F2")
        terminal.sees("全部就绪")
        typed(terminal, "")
        terminal.sees("取出板卡")
        terminal.keys("F2")
        terminal.sees("Remove board")
        print(f"from a bare PC to the first PASS: {time.monotonic() - began:.1f} s")
        terminal.keys("C-q")
        terminal.sees("End this station?")
        terminal.keys("Space")
        terminal.sees("Supervisor PIN")
        typed(terminal, PIN)
        assert terminal.exit_code() == 0
    [stored] = kind_of("agent", "simulated").look_into(tmp_path / "flash") or ()
    [batch] = cloud.world.batches
    issued = [row.primary for row in cloud.batch(batch).rows()]
    assert stored in {(one.product_key, one.device_name, one.device_secret) for one in issued}
