# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire to a console: says a line at the pace the board can take, hears until a pattern ends the answer.

Survives log lines between and inside answers, echo or none, and what is left over from before. An error names the
template of the line, never its text, since that has a secret in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Final, TypeVar

from station.codes import Code
from station.errors import BoardFault
from station.model import Secret
from station.patterns import Pattern
from station.targets.console.checked import covered
from station.targets.console.spec import AnswerCheck, Ask, ConsoleSpec, Echo, Speech, Write, words_of
from station.targets.console.text import behind_echo, readable, whole_lines
from station.targets.ports import Deadline, OpenPort

_T = TypeVar("_T")
_PACE_BYTES: Final = 8
"""Sent before the echo is awaited: half of the smallest UART FIFO in use."""
_ECHO_WAIT_S: Final = 0.1
"""A missing echo costs this much per piece and nothing else: readback is the proof, not the echo."""
_PROBE_S: Final = 0.5
_QUIET_S: Final = 0.03
_QUIET_AT_MOST_S: Final = 0.5
"""A board that logs without a pause is never quiet."""
_LEAVES_S: Final = 0.05
"""From a line to the other speed that it asks for: an adapter's buffer, and a board that reads it late."""
_KEEP_BYTES: Final = 65536
"""A board that never stops logging must not fill the memory."""


class NotNow(BoardFault):
    """E203: the board has not taken the line and wants to be asked again."""

    code = Code.E203


