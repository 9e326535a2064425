# SPDX-License-Identifier: GPL-3.0-or-later
"""Question and answer with an agent board: tags, deadlines, repeats. Knows lines, not what they mean.

Every command of the protocol may be repeated, so a damaged line or a silence costs a repeat with a new tag; an answer
under an old tag is dropped. When the repeats are used up it says so and guesses nothing. Where one question is answered
under two uids, two boards hear what is said here: from then on each question ends so.
"""

from __future__ import annotations

import itertools
import math
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from station.codes import Code
from station.errors import BoardFault
from station.targets.agent.line import UNTRUSTED_TAG, Damaged, Reply, ReplyReader, command
from station.targets.agent.refusals import two_boards
from station.targets.ports import Deadline, OpenPort

_TAGS = 36**4
_BITS = 10
"""Of a byte on the line: 8N1."""
_WORDS = (
    "OK ERR ARGS CRC DIGEST EMPTY FLASH LENGTH LINE LOCKED MISSING OTHER PROOF RANGE ROOM SECRET STATE TRIES VERB "
    "WRITTEN proto board fw uid state seq subs maxsubs maxpk maxdn maxds maxps digest tx ram reset window pk dn proof "
    "blank written locked torn power soft"
)
"""Of answers (PROTOCOL.md): none is of an identity."""
GRACE_S = 0.1
"""After a damaged line the answer may still follow, when the damage was noise; longer would only slow the repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePatience:
    """How long to wait for an answer, and how often to ask."""

    answer_s: float = 1.5
    flash_s: float = 10.0  # COMMIT, LOCK
    restart_s: float = 10.0
    attempts: int = 4

    @property
    def flash_tries(self) -> int:
        """How often a command that waits for the flash is sent, `answer_s` apart."""
        return max(self.attempts, math.ceil(self.flash_s / self.answer_s))


class Talk:
    """One open port with an agent at its end. `uid`: of the board that is known to be there, as it says it."""

    def __init__(self, port: OpenPort, patience: LinePatience, *, baud: int, uid: str = "") -> None:
        self._port = port
        self._patience = patience
        self._baud = baud
        self._reader = ReplyReader()
        self._uid = uid
        self._uids: dict[str, str] = {}  # tag → who answered first
        self._two: BoardFault | None = None
        self._tags = itertools.count(secrets.randbelow(_TAGS))
        self.resynchronise()

    def resynchronise(self) -> None:
        """End a half line that somebody left, forget what was said before."""
        self._port.write(b"\n")
        self._port.drop_input()

    def guard(self) -> None:
        """A secret is to be sent, and an adapter may echo it, damaged, so that nobody knows it: see `targets.wire`."""
        self._port.wire.guard(_WORDS)

    def ask(self, *words: str, wait_s: float | None = None, attempts: int | None = None) -> Reply:
        """The board's answer, OK or ERR. BoardFault E201: none came; E208: only damaged ones came; E209: two boards
        answer. PortFault."""
        damage = 0
        for _ in range(attempts or self._patience.attempts):
            answer = self._ask_once(words, wait_s)
            if isinstance(answer, Reply):
                return answer
            damage += answer is not None
        if damage:
            raise BoardFault(
                f"the board's answers to {words[0]} arrive damaged",
                means="the cable, the fixture's contacts or the baud rate are not good",
                do="check the contacts and the baud rate, then try this board again",
                code=Code.E208,
            )
        raise BoardFault(
            f"the board does not answer {words[0]}",
            means="it has no power, no agent firmware, another baud rate, or it hangs",
            do="check power and contacts, then try this board again",
            code=Code.E201,
        )

    def close(self) -> None:
        self._port.close()

    def ask_all(self, lines: Sequence[tuple[str, ...]], *, window: int) -> Iterator[Reply]:
        """The answers in their order; `window` bytes may be on the way at once. What is lost of them is asked alone."""
        for several in _within(lines, window):
            answers = self._ask_at_once(several) if len(several) > 1 else {}
            for number, words in enumerate(several):
                yield answers.get(number) or self.ask(*words)

    def _ask_at_once(self, several: Sequence[tuple[str, ...]]) -> dict[int, Reply]:
        tags = {self._new_tag(): number for number in range(len(several))}
        answers: dict[int, Reply] = {}
        deadline = self._send(b"".join(command(tag, *several[number]) for tag, number in tags.items()))
        while len(answers) < len(several) and not deadline.expired:
            for heard in self._listen(deadline):
                if isinstance(heard, Reply) and heard.tag in tags:
                    answers[tags[heard.tag]] = heard
                elif isinstance(heard, Damaged) or heard.tag == UNTRUSTED_TAG:
                    deadline = _not_longer_than_grace(deadline)
        return answers

    def _ask_once(self, words: tuple[str, ...], wait_s: float | None) -> Reply | Damaged | None:
        tag = self._new_tag()
        deadline = self._send(command(tag, *words), wait_s)
        damage: Damaged | None = None
        while not deadline.expired:
            for heard in self._listen(deadline):
                if isinstance(heard, Reply) and heard.tag == tag:
                    return heard
                if isinstance(heard, Damaged) or heard.tag == UNTRUSTED_TAG:
                    damage = Damaged()
                    deadline = _not_longer_than_grace(deadline)
        return damage

    def _listen(self, deadline: Deadline) -> Sequence[Reply | Damaged]:
        heard = list(self._reader.feed(self._port.read(deadline)))
        for one in heard:
            if isinstance(one, Reply) and (uid := one.values.get("uid")):
                self._tell_apart(one, uid)
        if self._two is not None:
            raise self._two
        return heard

    def _tell_apart(self, answer: Reply, uid: str) -> None:
        self._uid = self._uid or uid
        first = self._uids.setdefault(answer.tag, uid)
        if first != uid and self._two is None:
            other = first if uid == self._uid else uid
            self._two = two_boards(self._uid, other, named=answer.values.get("proto") != "1")

    def _send(self, data: bytes, wait_s: float | None = None) -> Deadline:
        """For the answer. `write` returns before the last byte has left, which on a slow line takes its time."""
        self._port.write(data)
        wait_s = self._patience.answer_s if wait_s is None else wait_s
        return Deadline(wait_s + len(data) * _BITS / self._baud)

    def _new_tag(self) -> str:
        """Another one for each line of this session, and most likely none that a session before has used."""
        number = next(self._tags) % _TAGS
        return "".join("0123456789abcdefghijklmnopqrstuvwxyz"[number // 36**place % 36] for place in (3, 2, 1, 0))


def _not_longer_than_grace(deadline: Deadline) -> Deadline:
    return min(deadline, Deadline(GRACE_S), key=lambda wait: wait.left_s)


def _within(lines: Sequence[tuple[str, ...]], window: int) -> Iterator[Sequence[tuple[str, ...]]]:
    """Runs of lines that are `window` bytes long at most, or one line."""
    start = size = 0
    for number, words in enumerate(lines):
        length = len(command("0000", *words))
        if number > start and size + length > window:
            yield lines[start:number]
            start, size = number, 0
        size += length
    if lines:
        yield lines[start:]
