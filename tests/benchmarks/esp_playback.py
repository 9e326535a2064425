# SPDX-License-Identifier: GPL-3.0-or-later
"""ESP boards that cost the PC next to nothing, as real ones do: what a simulated board answered, played back in step.

A simulated board in Python takes as much CPU as the station does for it, which on a PC with few cores is all that many
boards at once would show.
"""

from __future__ import annotations

import struct
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from station.simulate.esp import BoardSpec, EspBoard
from station.simulate.esp.reply import Reply
from station.simulate.esp.slip import encode

_STEP = struct.Struct("=dddII")
_BITS_PER_BYTE = 10


@dataclass(slots=True, kw_only=True)
class Step:
    """A question as it came over the wire, and the answer, at `baud`, with what the chip needs before and after it."""

    asked: bytes
    answered: bytes
    baud: int
    before_s: float
    busy_s: float = 0.0

    def packed(self) -> bytes:
        sizes = len(self.asked), len(self.answered)
        head = _STEP.pack(_BITS_PER_BYTE / self.baud, self.before_s, self.busy_s, *sizes)
        return head + self.asked + self.answered


def record(spec: BoardSpec, work: Callable[[str], None]) -> list[Step]:
    """What `work` asks the board of `spec`, whose cable takes no time, at the address it is given."""
    steps: list[Step] = []
    with EspBoard(spec) as board:
        silicon = board.silicon
        answer = silicon.packet

        def recorded(packet: bytes) -> Reply:
            reply = answer(packet)
            answered = b"".join(map(encode, reply.packets))
            step = Step(asked=encode(packet), answered=answered, baud=silicon.baud, before_s=reply.before_s)
            steps.append(step)

            def then() -> float:
                step.busy_s = reply.then() if reply.then else 0.0
                return step.busy_s

            return replace(reply, then=then)

        silicon.packet = recorded  # type: ignore[method-assign]
        work(board.url)
    return steps


def limit_s(steps: Sequence[Step], latency_s: float) -> float:
    """Seconds that bytes, turnarounds and the chip itself take, if nobody else takes any."""
    wire = sum(_BITS_PER_BYTE * (len(step.asked) + len(step.answered)) / step.baud for step in steps)
    chip = sum(step.before_s + step.busy_s for step in steps)
    return wire + chip + latency_s * sum(bool(step.answered) for step in steps)


class Playback:
    """Boards plugged in, each at its address in `urls`, all in one process; `close` says what CPU they took, in s."""

    def __init__(self, boards: Sequence[Sequence[Step]], latency_s: float) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(struct.pack("=Id", len(boards), latency_s))
            for steps in boards:
                file.write(struct.pack("=I", len(steps)) + b"".join(step.packed() for step in steps))
            file.flush()
            self._process = subprocess.Popen(
                [_program(), file.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            assert self._process.stdout is not None
            self.urls = [self._process.stdout.readline().strip() for _ in boards]

    def close(self) -> float:
        said, _ = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError("the boards were asked what is not in the recording")
        return float(said)


@cache
def _program() -> str:
    source = Path(__file__).with_suffix(".c")
    program = Path(tempfile.mkdtemp(prefix="esp-playback-")) / source.stem
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source], check=True)
    return str(program)
