# SPDX-License-Identifier: GPL-3.0-or-later
"""Target `console`: boards that already speak something of their own (a CLI, AT commands), described in a profile.

None of these consoles has a checksum, a lock or an atomic write. So: whatever would break the syntax is refused before
anything is reserved, every reading is believed only when it is what it should be or came twice, and only a readback
after a restart proves that the board keeps what it was given. `console_spec` explains the profile's table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from station.codes import Code
from station.errors import AnotherBoard, BoardFault, ConfigError, NeedsPerson
from station.label import NotALabel, board_on
from station.model import BoardInfo, BoardUid, CertName, Digest, Holding, Identity, Port, ReadBack, Secret, Verdict
from station.patterns import Pattern
from station.profiles.profile import IdentityMode, Profile
from station.secrets.files import read_secret_file
from station.targets.base import Progress
from station.targets.console import template
from station.targets.console.line import ConsoleLine, NotNow
from station.targets.console.reading import WAKE_S, Held, as_identity, expected, name_in, settled
from station.targets.console.restart import restart
from station.targets.console.spec import Ask, ConsoleSpec, Field, Form, Write
from station.targets.console.table import parse_console
from station.targets.console.text import garbled, value_in
from station.targets.ports import open_port

_TRIES: Final = 3
"""For a line that noise damaged, on this same board; writing the same value again changes nothing."""

_T = TypeVar("_T")


class _Shown(Exception):
    """The board shows all of what a line was to give it, so the line is not said again."""


class ConsoleTarget:
    """Any board whose console a profile describes."""

    def check_options(self, options: Mapping[str, object]) -> None:
        parse_console(options)

    def open(self, port: Port, profile: Profile, *, label: str | None = None) -> ConsoleSession:
        spec = parse_console(profile.options)
        faults = profile_faults(profile, spec)
        if faults:
            raise ConfigError("; ".join(faults), do=f"correct profile {profile.name}", code=Code.E112)
        uid = _label_uid(label, profile.label) if spec.uid.label else None
        session = ConsoleSession(port, spec, ConsoleLine(open_port(port, baud=spec.baud), spec), uid)
        try:
            session.wake()
        except BaseException:
            session.close()
            raise
        return session


def profile_faults(profile: Profile, spec: ConsoleSpec) -> list[str]:
    """Where the common keys of a profile and its [console] table contradict each other."""
    faults = []
    if spec.uid.label and not profile.scan_label:
        faults.append("these boards have no uid of their own (console.uid.label), so scan_label must be true")
    for secret, stored, key in (
        (Field.DEVICE_SECRET, profile.stores_device_secret, "secret"),
        (Field.PRODUCT_SECRET, profile.product_secret, "product_secret"),
    ):
        if spec.writes(secret) is not stored:
            does = "does not send" if stored else "sends"
            faults.append(f"console.write {does} {secret}, {key} says otherwise")
    if profile.prove_after_reset and spec.restart is None:
        faults.append("prove_after_reset needs [console.restart]")
    if profile.identity is IdentityMode.NVR_SET:
        faults.append("a console holds one certificate, so identity cannot be “nvr-set”")
    return faults


class ConsoleSession:
    """See `base.Session`."""

    names_the_board = False

    def __init__(self, port: Port, spec: ConsoleSpec, line: ConsoleLine, label: BoardUid | None) -> None:
        self._port = port
        self._spec = spec
        self._line = line
        self._label = label
        self._uid_before: BoardUid | None = None  # of the board that was identified
        self._logins_left = 0  # after a restart of its own
        self._may_hold = False  # a secret of the identity may be on a board that was at this port
        self.instruction = "switch the board off and on" if spec.restart and spec.restart.operator else ""
        self.identify_instruction = "" if label or spec.uid.ask else self.instruction

    def wake(self) -> None:
        """Find the console and bring it into the state the profile wants. BoardFault E201 when nobody answers.

        A board that was just plugged in is still starting, so it gets the time that a restart would get.
        """
        how = self._spec.restart
        self._logins_left = 0
        self._line.wake(max(WAKE_S, how.boot_s) if how else WAKE_S)
        for setup in self._spec.setup:
            if setup.ready is None:
                self._insist(partial(self._set_up, setup))
            else:
                self._line.patiently(partial(self._log_in, setup, setup.ready))
        self._logins_left = 1

    def identify(self) -> BoardInfo:
        uid = self._uid_before = self._uid()
        held = settled(self._line, self._spec, self._wake_again)
        shown = list(held.values())
        holding = Holding.TORN if any(shown) else Holding.BLANK
        holding = Holding.IDENTITY if all(shown) else holding
        name, identity = name_in(held), as_identity(held)
        return BoardInfo(
            uid=uid,
            chip="console",
            holding=holding,
            names=(name,) if name else (),
            digest=identity.digest() if identity else None,
            by_label=self._spec.uid.label,
        )

    def require_room(self, identity: Identity) -> None:
        template.require_room(self._spec, identity)

    def board_key(self, kept: Secret | None) -> Secret | None:  # noqa: ARG002 - firmware stores as it sees fit
        return None

    def write(self, identity: Identity, progress: Progress) -> None:
        """The uid is asked before the first step, before each one that carries a secret, and before each repetition: a
        board that was put to the adapter meanwhile takes any line it is given.
        """
        values = template.values_of(identity.primary)
        for number, step in enumerate(self._spec.write):
            progress(number / len(self._spec.write))
            if number == 0 or template.carries_secret(step):
                self._require_same_board(unsent=number == 0)
            with suppress(_Shown):
                self._insist(partial(self._write, step, values), partial(self._may_repeat, identity))
        progress(1.0)

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:
        progress(0.0)
        hoped = None if identity is None else expected(self._spec, identity)
        held = settled(self._line, self._spec, self._wake_again, hoped)
        if identity is not None and _may_be_of(held, identity.name):
            self._may_hold = True
        progress(1.0)
        return self._compared(held, hoped, identity)

    def restart(self) -> None:
        self._line, _ = restart(self._line, self._spec, self._port)
        self.wake()

    def lock(self, digest: Digest) -> None:
        """Boards of this kind have no lock."""

    def close(self) -> None:
        self._line.close()

    def _compared(self, held: Held, hoped: Held | None, identity: Identity | None) -> ReadBack:
        method = self._spec.method
        found = as_identity(held)
        digest = found.digest() if found else None
        if identity is not None and held == hoped:
            return ReadBack(verdict=Verdict.EQUAL, digest=identity.digest(), method=method)
        if not any(held.values()):
            return ReadBack(verdict=Verdict.BLANK, digest=None, method=method)
        if hoped is None:
            return ReadBack(
                verdict=Verdict.UNVERIFIABLE, digest=digest, method=method, detail="nothing to compare with"
            )
        different = ", ".join(name for name in hoped if held[name] != hoped[name])
        return ReadBack(verdict=Verdict.DIFFERS, digest=digest, method=method, detail=different)

    def _uid(self) -> BoardUid:
        if self._label is not None:
            return self._label
        text = self._insist(self._asked_uid if self._spec.uid.ask else self._printed_uid)
        try:
            return BoardUid.parse(text or "")
        except ValueError as error:
            raise garbled(f"it reports no usable uid: {error}") from error

    def _require_same_board(self, *, unsent: bool) -> None:
        """AnotherBoard when another one answers. Where only a start or a label tells the uid, nobody can be asked."""
        ask = self._spec.uid.ask
        if ask is None or self._uid_before is None:
            return
        with suppress(BoardFault, ValueError):  # once is enough where it is the known one: chance does not make that
            if BoardUid.parse(self._uid_in(ask) or "") == self._uid_before:
                return
        uid = self._uid()
        if uid != self._uid_before:
            raise AnotherBoard(
                uid,
                f"another board is at this port: {self._uid_before} was identified, {uid} answers",
                unsent=unsent,
                means="nothing more was sent; the identity stays married to the board that was identified",
                do="keep both boards apart and call the supervisor",
            )

    def _asked_uid(self) -> str | None:
        """Twice the same, since a log line may fall into it and a board is married under this name for life."""
        ask = self._spec.uid.ask
        assert ask is not None
        first, second = (self._uid_in(ask) for _ in range(2))
        if first != second:
            raise garbled("it reports another uid each time")
        return first

    def _uid_in(self, ask: Ask) -> str | None:
        return value_in(ask.success, self._ask(ask), Form.TEXT, self._spec.uid.joined)

    def _printed_uid(self) -> str | None:
        marker = self._spec.uid.marker
        assert marker is not None
        self._line, text = restart(self._line, self._spec, self._port, until=marker)
        self.wake()
        return value_in(marker, text, Form.TEXT)

    def _ask(self, ask: Ask) -> str:
        self._line.say(ask.line)
        what, timeout_s = f"“{ask.line}”", self._spec.timeout_s
        found, _ = self._line.hear([ask.success], timeout_s, what, whole=True, check=ask.check)
        return self._line.hear_out(found, timeout_s, ask.check)

    def _set_up(self, setup: Ask) -> None:
        self._line.say(setup.line)
        self._line.hear_out_dialog(setup, self._spec.timeout_s, f"“{setup.line}”", str)

    def _log_in(self, setup: Ask, ready: Pattern) -> None:
        """Once: after a few wrong passwords such boards are deaf for a while, and a probe would be one of them."""
        password = read_secret_file(Path(setup.password_file).expanduser())
        self._line.hide(password)
        what = f"“{setup.line}”"
        self._line.say(setup.line)
        self._line.hear([ready], self._spec.timeout_s, what)
        with self._line.guarded():
            self._line.say_password(password)
            self._line.hear_out_dialog(setup, self._spec.timeout_s, what, str)

    def _write(self, step: Write, values: Mapping[Field, str]) -> None:
        """A board that refused the line keeps nothing of it; whatever else it says, or does not say, it may."""
        before, self._may_hold = self._may_hold, self._may_hold or template.carries_secret(step)
        try:
            self._say_step(step, values)
        except BoardFault as fault:
            if fault.code == Code.E203:
                self._may_hold = before
            raise

    def _say_step(self, step: Write, values: Mapping[Field, str]) -> None:
        what = f"“{step.line}”"
        self._line.say(template.render(step.line, values))
        if step.ready is not None:
            self._line.hear([step.ready], self._spec.timeout_s, what)
            self._line.give(template.render(step.data, values))
        self._line.hear_out_dialog(step, self._spec.timeout_s, what, lambda line: template.render(line, values))

    def _may_repeat(self, identity: Identity, fault: BoardFault) -> None:
        """A line may be sent again to the board that took it, or refused it: not to one that took its place. Where the
        uid cannot be asked, the board must show a part of what was sent: the one that refuses the rest of a line need
        not be the one that has it from the line before. A refusal is enough only while no board can have anything.
        """
        if self._spec.uid.ask is not None:
            self._require_same_board(unsent=False)
        elif self._may_hold or fault.code != Code.E203:
            held = settled(self._line, self._spec, self._wake_again)
            if not _may_be_of(held, identity.name):
                raise fault
            shown = as_identity(held)
            if shown is not None and shown.digest() == identity.digest():
                raise _Shown

    def _wake_again(self) -> None:
        """After a fault. A board that has restarted by itself forgot its login, which is given once more and no more:
        one that takes it for a wrong one is deaf for a while."""
        self._line.wake(WAKE_S)
        logins = [(setup, setup.ready) for setup in self._spec.setup if setup.ready is not None]
        if not (logins and self._logins_left):
            return
        self._logins_left -= 1
        for setup, ready in logins:
            with suppress(BoardFault):
                self._line.patiently(partial(self._log_in, setup, ready))

    def _insist(self, action: Callable[[], _T], before_again: Callable[[BoardFault], None] = lambda _fault: None) -> _T:
        """Again after a damaged line; the last fault is the one that is told."""
        for _ in range(_TRIES - 1):
            try:
                return self._line.patiently(action, before_again)
            except NotNow:
                raise
            except BoardFault as fault:
                self._wake_again()
                before_again(fault)
        return self._line.patiently(action, before_again)


def _may_be_of(held: Held, name: CertName) -> bool:
    """It shows something, and no other name."""
    return any(held.values()) and name_in(held) in (None, name)


def _label_uid(label: str | None, taken_by: str) -> BoardUid:
    """These boards have no uid, so the label's is theirs."""
    if label is None:
        raise NeedsPerson("this board has no uid of its own", do="scan the board's label", code=Code.E600)
    try:
        return board_on(label, taken_by)
    except NotALabel as error:
        raise NeedsPerson(f"the scanned label is no board uid: {error}", do="scan the board's own label") from error
