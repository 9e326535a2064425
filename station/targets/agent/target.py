# SPDX-License-Identifier: GPL-3.0-or-later
"""Target `agent`: boards that run our agent firmware (firmware_templates/agent/PROTOCOL.md).

A session speaks to one board. Once it has seen a uid, every step that sends or believes something checks that the same
board, holding the same, is still there. Damage costs a repeat; what stays unknown is raised, never guessed.

    [agent]
    baud = 115200
    answer_s = 1.5     # wait for an answer
    flash_s = 10.0     # … to COMMIT
    restart_s = 10.0   # … after RESET, until the board answers again
    attempts = 4       # how often a line is sent before it counts as unanswered
    lock = false       # after the last proof: LOCK, so that nothing can be written any more by this line, ever. For
                       # boards whose serial line can be reached later. Rework: its flash is erased with a programmer
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from station.codes import Code
from station.errors import AnotherBoard, BoardFault, ConfigError, PortFault
from station.model import BoardInfo, Digest, Holding, Identity, Method, Port, ReadBack, Secret, Verdict
from station.profiles.profile import Profile
from station.targets.agent.answers import AgentId, parse_id
from station.targets.agent.line import Reply, encoded
from station.targets.agent.locking import lock_for_good
from station.targets.agent.refusals import changed, refusal
from station.targets.agent.talk import LinePatience, Talk
from station.targets.base import Progress
from station.targets.ports import Deadline, open_port

_FIELDS: Final = ("PK", "DN", "DS", "PS")
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
        faults = [f"“{key}” is not a key of [agent]" for key in options if key not in (*_OPTIONS, "lock")]
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
        self._talk = self._connect()
        self._board: AgentId | None = None

    def identify(self) -> BoardInfo:
        self._board = self._ask_id()
        return self._board.info()

    def require_room(self, identity: Identity) -> None:
        board = self._board or self._ask_id()
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

    def board_key(self, kept: Secret | None) -> Secret | None:  # noqa: ARG002 - firmware stores as it sees fit
        return None

    def write(self, identity: Identity, progress: Progress) -> None:
        digest = identity.digest()
        board = self._board = self._board or self._ask_id()
        for rounds_left in reversed(range(_TRANSACTIONS)):
            if board.digest == digest:
                break
            verb, error = self._transfer(identity, digest, progress)
            if not error:
                break
            board = self._same_board()
            if board.digest not in (self._board.digest, digest):
                raise changed("now holds something else than when it was looked at")
            if not rounds_left or error not in _BEGIN_AGAIN:
                raise refusal(verb, error)
        progress(1.0)

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:
        progress(0.0)
        board = self._board = self._same_board()
        if board.digest is None:
            torn = board.holding is Holding.TORN
            verdict = Verdict.TORN if torn and identity is None else Verdict.BLANK
            detail = "an interrupted write" if torn else ""
            return ReadBack(verdict=verdict, digest=None, method=Method.PROOF, detail=detail)
        if identity is None:
            return ReadBack(
                verdict=Verdict.UNVERIFIABLE,
                digest=board.digest,
                method=Method.SHA256,
                detail="nothing to compare with",
            )
        if board.digest != identity.digest():
            detail = "the digest" if board.name == identity.name else "productKey or deviceName"
            return ReadBack(verdict=Verdict.DIFFERS, digest=board.digest, method=Method.PROOF, detail=detail)
        return self._proved(identity, board, progress)

    def restart(self) -> None:
        """Also for boards whose USB port vanishes with the reset and comes back under the same name.

        An open transaction, without any field in it, is the mark: it lives in RAM, so once it is gone the board has
        restarted, whatever became of the answer to RESET. A locked board opens none; there the answer must do.
        """
        mark = secrets.token_hex(8)
        marked = not self._talk.ask(*_begin(mark, 0, self._same_board().digest)).error
        deadline = Deadline(self._patience.restart_s)
        told = self._tell_reset(deadline)
        while (board := self._poll(deadline)).open_transaction == mark or not (marked or told):
            if deadline.expired:
                raise BoardFault(
                    f"board {board.uid} does not restart when it is told to",
                    means="what it holds is not proved to survive",
                    do="switch it off and on and put it back in any slot",
                    code=Code.E201,
                )
            time.sleep(_REOPEN_S)
            told = self._tell_reset(deadline)

    def lock(self, digest: Digest) -> None:
        if self._locks:
            lock_for_good(self._talk, self._same_board, digest, tries=self._patience.flash_tries)

    def close(self) -> None:
        self._talk.close()

    def _transfer(self, identity: Identity, digest: Digest, progress: Progress) -> tuple[str, str]:
        """One transaction: the verb that was refused and the ERR word, two empty texts when the board has it all.

        The board that has this transaction says its uid before the first field leaves, and again before COMMIT: a board
        plugged in meanwhile may have a transaction of its own still open, and would take fields into that one.
        """
        txid, puts = secrets.token_hex(8), list(_puts(identity))
        steps = len(puts) + 2
        progress(0.0)
        assert self._board
        error = self._talk.ask(*_begin(txid, len(identity.channels), self._board.digest)).error
        if error:
            return "BEGIN", error
        if self._same_board().open_transaction != txid:
            return "BEGIN", "STATE"
        for done, line in enumerate(puts, start=1):
            progress(done / steps)
            error = self._talk.ask(*line).error
            if error:
                return "PUT", error
        if self._same_board().open_transaction != txid:
            return "PUT", "STATE"
        progress(1 - 1 / steps)
        return "COMMIT", self._commit(digest)

    def _commit(self, digest: Digest) -> str:
        """The ERR word, empty when the board holds `digest`.

        COMMIT is repeated each `answer_s`, for `flash_s` in all: a lost answer then costs a second instead of ten. A
        board still busy with its flash answers the repeat later, or calls it damaged, which is repeated too.
        """
        try:
            answer = self._talk.ask("COMMIT", digest, attempts=self._patience.flash_tries)
        except BoardFault:
            if self._same_board().digest != digest:
                raise
            return ""
        if not answer.error and answer.values.get("digest") != digest:
            raise BoardFault(
                "the board stored something else than it was sent",
                means="its flash or its firmware is not right",
                do="red bin",
                code=Code.E204,
            )
        return answer.error

    def _proved(self, identity: Identity, board: AgentId, progress: Progress) -> ReadBack:
        """Each secret is proved with a fresh nonce; a board that only knows the digest cannot do that."""
        for channel, certificate in enumerate(identity):
            nonce = secrets.token_bytes(16)
            answer = self._talk.ask("PROVE", nonce.hex(), str(channel))
            if answer.error:
                raise refusal("PROVE", answer.error)
            proof = answer.values.get("proof", "")
            right = hmac.new(
                certificate.proof_key.reveal().encode(), nonce + board.uid_as_sent.encode(), hashlib.sha256
            )
            if not hmac.compare_digest(proof.encode(), right.hexdigest().encode()):
                return ReadBack(
                    verdict=Verdict.DIFFERS,
                    digest=None,
                    method=Method.PROOF,
                    detail=f"the secret of channel {channel}",
                )
            progress((channel + 1) / (len(identity.channels) + 1))
        return ReadBack(verdict=Verdict.EQUAL, digest=board.digest, method=Method.PROOF)

    def _connect(self) -> Talk:
        port = open_port(self._port, baud=self._baud)
        try:
            return Talk(port, self._patience)
        except BaseException:
            port.close()
            raise

    def _ask_id(self) -> AgentId:
        return _id(self._talk.ask("ID"))

    def _same_board(self) -> AgentId:
        """What the board says now. BoardFault E209 when it is not the one this session has looked at."""
        board = self._ask_id()
        if self._board and board.uid != self._board.uid:
            raise AnotherBoard(
                board.uid,
                f"the board changed during the attempt: it was {self._board.uid}, is {board.uid}",
                unsent=True,
                means="the identity stays married to the board it was reserved for",
                do="put that board back in any slot",
            )
        return board

    def _tell_reset(self, deadline: Deadline) -> bool:
        """True when the board has taken the command: it said OK, or its port went away with it."""
        try:
            return not self._talk.ask("RESET", attempts=1).error
        except BoardFault:
            return False
        except PortFault:
            self._reconnect(deadline)
            return True

    def _poll(self, deadline: Deadline) -> AgentId:
        """ID until the board answers; at the deadline, the reason why it does not."""
        while True:
            try:
                return _id(self._talk.ask("ID", wait_s=_POLL_S, attempts=1))
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


def _id(answer: Reply) -> AgentId:
    if answer.error:
        raise refusal("ID", answer.error)
    return parse_id(answer.values)


def _begin(txid: str, channels: int, replaces: Digest | None) -> tuple[str, ...]:
    return ("BEGIN", txid, str(channels), *(("REPLACE", replaces) if replaces else ()))


def _puts(identity: Identity) -> Iterator[tuple[str, ...]]:
    for channel, certificate in enumerate(identity):
        for name, value in zip(_FIELDS, certificate.board_fields(), strict=True):
            if value:
                yield "PUT", str(channel), name, encoded(value)


def _no_room(what: str, room: str) -> BoardFault:
    return BoardFault(
        f"the identity does not fit: {what}, the board takes {room}",
        means="nothing was written",
        do="use a board type that has room for it",
        code=Code.E205,
    )