class ConsoleLine:
    """One open port. Not for two threads."""

    def __init__(self, port: OpenPort, spec: ConsoleSpec) -> None:
        self._port = port
        self._spec = spec
        self._words = " ".join(words_of(spec))
        self._speech = spec.speeches[0]
        self._heard = bytearray()
        self._said = ""

    def close(self) -> None:
        self._port.close()

    def pulse(self, modem_line: str, seconds: float) -> bool:
        """Drive DTR or RTS for a moment; False when the port has none."""
        self.forget()
        if not self._port.set_modem_lines(**{modem_line: True}):
            return False
        self.listen(seconds, "the restart")
        return self._port.set_modem_lines(**{modem_line: False})

    def forget(self) -> None:
        """What the board says from now on is not an answer to anything."""
        self._start("")

    def say(self, line: str) -> None:
        """Send `line` and its end; what came before the end is forgotten: the echo, and what was left of an earlier
        answer. A board whose echo is not awaited may still echo after that.
        """
        self._start(line)
        data = line.encode()
        if self._spec.echo is Echo.PACED:
            for start in range(0, len(data), _PACE_BYTES):
                self._port.write(data[start : start + _PACE_BYTES])
                self._await_echo(data[start : start + _PACE_BYTES])
            data = b""
        self._heard.clear()
        self._port.write(data + self._speech.line_end.encode())

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """As `guard`, for the time of a block: what is echoed there may be damaged, so that nobody knows it."""
        with self._port.wire.guarded(self._words):
            yield

    def say_password(self, password: Secret) -> None:
        """With a line end, and without pacing: a prompt was heard."""
        self.give(password.reveal() + self._speech.line_end)

    def speak(self, speech: Speech) -> None:
        """From now on, when what was said has left and the board has had a moment to read it."""
        if speech != self._speech:
            leaves = Deadline(_LEAVES_S)
            while not leaves.expired:
                self._take(leaves)
            self._speech = speech
            self._port.set_baud(speech.baud)
            self._port.wire.note(f"spoken to at {speech.baud} baud, lines end with {speech.line_end!a}")

    def speak_as_after_start(self) -> None:
        self.speak(self._spec.speeches[0])

    def call_back(self) -> None:
        """Out of a data mode, as the profile's `escape` says."""
        how = self._spec.escape
        if how is None:
            return
        self.forget()
        if how.break_s:
            self._port.send_break(how.break_s)
            return
        self.wait(how.guard_s)
        self._port.write(how.text.encode())
        self.wait(how.guard_s)

    def give(self, data: str) -> None:
        """Exactly these bytes: no line end, no pacing (the board said that it waits for them)."""
        self.forget()
        self._port.write(data.encode())

    def hear(
        self,
        ends: Sequence[Pattern],
        timeout_s: float,
        what: str,
        *,
        whole: bool = False,
        check: AnswerCheck | None = None,
        bare: Sequence[Pattern] = (),
    ) -> tuple[Pattern, str]:
        """The end of the answer that comes first, and the text up to now; `whole`: only lines that are complete count,
        for a pattern whose value goes up to the line's end; `check`: only what it covers, but for ends that are `bare`.
        BoardFault E201 when none comes, E203 when one of the profile's error patterns comes before it, E208 for a wrong
        check.
        """
        deadline = Deadline(timeout_s)
        while True:
            text = self._answer()
            shown = covered(check, whole_lines(text) if whole else text)
            if found := self._first([*((end, shown) for end in ends), *((end, text) for end in bare)], text, what):
                self._note(found, f"ends the answer to {what}")
                return found, text
            if not self._take(deadline):
                for one in (*ends, *bare):
                    self._note(one, f"did not come within {timeout_s:g} s, as the answer to {what}")
                raise silent(what)

    def hear_out(self, found: Pattern, timeout_s: float, check: AnswerCheck | None) -> str:
        """The whole answer in which `hear` has found that, of which what no check covers is unreadable: up to the
        profile's `end` of answers, behind what was heard. A board that is still at the last answer when the next line
        comes loses that line, or calls itself busy. An end that a log line has damaged costs `timeout_s` and nothing
        else.
        """
        deadline = Deadline(timeout_s)
        while not self._has_ended(found) and self._take(deadline):
            pass
        self.let_end()
        return covered(check, self._answer())

    def hear_out_dialog(self, step: Ask | Write, timeout_s: float, what: str, render: Callable[[str], str]) -> None:
        """The answer up to `success`, then all of it; what the board asks before is answered, each question once."""
        left = list(step.answers)
        while True:
            questions = [answer.when for answer in left]
            found, _ = self.hear([step.success], timeout_s, what, check=step.check, bare=questions)
            asked = next((answer for answer in left if answer.when is found), None)
            if found is step.success or asked is None:
                break
            left.remove(asked)
            self.say(render(asked.line))
        found, _ = self.hear([step.success], timeout_s, what, check=step.check)
        self.hear_out(found, timeout_s, step.check)
        if step.then is not None:
            self.speak(step.then)

    def _has_ended(self, found: Pattern) -> bool:
        end, text = self._spec.end, self._answer()
        heard = found.search(text)
        return end is None or (heard is not None and end.search(text, heard.start()) is not None)

    def patiently(self, say: Callable[[], _T], before_again: Callable[[BoardFault], None] = lambda _fault: None) -> _T:
        """`say` something again for as long as the board is busy, within the profile's bounds."""
        busy = self._spec.busy
        deadline = Deadline(busy.at_most_s if busy else 0.0)
        while True:
            try:
                return say()
            except NotNow as fault:
                if busy is None or deadline.expired:
                    raise
                self.wait(busy.again_s)
                before_again(fault)

    def wait(self, seconds: float) -> None:
        """What comes meanwhile is the end of an earlier answer."""
        deadline = Deadline(seconds)
        while not deadline.expired:
            self._take(deadline)
        self.let_end()

    def listen(self, seconds: float, what: str) -> str:
        """Everything since the last line was said, up to `seconds` from now. BoardFault E203 as in `hear`."""
        deadline = Deadline(seconds)
        while self._take(deadline):
            pass
        self._first([], self._answer(), what)
        return self._answer()

    def guard(self) -> None:
        """What the board says from now on may be a secret, also that of another board: see `targets.wire`."""
        self._port.wire.guard(self._words)

    def hide(self, password: Secret) -> None:
        """Never to be seen in a trace, not as an echo either."""
        self._port.wire.know("password", [password])

    def tell(self, pattern: Pattern, found: str) -> None:
        """Into the trace: what was made of the last answer."""
        self._note(pattern, found)

    def _note(self, pattern: Pattern, said: str) -> None:
        self._port.wire.note(f"'{pattern.pattern}' {said}")

    def wake(self, timeout_s: float) -> None:
        """Ask the probe until it is answered, since half a line of somebody else may stand before it; then let late
        answers to earlier lines come in, or each line would be taken for the answer to the next one.
        """
        deadline = Deadline(timeout_s)
        probe, ways = self._spec.probe, cycle(self._spec.speeches)
        while True:
            self.say(probe.line)
            try:
                wait_s = min(_PROBE_S, max(deadline.left_s, 0.05))
                self.hear([probe.success], wait_s, "the probe", check=probe.check)
            except NotNow:
                if deadline.expired:
                    raise
                self.wait(_PROBE_S)
            except BoardFault:
                if deadline.expired:
                    raise
                self._require_no_prompt()
                self.call_back()
                self._speak_another_way(ways)
            else:
                self.let_end()
                return

    def _speak_another_way(self, ways: Iterator[Speech]) -> None:
        """Somebody may have left the board where it is spoken to differently."""
        if len(self._spec.speeches) > 1:
            self.speak(next(way for way in ways if way != self._speech))

    def _require_no_prompt(self) -> None:
        """A board that was left while it asks for a password would take each probe for a wrong one."""
        for setup in self._spec.setup:
            if setup.ready is not None and setup.ready.search(self._answer()):
                raise BoardFault(
                    f"the board asks for the password of “{setup.line}” already, and is not given guesses",
                    do="switch it off and on, then put it in again",
                    code=Code.E203,
                )

    def let_end(self) -> None:
        """Wait for what may follow the pattern that was heard (an OK, a prompt): it must not answer the next line."""
        deadline = Deadline(_QUIET_AT_MOST_S)
        while self._take(Deadline(_QUIET_S)) and not deadline.expired:
            pass

    def _answer(self) -> str:
        text = readable(bytes(self._heard))
        return behind_echo(text, self._said) if self._spec.echo is Echo.PLAIN else text

    def _first(self, ends: Sequence[tuple[Pattern, str]], text: str, what: str) -> Pattern | None:
        """By place in the text: a prompt behind an error does not make it a success. Each of the ends comes with what
        of the text it may stand in."""
        found = _earliest(ends)
        busy = _earliest([(self._spec.busy.answer, whole_lines(text))]) if self._spec.busy else None
        if busy and self._spec.busy and (found is None or busy[0] < found[0]):
            self._note(self._spec.busy.answer, f"came as the answer to {what}: busy")
            raise NotNow(
                f"the board says that it is busy, and not what it makes of {what}",
                do="put it back in; if that is always so, give the profile's busy more at_most_s",
            )
        refused = _earliest([(pattern, whole_lines(text)) for pattern, _ in self._spec.errors])
        if refused and (found is None or refused[0] < found[0]):
            self._note(self._spec.errors[refused[1]][0], f"came as the answer to {what}: refused")
            raise BoardFault(
                f"the board refuses {what}: {self._spec.errors[refused[1]][1]}",
                do="check that the profile fits this firmware; if it does, red bin",
                code=Code.E203,
            )
        return ends[found[1]][0] if found else None

    def _start(self, line: str) -> None:
        self._port.drop_input()
        self._heard.clear()
        self._said = line

    def _take(self, deadline: Deadline) -> bool:
        data = self._port.read(deadline)
        self._heard += data
        del self._heard[:-_KEEP_BYTES]
        return bool(data)

    def _await_echo(self, piece: bytes) -> None:
        """Until these bytes came back in this order, whatever log text stands between them."""
        deadline = Deadline(_ECHO_WAIT_S)
        self._heard.clear()
        while not _in_order(piece, self._heard) and self._take(deadline):
            pass


def _earliest(looked_for: Sequence[tuple[Pattern, str]]) -> tuple[int, int] | None:
    """Place in its text and number of the pattern that matches first."""
    found = [(match.start(), number) for number, (one, text) in enumerate(looked_for) if (match := one.search(text))]
    return min(found, default=None)


def _in_order(piece: bytes, heard: bytes | bytearray) -> bool:
    rest = iter(heard)
    return all(byte in rest for byte in piece)


def silent(what: str) -> BoardFault:
    return BoardFault(
        f"no answer to {what}",
        do="check power, cable, baud rate and that the firmware has its console switched on",
        code=Code.E201,
    )
