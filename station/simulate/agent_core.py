# SPDX-License-Identifier: GPL-3.0-or-later
"""What a simulated agent board is, whichever version of the protocol is spoken to it: RAM, flash, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from station.simulate.agent_store import AgentRecord, AgentStore, Fields
from station.simulate.agent_words import LIMITS, ErrWord, OpenTransaction, digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """What is wrong with a board; by default nothing."""

    dead_after: int | None = None  # answers so many lines, then never again
    refuses_flash: bool = False
    flips_stored_byte: bool = False  # stores another deviceSecret than it was given, and says OK to it
    lies_about_digest: bool = False  # reports the digest it was told, whatever it stores
    uid_after_reset: str = ""
    noise: bytes = b""  # said before every answer
    cut_at: int | None = None  # power goes in the middle of the n-th flash operation
    ignores_reset: bool = False  # says OK and goes on
    lock: str = ""  # "ignored": OK, stays open · "claimed": says locked, and is not · an ERR word


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentBuild:
    """`versions` of the protocol that it speaks; (1,) is a firmware of before. `window`: bytes it takes while busy."""

    versions: tuple[int, ...] = (1, 2)
    window: int = 1024
    maxsubs: int = 64


class AgentCore:
    """`uid` and what is in the store are for life."""

    def __init__(self, uid: str, store: Path, faults: Misbehaviour, build: AgentBuild) -> None:
        self.uid = uid
        self.store = store
        self._faults = faults
        self._build = build
        self._flash = AgentStore(store, cut_at=faults.cut_at)
        self._reset_by = "power"
        self._open: OpenTransaction | None = None
        self._last_txid = ""
        self._told_to_restart = False
        self._wrong_tokens = 0
        self._told_digest = ""
        self._claims_lock = False

    def _state(self, record: AgentRecord | None) -> dict[str, str]:
        if not record:
            return {"state": "torn" if self._flash.torn else "blank", "seq": "0"}
        locked = self._flash.locked or self._claims_lock
        return {"state": "locked" if locked else "written", "seq": str(record.seq)}

    def _room(self, record: AgentRecord | None) -> dict[str, str]:
        limits = {f"max{name.lower()}": str(limit) for name, limit in LIMITS.items()}
        channels = len(record.certificates) - 1 if record else 0
        return {"subs": str(channels), "maxsubs": str(self._build.maxsubs), **limits}

    def _start(self, transaction: OpenTransaction) -> None:
        self._open = transaction
        self._last_txid = transaction.txid

    def _store(self, certificates: list[Fields], digest: str, *, key: str) -> AgentRecord:
        if self._faults.refuses_flash:
            raise ErrWord("FLASH")
        if self._faults.flips_stored_byte:
            kept = "ds" if certificates[-1]["ds"] else "ps"
            certificates[-1][kept] = chr(ord(certificates[-1][kept][0]) ^ 1) + certificates[-1][kept][1:]
        if self._faults.lies_about_digest:
            self._told_digest = digest
        return self._flash.replace(certificates, key)

    def _carried(self, record: AgentRecord) -> str:
        return self._told_digest or digest_of(record.certificates)

    def _require_record(self) -> AgentRecord:
        record = self._flash.record()
        if not record:
            raise ErrWord("EMPTY")
        return record
