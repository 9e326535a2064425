# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 1 of the protocol (PROTOCOL.md §3): a field a line, and ID around each step, so that it is the same board."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator

from station.errors import BoardFault
from station.model import Digest, Holding, Identity, Method, ReadBack, Verdict
from station.targets.agent import locking
from station.targets.agent.answers import AgentId
from station.targets.agent.asking import same_board
from station.targets.agent.line import encoded
from station.targets.agent.refusals import refusal, stored_something_else
from station.targets.agent.talk import LinePatience, Talk
from station.targets.agent.version import Transferred
from station.targets.base import Progress

_FIELDS = ("PK", "DN", "DS", "PS")


class FirstVersion:
    """With the board that was looked at. See `Version`."""

    def __init__(self, talk: Talk, board: AgentId, patience: LinePatience) -> None:
        self._talk = talk
        self._board = board
        self._patience = patience

    def holds(self, board: AgentId, identity: Identity) -> bool:
        return board.digest == identity.digest()

    def is_changed(self, now: AgentId, identity: Identity) -> bool:
        return now.digest not in (self._board.digest, identity.digest())

    def transfer(self, identity: Identity, key: str, progress: Progress) -> Transferred:  # noqa: ARG002 - keeps none
        """The board that has this transaction says its uid before the first field leaves, and again before COMMIT: a
        board plugged in meanwhile may have a transaction of its own still open, and would take fields into that one.
        """
        self._talk.guard()
        txid, puts = secrets.token_hex(8), list(_puts(identity))
        steps = len(puts) + 2
        progress(0.0)
        error = self._talk.ask(*_begin(txid, len(identity.channels), self._board.digest)).error
        if error:
            return Transferred("BEGIN", error, self._board)
        if same_board(self._talk, self._board).transaction != txid:
            return Transferred("BEGIN", "STATE", self._board)
        for done, line in enumerate(puts, start=1):
            progress(done / steps)
            error = self._talk.ask(*line).error
            if error:
                return Transferred("PUT", error, self._board)
        if same_board(self._talk, self._board).transaction != txid:
            return Transferred("PUT", "STATE", self._board)
        progress(1 - 1 / steps)
        return Transferred("COMMIT", self._commit(identity.digest()), self._board)

    def read_back(self, identity: Identity, progress: Progress) -> tuple[ReadBack, AgentId]:
        progress(0.0)
        board = same_board(self._talk, self._board)
        if board.digest is None:
            return ReadBack(verdict=Verdict.BLANK, digest=None, method=Method.PROOF, detail=_detail(board)), board
        if board.digest != identity.digest():
            detail = "the digest" if board.name == identity.name else "productKey or deviceName"
            return ReadBack(verdict=Verdict.DIFFERS, digest=board.digest, method=Method.PROOF, detail=detail), board
        return self._proved(identity, board, progress), board

    def digest(self, board: AgentId, key: str) -> Digest | None:  # noqa: ARG002 - it is told to everybody
        return board.digest

    def mark(self) -> str:
        mark = secrets.token_hex(8)
        board = same_board(self._talk, self._board)
        return "" if self._talk.ask(*_begin(mark, 0, board.digest)).error else mark

    def reset_words(self) -> tuple[str, ...]:
        return ("RESET",)

    def lock(self, digest: Digest) -> None:
        locking.lock_first(self._talk, self._board, digest, tries=self._patience.flash_tries)

    def _commit(self, digest: Digest) -> str:
        """The ERR word, empty when the board holds `digest`.

        COMMIT is repeated each `answer_s`, for `flash_s` in all: a lost answer then costs a second instead of ten. A
        board still busy with its flash answers the repeat later, or calls it damaged, which is repeated too.
        """
        try:
            answer = self._talk.ask("COMMIT", digest, attempts=self._patience.flash_tries)
        except BoardFault:
            if same_board(self._talk, self._board).digest != digest:
                raise
            return ""
        if not answer.error and answer.values.get("digest") != digest:
            raise stored_something_else()
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
                detail = f"the secret of channel {channel}"
                return ReadBack(verdict=Verdict.DIFFERS, digest=None, method=Method.PROOF, detail=detail)
            progress((channel + 1) / (len(identity.channels) + 1))
        return ReadBack(verdict=Verdict.EQUAL, digest=board.digest, method=Method.PROOF)


def _detail(board: AgentId) -> str:
    return "an interrupted write" if board.holding is Holding.TORN else ""


def _begin(txid: str, channels: int, replaces: Digest | None) -> tuple[str, ...]:
    return ("BEGIN", txid, str(channels), *(("REPLACE", replaces) if replaces else ()))


def _puts(identity: Identity) -> Iterator[tuple[str, ...]]:
    for channel, certificate in enumerate(identity):
        for name, value in zip(_FIELDS, certificate.board_fields(), strict=True):
            if value:
                yield "PUT", str(channel), name, encoded(value)
