# SPDX-License-Identifier: GPL-3.0-or-later
"""A line client in the place of a board's wire: what is written goes into an answer, what is read back comes with a
later request. `flow` sees a `Session` like any other.

Nothing of a client's board is seen by us: its uid and what it holds are the client's word. So the strength of a proof
is how the client can know: it hashed what it read back (`sha256`), it has a checksum of it (`partial`), or it only says
so (`reported`); `[serve] accept` says which is enough.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from station.codes import Code
from station.distribution.answer import crc32_of
from station.distribution.request import Action, LineRequest
from station.errors import BoardFault, StationError
from station.model import BoardInfo, BoardUid, Holding, Identity, Method, Port, ReadBack, Verdict
from station.profiles.profile import Profile
from station.targets.base import Progress, Session


class Enough(StrEnum):
    """The weakest proof that counts."""

    DIGEST = "digest"
    PARTIAL = "partial"
    REPORTED = "reported"


_COUNTS = {
    Method.SHA256: frozenset(Enough),
    Method.PARTIAL: frozenset({Enough.PARTIAL, Enough.REPORTED}),
    Method.REPORTED: frozenset({Enough.REPORTED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """The target that opens one session, which is there already."""

    session: Session

    def check_options(self, options: object) -> None:
        """There are none."""

    def open(self, port: Port, profile: Profile, *, label: str | None = None) -> Session:  # noqa: ARG002 - see above
        return self.session


class _ClientSession(Session):
    instruction = identify_instruction = ""
    names_the_board = True  # a client is asked for one board, by its uid

    def __init__(self, uid: BoardUid, accept: Enough) -> None:
        self._uid, self._accept = uid, accept

    def identify(self) -> BoardInfo:
        return BoardInfo(uid=self._uid, chip="", holding=Holding.UNREADABLE)

    def require_room(self, identity: Identity) -> None:
        """The client knows its board's."""

    def restart(self) -> None:
        """The client's to do before it reads back."""

    def compared(self, request: LineRequest, identity: Identity) -> ReadBack:
        """BoardFault for a report that leaves it in doubt: E203 where the client says that it failed, E211 where
        nothing proves that it did not."""
        if request.action is Action.FAILED:
            raise _failed()
        method, is_equal = _proof(request, identity)
        if not is_equal:
            detail = "what the client read back has another checksum"
            return ReadBack(verdict=Verdict.DIFFERS, digest=request.sha256, method=method, detail=detail)
        if self._accept not in _COUNTS[method]:
            raise _unproved(method)
        return ReadBack(verdict=Verdict.EQUAL, digest=identity.digest(), method=method)


def _proof(request: LineRequest, identity: Identity) -> tuple[Method, bool]:
    """The strongest that the report has, and whether all it says is right."""
    crc_fits = request.crc32 in ("", crc32_of(identity))
    if request.sha256 is not None:
        return Method.SHA256, crc_fits and request.sha256 == identity.digest()
    return (Method.PARTIAL if request.crc32 else Method.REPORTED), crc_fits


@dataclass(slots=True)
class _Mail:
    """One thing that one thread waits for and any other brings; the first one counts."""

    _what: LineRequest | StationError | None = None
    _came: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def has_come(self) -> bool:
        return self._came.is_set()

    def put(self, what: LineRequest | StationError) -> bool:
        """Whether it is the first."""
        with self._guard:
            if self._what is not None:
                return False
            self._what = what
            self._came.set()
            return True

    def get(self) -> LineRequest:
        self._came.wait()
        if isinstance(self._what, StationError):
            raise self._what
        assert self._what is not None
        return self._what


class Handing(_ClientSession):
    """Of a board that is allocated for. `handed`, set before the visit, is called with what goes to the client once it
    is married; the flow waits in `read_back` until `report` or `give_up` is called, by any thread."""

    def __init__(self, uid: BoardUid, accept: Enough) -> None:
        super().__init__(uid, accept)
        self.handed: Callable[[Identity], None] = lambda _identity: None
        self._mail = _Mail()
        self._written = False

    def write(self, identity: Identity, progress: Progress) -> None:
        progress(0.0)
        self._written = True
        self.handed(identity)

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:
        """Before the client has it, nothing is known of what its board holds."""
        if identity is None or not self._written:
            return _nothing_known()
        progress(0.0)
        return self.compared(self._mail.get(), identity)

    @property
    def is_decided(self) -> bool:
        """Its visit comes to an end."""
        return self._mail.has_come

    def report(self, request: LineRequest) -> bool:
        """False where its visit comes to an end without it."""
        return self._mail.put(request)

    def give_up(self, why: StationError) -> None:
        self._mail.put(why)


class Reporting(_ClientSession):
    """Of a board of which a client reports although nobody waits for it: the station was started anew, or the time for
    it was over. Nothing is written."""

    def __init__(self, request: LineRequest, accept: Enough) -> None:
        super().__init__(request.uid, accept)
        self._request = request

    def write(self, identity: Identity, progress: Progress) -> None:  # noqa: ARG002 - it goes nowhere
        raise _unproved(Method.REPORTED)

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:  # noqa: ARG002 - it takes no time
        if identity is not None:
            found = self.compared(self._request, identity)
            if found.verdict is not Verdict.EQUAL:  # otherwise the flow would write it again
                raise _differs(found.detail)
            return found
        if self._request.action is Action.FAILED:
            return ReadBack(verdict=Verdict.BLANK, digest=None, method=Method.REPORTED)
        if self._request.sha256 is None:
            return _nothing_known()
        return ReadBack(verdict=Verdict.EQUAL, digest=self._request.sha256, method=Method.SHA256)


def _nothing_known() -> ReadBack:
    return ReadBack(verdict=Verdict.UNVERIFIABLE, digest=None, method=Method.REPORTED)


_MARRIED = "its identity stays married to it"


def _failed() -> BoardFault:
    do = "red bin, or allocate for it again: it gets the same identity"
    return BoardFault("the client says that burning failed", means=_MARRIED, do=do, code=Code.E203)


def _differs(detail: str) -> BoardFault:
    do = "red bin, or allocate for it again: it gets the same identity"
    return BoardFault(f"the board does not hold what was handed over: {detail}", means=_MARRIED, do=do, code=Code.E204)


def _unproved(method: Method) -> BoardFault:
    said = "the CRC32 of what it read back" if method is Method.PARTIAL else "nothing that proves it"
    return BoardFault(
        f"the client says that it is burned, and {said}",
        means=f"it is not called done; {_MARRIED}",
        do="have the client send SHA256 of what it read back; [serve] accept says what is enough",
        code=Code.E211,
    )
