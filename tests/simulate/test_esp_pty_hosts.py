# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that come and go on one pseudo-terminal as fast as a system lets them: each is heard as itself."""

from __future__ import annotations

import select
import subprocess
import sys

from station.simulate.esp.ports import HostGone
from station.simulate.esp.pty_port import PtyPort
from tests.waiting import PATIENCE_S

HOSTS = 3000
HOST = """
import os, sys
for number in range(int(sys.argv[2])):
    fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
    os.write(fd, b"%d;" % number)
    os.close(fd)
"""


def test_no_host_is_heard_before_the_one_before_it_is_gone_and_no_byte_is_lost() -> None:
    port = PtyPort(None)
    url = port.open()
    gone, heard, early = 0, b"", []
    try:
        with subprocess.Popen([sys.executable, "-c", HOST, url, str(HOSTS)]) as hosts:
            while gone < HOSTS and select.select(port.filenos(), (), (), 10)[0]:
                more = True
                while more:
                    try:
                        more = bool(data := port.read())
                    except HostGone:
                        gone += 1
                        continue
                    heard += data
                    newest = heard.count(b";") - 1
                    if newest > gone:
                        early.append(newest)
            assert hosts.wait(PATIENCE_S) == 0
        assert not early, f"{len(early)} times; first by host {early[0]}"
    finally:
        port.close()
    assert gone == HOSTS
    assert heard == b"".join(b"%d;" % number for number in range(HOSTS))
