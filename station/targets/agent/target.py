# SPDX-License-Identifier: GPL-3.0-or-later
"""Target `agent`: boards that run our agent firmware (firmware_templates/agent/PROTOCOL.md).

A session speaks to one board. Once it has seen a uid, every step that sends or believes something checks that the same
board, holding the same, is still there. Damage costs a repeat; what stays unknown is raised, never guessed.

    [agent]
    baud = 115200
    answer_s = 1.5     # wait for an answer, once the line has left
    flash_s = 10.0     # … to COMMIT
    restart_s = 10.0   # … after RESET, until the board answers again
    attempts = 4       # how often a line is sent before it counts as unanswered
    lock = false       # after the last proof: LOCK, so that nothing can be written any more by this line, ever. For
                       # boards whose serial line can be reached later. Rework: its flash is erased with a programmer
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Final

from station.codes import Code
from station.errors import AnotherBoard, BoardFault, ConfigError, PortFault
from station.meant import perhaps
from station.model import BoardInfo, Digest, Holding, Identity, Method, Port, ReadBack, Secret, Verdict
from station.profiles.profile import Profile
from station.targets.agent.answers import AgentId
from station.targets.agent.asking import require_same, same_board, who
from station.targets.agent.first import FirstVersion
from station.targets.agent.proofs import KEY_BYTES
from station.targets.agent.refusals import changed, refusal
from station.targets.agent.second import SecondVersion
from station.targets.agent.talk import LinePatience, Talk
from station.targets.agent.version import Version
from station.targets.base import Progress
from station.targets.ports import Deadline, open_port
from station.targets.wire import wire_of

_FIELD_NAMES: Final = ("productKey", "deviceName", "deviceSecret", "productSecret")
_BAUD: Final = 115200
_TRANSACTIONS: Final = 3
"""A board that restarts in the middle of a transaction gets it again from the start, so often in all."""
_BEGIN_AGAIN: Final = frozenset({"STATE", "MISSING", "DIGEST"})
_POLL_S: Final = 0.3
"""Wait for one answer while a board restarts: it may be deaf for the moment, so asking again beats waiting."""
_REOPEN_S: Final = 0.05


class AgentTarget:
    """Boards with our agent."""

    def check_options(self, options: Mapping[str, object]) -> None:
        known = (*_OPTIONS, "lock")
        faults = [f"“{key}” is not a key of [agent]{perhaps(key, known)}" for key in options if key not in known]
        if not isinstance(options.get("lock", False), bool):
            faults.append("“lock” must be true or false")
        for key, (kind, least, most) in _OPTIONS.items():
            value = options.get(key, kind(least))
            if isinstance(value, bool) or not isinstance(value, int | kind) or not least <= value <= most:
                faults.append(f"“{key}” must be a number from {least} to {most}")
        if faults:
            raise ConfigError("; ".join(faults), do="correct the profile's [agent] table", code=Code.E112)

    def open(self, port: Port, profile: Profile, *, label: str | None = None) -> AgentSession:  # noqa: ARG002 - boards here have a uid
        self.check_options(profile.options)
        patience = {f.name: profile.options[f.name] for f in fields(LinePatience) if f.name in profile.options}
        baud = profile.options.get("baud", _BAUD)
        assert isinstance(baud, int)
        return AgentSession(port, baud, LinePatience(**patience), locks=profile.options.get("lock") is True)  # type: ignore[arg-type]


_OPTIONS: Final[dict[str, tuple[type[int] | type[float], float, float]]] = {
    "baud": (int, 300, 4_000_000),
    "answer_s": (float, 0.05, 60),
    "flash_s": (float, 0.05, 300),
    "restart_s": (float, 0.05, 300),
    "attempts": (int, 1, 100),
}


class AgentSession:
    """See `base.Session`."""

    instruction = identify_instruction = ""
    names_the_board = True

    def __init__(self, port: Port, baud: int, patience: LinePatience, *, locks: bool = False) -> None:
        self._port = port
        self._locks = locks
        self._baud = baud
        self._patience = patience
        self._board: AgentId | None = None
        self._talk = self._connect()
        self._key = ""  # that came with what the board holds, as far as this side knows
        self._next_key = ""

    def identify(self) -> BoardInfo:
        self._board = who(self._talk, self._board)
        return self._board.info()

    def require_room(self, identity: Identity) -> None:
        board = self._looked_at()
        if len(identity.channels) > board.room:
            raise _no_room(f"{len(identity.channels)} channels", f"{board.room}")
        for channel, certificate in enumerate(identity):
            for name, value, limit in zip(_FIELD_NAMES, certificate.board_fields(), board.limits, strict=True):
                if len(value) > limit:
                    raise _no_room(f"a {name} of {len(value)} bytes (channel {channel})", f"{limit} bytes")
                if not value and "Secret" not in name:
                    raise _no_room(f"an empty {name} (channel {channel})", "none")
            if not certificate.proof_key:
                raise _no_room(f"neither deviceSecret nor productSecret (channel {channel})", "one of them")

    def board_key(self, kept: Secret | None) -> Secret | None:
        """What a board of version 2 keeps with its identity, and shows the identity's digest to who has it."""
        if self._looked_at().protocol == 1:
            return None
        self._key = kept.reveal() if kept else self._key
        self._next_key = self._key or self._next_key or secrets.token_hex(KEY_BYTES)
        key = Secret(self._next_key)
        wire_of(self._port.slot).know("board key", [key])
        return key

    def write(self, identity: Identity, progress: Progress) -> None:
        before = self._looked_at()
        version, now = self._version(before), before
        self.board_key(None)
        for rounds_left in reversed(range(_TRANSACTIONS)):
            if version.holds(now, identity):
                break
            done = version.transfer(identity, self._next_key, progress)
            if not done.error:
                self._board, self._key = done.board, self._next_key
                break
            now = self._same_board()
            if version.is_changed(now, identity):
                raise changed("now holds something else than when it was looked at")
            if not rounds_left or done.error not in _BEGIN_AGAIN:
                raise refusal(done.verb, done.error)
        progress(1.0)

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:
        if identity is not None:
            found, self._board = self._version(self._looked_at()).read_back(identity, progress)
            return found
        progress(0.0)
        board = self._board = self._same_board()
        if board.holding is not Holding.IDENTITY:
            torn = board.holding is Holding.TORN
            verdict, detail = (Verdict.TORN, "an interrupted write") if torn else (Verdict.BLANK, "")
            return ReadBack(verdict=verdict, digest=None, method=Method.PROOF, detail=detail)
        digest = self._version(board).digest(board, self._key)
        detail = "nothing to compare with" if digest else "the key it tells the rest by is lost with a former ledger"
        return ReadBack(verdict=Verdict.UNVERIFIABLE, digest=digest, method=Method.SHA256, detail=detail)

    def restart(self) -> None:
        """Also for boards whose USB port vanishes with the reset and comes back under the same name.

        The txid of a transaction is the mark: it lives in RAM, so once it is gone the board has restarted, whatever
        became of the answer to the order. A locked board may take none; there the answer must do.
        """
        version = self._version(self._looked_at())
        mark = version.mark()
        deadline = Deadline(self._patience.restart_s)
        told = self._tell_reset(version, deadline)
        while True:
            board = self._poll(deadline)
            require_same(board, self._looked_at())
            if board.transaction != mark if mark else told:
                break
            if deadline.expired:
                raise BoardFault(
                    f"board {board.uid} does not restart when it is told to",
                    means="what it holds is not proved to survive",
                    do="switch it off and on and put it back in any slot",
                    code=Code.E201,
                )
            time.sleep(_REOPEN_S)
            told = self._tell_reset(version, deadline)
        self._board = replace(self._looked_at(), transaction=board.transaction)

    def lock(self, digest: Digest) -> None:
        if self._locks:
            self._version(self._looked_at()).lock(digest)

    def close(self) -> None:
        self._talk.close()

    def _version(self, board: AgentId) -> Version:
        kind = FirstVersion if board.protocol == 1 else SecondVersion
        return kind(self._talk, board, self._patience)

    def _looked_at(self) -> AgentId:
        self._board = self._board or who(self._talk, None)
        return self._board

    def _same_board(self) -> AgentId:
        return same_board(self._talk, self._board)

    def _connect(self) -> Talk:
        port = open_port(self._port, baud=self._baud)
        try:
            return Talk(port, self._patience, baud=self._baud, uid=self._board.uid_as_sent if self._board else "")
        except BaseException:
            port.close()
            raise

    def _tell_reset(self, version: Version, deadline: Deadline) -> bool:
        """True when the board has taken the command: it said OK, or its port went away with it."""
        try:
            return not self._talk.ask(*version.reset_words(), attempts=1).error
        except BoardFault:
            return False
        except PortFault:
            self._reconnect(deadline)
            return True

    def _poll(self, deadline: Deadline) -> AgentId:
        """Asks until the board answers; at the deadline, the reason why it does not."""
        while True:
            try:
                return who(self._talk, self._board, wait_s=_POLL_S, attempts=1)
            except AnotherBoard:
                raise
            except BoardFault:
                if deadline.expired:
                    raise
            except PortFault:
                self._reconnect(deadline)

    def _reconnect(self, deadline: Deadline) -> None:
        self._talk.close()
        while True:
            time.sleep(_REOPEN_S)
            try:
                self._talk = self._connect()
            except PortFault:
                if deadline.expired:
                    raise
            else:
                return


def _no_room(what: str, room: str) -> BoardFault:
    return BoardFault(
        f"the identity does not fit: {what}, the board takes {room}",
        means="nothing was written",
        do="use a board type that has room for it",
        code=Code.E205,
    )
