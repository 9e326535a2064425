# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a console board anew, so that what is read afterwards is what survives a power cycle.

The profile's `boot` pattern, or a port that went away and came back, is the proof that it happened; a profile without
one waits the boot time out.
"""

from __future__ import annotations

import errno
import os
import time
from dataclasses import replace
from typing import Final

from station.codes import Code
from station.errors import BoardFault, ConfigError, PortFault
from station.model import Port
from station.patterns import Pattern
from station.targets import usb
from station.targets.console.line import ConsoleLine, silent
from station.targets.console.spec import OPERATOR_S, ConsoleSpec, Restart
from station.targets.ports import Deadline, missing, open_port

_PULSE_S: Final = 0.1
_AGAIN_S: Final = 0.1


def restart(
    line: ConsoleLine, spec: ConsoleSpec, port: Port, *, until: Pattern | None = None
) -> tuple[ConsoleLine, str]:
    """The line to go on with (another one when the port came back as a new device) and what the board printed.

    Waits for `until` too. PortFault when the port does not come back, BoardFault when the board does not.
    """
    how = spec.restart
    if how is None:
        raise ConfigError("this profile does not say how its boards are restarted", do="add [console.restart]")
    timeout_s = OPERATOR_S if how.operator else how.boot_s
    try:
        return line, _insisted(line, how, until, timeout_s)
    except PortFault as fault:
        if fault.code != Code.E311:
            raise
    line.close()
    line = _reopened(port, spec, Deadline(timeout_s))
    text = line.hear([until], timeout_s, "the restart", whole=True)[1] if until is not None else ""
    if how.wait_s:
        line.wait(how.wait_s)
    return line, text


def _insisted(line: ConsoleLine, how: Restart, until: Pattern | None, timeout_s: float) -> str:
    """Twice, when the board is there and did not restart: the command may have been damaged on its way."""
    try:
        return _restarted(line, how, until, timeout_s)
    except BoardFault:
        if how.operator:
            raise
    line.wake(timeout_s)
    return _restarted(line, how, until, timeout_s)


def _restarted(line: ConsoleLine, how: Restart, until: Pattern | None, timeout_s: float) -> str:
    """What the board prints while it starts."""
    if how.line:
        line.say(how.line)
    line.speak_as_after_start()
    if not how.line and not how.modem:
        line.forget()
    if how.modem and not line.pulse(how.modem, _PULSE_S):
        raise PortFault(
            f"this port has no {how.modem.upper()} line to restart the board with",
            do="use an adapter that has it, or another [console.restart] in the profile",
            code=Code.E313,
        )
    wanted = [pattern for pattern in (how.boot, until) if pattern is not None]
    if not wanted:
        text = line.listen(timeout_s, "the restart")
        if not text.strip():  # the least that a board does which got the command
            raise silent("the restart")
        return text
    text = [line.hear([pattern], timeout_s, "the restart", whole=True)[1] for pattern in wanted][-1]
    if how.wait_s:
        line.wait(how.wait_s)
    return text


def _reopened(port: Port, spec: ConsoleSpec, deadline: Deadline) -> ConsoleLine:
    """The same slot's port, under whatever name it came back; PortFault where it did not."""
    while True:
        device = usb.wait_for(port, deadline.left_s)
        if device is None:  # where it was, another slot's board may be by now
            raise missing(port.url, os.strerror(errno.ENOENT))
        try:
            return ConsoleLine(open_port(replace(port, url=device), baud=spec.baud), spec)
        except PortFault:
            if deadline.expired:
                raise
        time.sleep(_AGAIN_S)
