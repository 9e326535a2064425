# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 2 of the protocol (PROTOCOL.md §6): each step names its board, so that no question in between is needed.

OPEN is for a uid; SET is for what OPEN opened, which no other board has; KEEP, SHOW and SEAL carry a token that is of
this identity and this uid; BOOT is for a uid. Any other board refuses each of them and keeps no byte.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import replace

from station.errors import BoardFault
from station.model import Digest, Holding, Identity, Method, ReadBack, Verdict
from station.targets.agent import locking
from station.targets.agent.answers import AgentId
from station.targets.agent.asking import first_id, same_board
from station.targets.agent.packing import set_lines
from station.targets.agent.proofs import NOBODYS_KEY, new_nonce, proof, token, unveiled
from station.targets.agent.refusals import refusal
from station.targets.agent.talk import LinePatience, Talk
from station.targets.agent.version import Transferred
from station.targets.base import Progress

_WRONG = "wrong"  # no ERR word: a proof that is of something else


class SecondVersion:
    """With the board that was looked at. See `Version`."""

    def __init__(self, talk: Talk, board: AgentId, patience: LinePatience) -> None:
        self._talk = talk
        self._board = board
        self._uid = board.uid_as_sent
        self._patience = patience

    def holds(self, board: AgentId, identity: Identity) -> bool:
        """Asked only where the names are the same: whoever asks shows that he knows the identity."""
        if board.digest is not None:
            return board.digest == identity.digest()
        return board.name == identity.name and self._shows(identity, identity.digest()) == ""

    def is_changed(self, now: AgentId, identity: Identity) -> bool:
        """By the record's number, which is 0 without one: what a cut first write left behind is no record."""
        return now.seq != self._board.seq and not self.holds(now, identity)

    def transfer(self, identity: Identity, key: str, progress: Progress) -> Transferred:
        self._talk.guard()
        txid = secrets.token_hex(6)
        progress(0.0)
        error = self._open(txid, len(identity.channels), key)
        if error:
            return Transferred("OPEN", error, self._board)
        lines = list(set_lines(identity, txid))
        for done, answer in enumerate(self._talk.ask_all(lines, window=self._board.window), start=1):
            progress(done / (len(lines) + 2))
            if answer.error:
                return Transferred("SET", answer.error, self._board)
        progress(1 - 1 / (len(lines) + 2))
        digest = identity.digest()
        error, seq = self._keep(txid, identity, digest)
        if error:
            return Transferred("KEEP", error, self._board)
        after = replace(
            self._board,
            state="written",
            seq=seq,
            channels=len(identity.channels),
            digest=digest,
            transaction=txid,
            name=identity.name,
        )
        return Transferred("KEEP", "", after)

    def read_back(self, identity: Identity, progress: Progress) -> tuple[ReadBack, AgentId]:
        """One answer proves every byte; a board that only knows the digest cannot give it."""
        progress(0.0)
        expected = identity.digest()
        error = self._shows(identity, expected)
        if not error:
            board = replace(self._board, digest=expected, name=identity.name)
            return ReadBack(verdict=Verdict.EQUAL, digest=expected, method=Method.PROOF), board
        board = same_board(self._talk, self._board)
        if board.holding is not Holding.IDENTITY:
            detail = "an interrupted write" if board.holding is Holding.TORN else ""
            return ReadBack(verdict=Verdict.BLANK, digest=None, method=Method.PROOF, detail=detail), board
        if error not in ("PROOF", _WRONG):
            raise refusal("SHOW", error)
        detail = "a secret" if board.name == identity.name else "productKey or deviceName"
        digest = None if error == _WRONG or board.digest == expected else board.digest
        return ReadBack(verdict=Verdict.DIFFERS, digest=digest, method=Method.PROOF, detail=detail), board

    def digest(self, board: AgentId, key: str) -> Digest | None:
        """By the key that came with what it holds. A station that has none is told by version 1, where it is spoken.

        The answer to SAME is nonsense from another board, and no answer is nothing: so it is asked who is there now.
        """
        nonce = new_nonce()
        answer = self._talk.ask("SAME", nonce) if key else None
        if answer and not answer.error:
            veiled = answer.values.get("digest", "")
            if not re.fullmatch(r"[0-9a-f]{64}", veiled):
                raise refusal("SAME", "")
            same_board(self._talk, board)
            return unveiled(veiled, key, nonce, self._uid)
        first = first_id(self._talk, board)
        if first:
            return first.digest
        same_board(self._talk, board)
        if answer:
            raise refusal("SAME", answer.error)
        return board.digest

    def mark(self) -> str:
        """What its RAM holds already, or a transaction without any field."""
        if self._board.transaction:
            return self._board.transaction
        mark = secrets.token_hex(6)
        return "" if self._open(mark, 0, NOBODYS_KEY) else mark

    def reset_words(self) -> tuple[str, ...]:
        return "BOOT", self._uid

    def lock(self, digest: Digest) -> None:
        locking.lock_second(self._talk, self._board, digest, tries=self._patience.flash_tries)

    def _open(self, txid: str, channels: int, key: str) -> str:
        seq = (str(self._board.seq),) if self._board.holding is Holding.IDENTITY else ()
        return self._talk.ask("OPEN", self._uid, txid, str(channels), key, *seq).error

    def _keep(self, txid: str, identity: Identity, digest: Digest) -> tuple[str, int]:
        """The ERR word and the record's number. Repeated each `answer_s`, as COMMIT of version 1 is.

        A board that answered none of them is asked what it holds; where it has the identity, the answers were lost.
        """
        right = token(digest, "KEEP", txid, self._uid)
        try:
            answer = self._talk.ask("KEEP", txid, right, attempts=self._patience.flash_tries)
        except BoardFault:
            if self._shows(identity, digest):
                raise
            return "", same_board(self._talk, self._board).seq
        seq = answer.values.get("seq", "")
        if not answer.error and not re.fullmatch(r"[1-9][0-9]{0,9}", seq):
            raise refusal("KEEP", "")
        return answer.error, int(seq or 0)

    def _shows(self, identity: Identity, digest: Digest) -> str:
        """Empty when the board proves that it holds `identity`; the ERR word, or _WRONG for a wrong proof."""
        nonce = new_nonce()
        answer = self._talk.ask("SHOW", nonce, token(digest, "SHOW", nonce, self._uid))
        right = proof(identity, digest, nonce, self._uid)
        if answer.error or hmac.compare_digest(answer.values.get("proof", "").encode(), right.encode()):
            return answer.error
        return _WRONG
