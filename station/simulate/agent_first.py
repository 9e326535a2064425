# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 1 of the agent protocol, the simulated board's side."""

from __future__ import annotations

import hashlib
import hmac
import re

from station.simulate.agent_core import AgentCore
from station.simulate.agent_store import Fields
from station.simulate.agent_words import (
    DIGEST,
    LIMITS,
    NUMBER,
    ErrWord,
    OpenTransaction,
    certificates_of,
    decoded,
    digest_of,
    require,
)


class FirstVerbs(AgentCore):
    """Each answers the values behind OK, or raises ErrWord."""

    def _id(self) -> dict[str, str]:
        record = self._flash.record()
        says = {
            "proto": "1",
            "board": "simulated",
            "fw": "1.0.0",
            "uid": self.uid,
            **self._state(record),
            **self._room(record),
            "digest": self._carried(record) if record else "-",
            "tx": self._open.txid if self._open else "-",
            "reset": self._reset_by,
        }
        if record:
            says |= {"pk": record.certificates[0]["pk"], "dn": record.certificates[0]["dn"]}
        return says

    def _begin(self, txid: bytes, channels: bytes, replace: bytes = b"", digest: bytes = b"") -> dict[str, str]:
        require(
            re.fullmatch(rb"[0-9A-Za-z]{1,16}", txid)
            and NUMBER.fullmatch(channels)
            and (replace, bool(DIGEST.fullmatch(digest))) in ((b"", False), (b"REPLACE", True))
        )
        self._open = None
        record = self._flash.record()
        if record and self._flash.locked:
            raise ErrWord("LOCKED")
        carried = digest_of(record.certificates) if record else ""
        if digest.decode() != carried:
            raise ErrWord("WRITTEN")
        if int(channels) > self._build.maxsubs:
            raise ErrWord("ROOM")
        self._start(OpenTransaction(txid.decode(), int(channels), bool(replace)))
        return {}

    def _put(self, channel: bytes, name: bytes, value: bytes) -> dict[str, str]:
        require(NUMBER.fullmatch(channel) and name.decode() in LIMITS)
        plain = decoded(value)
        if not self._open:
            raise ErrWord("STATE")
        if int(channel) > self._open.channels:
            raise ErrWord("RANGE")
        if len(plain) > LIMITS[name.decode()]:
            raise ErrWord("LENGTH")
        self._open.fields[int(channel), name.decode()] = plain
        return {}

    def _commit(self, digest: bytes) -> dict[str, str]:
        require(DIGEST.fullmatch(digest))
        transaction, self._open = self._open, None
        record = self._flash.record()
        if record and digest_of(record.certificates) == digest.decode():
            return {"digest": digest.decode(), "seq": str(record.seq)}
        if record and self._flash.locked:
            raise ErrWord("LOCKED")
        if record and not (transaction and transaction.replaces):
            raise ErrWord("WRITTEN")
        if not transaction:
            raise ErrWord("STATE")
        certificates = certificates_of(transaction)
        if digest_of(certificates) != digest.decode():
            raise ErrWord("DIGEST")
        stored = self._store(certificates, digest.decode(), key="")
        return {"digest": self._carried(stored), "seq": str(stored.seq)}

    def _abort(self) -> dict[str, str]:
        self._open = None
        return {}

    def _get(self, channel: bytes, name: bytes) -> dict[str, str]:
        require(NUMBER.fullmatch(channel) and name.decode() in LIMITS)
        if name in (b"DS", b"PS"):
            raise ErrWord("SECRET")
        return {"value": self._stored(channel)[name.decode().lower()]}

    def _prove(self, nonce: bytes, channel: bytes) -> dict[str, str]:
        require(re.fullmatch(rb"[0-9a-f]{32}", nonce) and NUMBER.fullmatch(channel))
        stored = self._stored(channel)
        secret = (stored["ds"] or stored["ps"]).encode()
        message = bytes.fromhex(nonce.decode()) + self.uid.encode()
        return {"proof": hmac.new(secret, message, hashlib.sha256).hexdigest()}

    def _reset(self) -> dict[str, str]:
        self._told_to_restart = True
        return {}

    def _lock(self) -> dict[str, str]:
        self._require_record()
        self._claims_lock = self._faults.lock == "claimed"
        if self._faults.lock.isupper():
            raise ErrWord(self._faults.lock)
        if not self._flash.locked and not self._faults.lock:
            self._flash.lock()
        return {}

    def _stored(self, channel: bytes) -> Fields:
        certificates = self._require_record().certificates
        if int(channel) >= len(certificates):
            raise ErrWord("RANGE")
        return certificates[int(channel)]
