# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log says of the PC when a bench begins: the checks that cost next to nothing."""

from __future__ import annotations

from functools import partial

from station.config.settings import Config
from station.doctor import Check, examine, folders, machine
from station.doctor.logged import log_finding
from station.targets import usb


def log_the_pc(config: Config) -> None:
    seen = usb.scan()
    checks: list[Check] = [
        ("driver", machine.drivers),
        ("permission", partial(machine.permission, seen)),
        ("latency", machine.latency),
        ("intruders", machine.intruders),
        ("disk", partial(machine.disk, config.state_dir)),
        ("local", partial(folders.local, config.state_dir)),
        ("log", partial(folders.log, config)),
    ]
    for finding in examine(checks):
        log_finding(finding)
