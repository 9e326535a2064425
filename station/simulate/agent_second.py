# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 2 of the agent protocol, the simulated board's side."""

from __future__ import annotations

import hashlib
import hmac
import re

from station.simulate.agent_first import FirstVerbs
from station.simulate.agent_store import AgentRecord
from station.simulate.agent_words import (
    LIMITS,
    NUMBER,
    TOKEN,
    ErrWord,
    OpenTransaction,
    certificates_of,
    digest_of,
    packed,
    require,
    set_field,
)

_TRIES = 16
"""Wrong tokens in a row since the power came on."""


class SecondVerbs(FirstVerbs):
    """As FirstVerbs, whose RESET and LOCK are the same once it is known who asks."""

    def _who(self, uid: bytes = b"") -> dict[str, str]:
        record = self._flash.record()
        now = {"uid": self.uid, **self._state(record)}
        last = {"ram": self._last_txid or "-", "reset": self._reset_by}
        if uid.decode() == self.uid:
            return now | last
        says = {"proto": "2", "board": "simulated", "fw": "1.0.0"} | now | self._room(record)
        says |= {"window": str(self._build.window)} | last
        return says | ({key: record.certificates[0][key] for key in ("pk", "dn")} if record else {})

    def _begin_for(self, uid: bytes, txid: bytes, channels: bytes, key: bytes, seq: bytes = b"") -> dict[str, str]:
        require(re.fullmatch(rb"[0-9A-Za-z]{1,16}", txid) and NUMBER.fullmatch(channels))
        require(re.fullmatch(rb"[0-9a-f]{24}", key) and key != b"f" * 24)
        self._open = None
        if uid.decode() != self.uid:
            raise ErrWord("OTHER")
        record = self._flash.record()
        if record and self._flash.locked:
            raise ErrWord("LOCKED")
        if seq.decode() != (str(record.seq) if record else ""):
            raise ErrWord("WRITTEN")
        if int(channels) > self._build.maxsubs:
            raise ErrWord("ROOM")
        self._start(OpenTransaction(txid.decode(), int(channels), bool(seq), key.decode()))
        return {}

    def _set(self, txid: bytes, channel: bytes, certificates: bytes) -> dict[str, str]:
        require(NUMBER.fullmatch(channel))
        transaction = self._opened(txid)
        try:
            for number, fields in enumerate(certificates.split(b";"), start=int(channel)):
                require(number <= transaction.channels, "RANGE")
                for name, value in zip(LIMITS, fields.split(b","), strict=False):
                    set_field(transaction, number, name, value)
                require(fields.count(b",") < len(LIMITS))
        except ErrWord:
            self._open = None
            raise
        return {}

    def _opened(self, txid: bytes) -> OpenTransaction:
        if not self._open or self._open.txid != txid.decode():
            raise ErrWord("STATE")
        return self._open

    def _keep(self, txid: bytes, token: bytes) -> dict[str, str]:
        require(re.fullmatch(rb"[0-9A-Za-z]{1,16}", txid) and TOKEN.fullmatch(token))
        open_one, self._open = self._open, None
        record = self._flash.record()
        if record and self._tried(token, self._carried(record), "KEEP", txid):
            return {"seq": str(record.seq)}
        if record and self._flash.locked:
            raise ErrWord("LOCKED")
        if not open_one or open_one.txid != txid.decode():
            raise ErrWord("STATE")
        certificates = certificates_of(open_one)
        digest = digest_of(certificates)
        require(self._is_token(token, digest, "KEEP", txid), "DIGEST")
        self._wrong_tokens = 0
        return {"seq": str(self._store(certificates, digest, key=open_one.key).seq)}

    def _show(self, nonce: bytes, token: bytes) -> dict[str, str]:
        record = self._asked_by_one_who_knows(nonce, token, "SHOW")
        key = bytes.fromhex(self._carried(record))
        return {"proof": self._mac(key, "show", nonce, b" " + packed(record.certificates)).hex()[:32]}

    def _same(self, nonce: bytes) -> dict[str, str]:
        require(TOKEN.fullmatch(nonce))
        record = self._require_record()
        require(record.key, "EMPTY")
        pad = int.from_bytes(self._mac(bytes.fromhex(record.key), "same", nonce))
        return {"digest": f"{int(self._carried(record), 16) ^ pad:064x}"}

    def _seal(self, nonce: bytes, token: bytes) -> dict[str, str]:
        self._asked_by_one_who_knows(nonce, token, "SEAL")
        return self._lock()

    def _boot(self, uid: bytes) -> dict[str, str]:
        if uid.decode() != self.uid:
            raise ErrWord("OTHER")
        require(self._wrong_tokens < _TRIES, "TRIES")
        return self._reset()

    def _asked_by_one_who_knows(self, nonce: bytes, token: bytes, word: str) -> AgentRecord:
        require(TOKEN.fullmatch(nonce) and TOKEN.fullmatch(token))
        record = self._require_record()
        require(self._wrong_tokens < _TRIES, "TRIES")
        require(self._tried(token, self._carried(record), word, nonce), "PROOF")
        return record

    def _tried(self, token: bytes, digest: str, word: str, about: bytes) -> bool:
        """Whether it is the token of what is stored; none is looked at after too many wrong ones."""
        if self._wrong_tokens == _TRIES:
            return False
        right = self._is_token(token, digest, word, about)
        self._wrong_tokens = 0 if right else self._wrong_tokens + 1
        return right

    def _is_token(self, token: bytes, digest: str, word: str, about: bytes) -> bool:
        return self._mac(bytes.fromhex(digest), word, about).hex()[:32] == token.decode()

    def _mac(self, key: bytes, word: str, about: bytes, more: bytes = b"") -> bytes:
        return hmac.new(key, b"%s %s %s" % (word.encode(), about, self.uid.encode()) + more, hashlib.sha256).digest()
