# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated board that speaks `firmware_templates/agent/PROTOCOL.md` on a real pty, from a thread that sleeps.

Written from that page alone; shares nothing with the station's side. Its flash is a file (`agent_store`), which tests
and the demo open without the board. `Misbehaviour` says what this board does wrong.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_from_bytes

from station.simulate.agent_store import AgentRecord, AgentStore, Fields, read_identity
from station.simulate.serial_end import SerialEnd

__all__ = ["Misbehaviour", "SimulatedAgentBoard", "read_identity"]

MAX_COMMAND = 512
_LIMITS = {"PK": 36, "DN": 128, "DS": 64, "PS": 64}
_FRAME = re.compile(rb"@([0-9a-z]{1,8})((?: [!-)+-?A-~]+)+)\*([0-9a-f]{8})\r?")
_VALUE = re.compile(rb"(?:[A-Za-z0-9._:-]|%[0-9A-F]{2})+")
_DIGEST = re.compile(rb"[0-9a-f]{64}")
_NUMBER = re.compile(rb"0|[1-9][0-9]{0,2}")


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


class _Refused(Exception):
    """An ERR answer; its text is the word."""


@dataclass(slots=True)
class _Transaction:
    txid: str
    channels: int
    replaces: bool
    fields: dict[tuple[int, str], bytes] = field(default_factory=dict)


class SimulatedAgentBoard:
    """`uid` and what is in `store` are for life; RAM is lost by `unplug` and RESET.

    `link`: a stable symlink to the pty, present while plugged in. `latency_s` comes before each answer; with
    `baud_pacing` bytes take the time they need at the speed the station has set.
    """

    def __init__(
        self,
        uid: str,
        store: Path,
        link: Path | None = None,
        *,
        faults: Misbehaviour | None = None,
        latency_s: float = 0.0,
        boot_s: float = 0.02,
        baud_pacing: bool = False,
        maxsubs: int = 64,
    ) -> None:
        self.uid = uid
        self.store = store
        self._faults = faults or Misbehaviour()
        self._flash = AgentStore(store, cut_at=self._faults.cut_at)
        self._end = SerialEnd(self._hear, link=link, pacing=baud_pacing)
        self._latency_s = latency_s
        self._boot_s = boot_s
        self._maxsubs = maxsubs
        self._answered = 0
        self._reset_by = "power"
        self._frame = bytearray()
        self._open: _Transaction | None = None
        self._told_digest = ""
        self._claims_lock = False

    @property
    def url(self) -> str:
        """What pyserial opens; without a link it changes with each `plug`."""
        return self._end.url

    def plug(self) -> None:
        self._power_on("power")
        self._end.plug()

    def unplug(self) -> None:
        """Power and port go at once; a flash operation under way ends first (`cut_at` is for those that do not)."""
        self._end.unplug()

    start = plug
    stop = unplug

    def __enter__(self) -> SimulatedAgentBoard:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def _power_on(self, reason: str) -> None:
        self._reset_by = reason
        self._open = None
        self._frame.clear()

    def _hear(self, data: bytes) -> None:
        for byte in data:
            if byte == ord("@"):
                self._frame = bytearray(b"@")
            elif byte == ord("\n"):
                frame, self._frame = bytes(self._frame), bytearray()
                if frame:
                    self._end.pause(self._latency_s)
                    self._take(frame)
            elif self._frame and len(self._frame) < MAX_COMMAND:
                self._frame.append(byte)

    def _take(self, frame: bytes) -> None:
        whole = _FRAME.fullmatch(frame)
        if len(frame) >= MAX_COMMAND:
            self._say(b"@? ERR LINE")
        elif not whole or int(whole[3], 16) != zlib.crc32(frame[: whole.end(2)]):
            self._say(b"@? ERR CRC")
        else:
            verb, *arguments = whole[2].split()
            self._say(b"@" + whole[1] + b" " + self._answer(verb, arguments))
            if verb == b"RESET" and not arguments and not self._faults.ignores_reset:
                self._restart()

    def _say(self, body: bytes) -> None:
        if self._faults.dead_after is not None and self._answered >= self._faults.dead_after:
            return
        self._answered += 1
        self._end.say(self._faults.noise + b"%s*%08x\n" % (body, zlib.crc32(body)))

    def _restart(self) -> None:
        self.uid = self._faults.uid_after_reset or self.uid
        self._power_on("soft")
        self._end.pause(self._boot_s)
        self._end.say(b"boot: simulated agent\r\n")

    def _answer(self, verb: bytes, arguments: list[bytes]) -> bytes:
        verbs: dict[bytes, Callable[..., dict[str, str]]] = {
            b"ID": self._id,
            b"BEGIN": self._begin,
            b"PUT": self._put,
            b"COMMIT": self._commit,
            b"ABORT": self._abort,
            b"GET": self._get,
            b"PROVE": self._prove,
            b"RESET": self._reset,
            b"LOCK": self._lock,
        }
        try:
            _require(verb in verbs, "VERB")
            values = verbs[verb](*_arguments(verb, arguments))
        except _Refused as word:
            return b"ERR " + str(word).encode()
        pairs = [f" {key}={_quoted(value.encode('utf-8', 'surrogateescape'))}" for key, value in values.items()]
        return "".join(["OK", *pairs]).encode()

    def _id(self) -> dict[str, str]:
        record = self._flash.record()
        state = "torn" if self._flash.torn else "blank"
        if record:
            state = "locked" if self._flash.locked or self._claims_lock else "written"
        says = {
            "proto": "1",
            "board": "simulated",
            "fw": "1.0.0",
            "uid": self.uid,
            "state": state,
            "seq": str(record.seq if record else 0),
            "subs": str(len(record.certificates) - 1 if record else 0),
            "maxsubs": str(self._maxsubs),
            **{f"max{name.lower()}": str(limit) for name, limit in _LIMITS.items()},
            "digest": self._carried(record) if record else "-",
            "tx": self._open.txid if self._open else "-",
            "reset": self._reset_by,
        }
        if record:
            says |= {"pk": record.certificates[0]["pk"], "dn": record.certificates[0]["dn"]}
        return says

    def _begin(self, txid: bytes, channels: bytes, replace: bytes = b"", digest: bytes = b"") -> dict[str, str]:
        _require(
            re.fullmatch(rb"[0-9A-Za-z]{1,16}", txid)
            and _NUMBER.fullmatch(channels)
            and (replace, bool(_DIGEST.fullmatch(digest))) in ((b"", False), (b"REPLACE", True))
        )
        self._open = None
        record = self._flash.record()
        if record and self._flash.locked:
            raise _Refused("LOCKED")
        carried = _digest(record.certificates) if record else ""
        if digest.decode() != carried:
            raise _Refused("WRITTEN")
        if int(channels) > self._maxsubs:
            raise _Refused("ROOM")
        self._open = _Transaction(txid.decode(), int(channels), bool(replace))
        return {}

    def _put(self, channel: bytes, name: bytes, value: bytes) -> dict[str, str]:
        _require(_NUMBER.fullmatch(channel) and name.decode() in _LIMITS and _VALUE.fullmatch(value))
        plain = re.sub(rb"%(..)", lambda escape: bytes.fromhex(escape[1].decode()), value)
        _require(_quoted(plain) == value.decode())
        if not self._open:
            raise _Refused("STATE")
        if int(channel) > self._open.channels:
            raise _Refused("RANGE")
        if len(plain) > _LIMITS[name.decode()]:
            raise _Refused("LENGTH")
        self._open.fields[int(channel), name.decode()] = plain
        return {}

    def _commit(self, digest: bytes) -> dict[str, str]:
        _require(_DIGEST.fullmatch(digest))
        transaction, self._open = self._open, None
        record = self._flash.record()
        if record and _digest(record.certificates) == digest.decode():
            return {"digest": digest.decode(), "seq": str(record.seq)}
        if record and self._flash.locked:
            raise _Refused("LOCKED")
        if record and not (transaction and transaction.replaces):
            raise _Refused("WRITTEN")
        if not transaction:
            raise _Refused("STATE")
        certificates = _certificates(transaction)
        if _digest(certificates) != digest.decode():
            raise _Refused("DIGEST")
        if self._faults.refuses_flash:
            raise _Refused("FLASH")
        if self._faults.flips_stored_byte:
            kept = "ds" if certificates[-1]["ds"] else "ps"
            certificates[-1][kept] = chr(ord(certificates[-1][kept][0]) ^ 1) + certificates[-1][kept][1:]
        if self._faults.lies_about_digest:
            self._told_digest = digest.decode()
        stored = self._flash.replace(certificates)
        return {"digest": self._carried(stored), "seq": str(stored.seq)}

    def _carried(self, record: AgentRecord) -> str:
        return self._told_digest or _digest(record.certificates)

    def _abort(self) -> dict[str, str]:
        self._open = None
        return {}

    def _get(self, channel: bytes, name: bytes) -> dict[str, str]:
        _require(_NUMBER.fullmatch(channel) and name.decode() in _LIMITS)
        if name in (b"DS", b"PS"):
            raise _Refused("SECRET")
        return {"value": self._stored(channel)[name.decode().lower()]}

    def _prove(self, nonce: bytes, channel: bytes) -> dict[str, str]:
        _require(re.fullmatch(rb"[0-9a-f]{32}", nonce) and _NUMBER.fullmatch(channel))
        stored = self._stored(channel)
        secret = (stored["ds"] or stored["ps"]).encode()
        message = bytes.fromhex(nonce.decode()) + self.uid.encode()
        return {"proof": hmac.new(secret, message, hashlib.sha256).hexdigest()}

    def _reset(self) -> dict[str, str]:
        return {}

    def _lock(self) -> dict[str, str]:
        self._require_record()
        self._claims_lock = self._faults.lock == "claimed"
        if self._faults.lock.isupper():
            raise _Refused(self._faults.lock)
        if not self._flash.locked and not self._faults.lock:
            self._flash.lock()
        return {}

    def _require_record(self) -> AgentRecord:
        record = self._flash.record()
        if not record:
            raise _Refused("EMPTY")
        return record

    def _stored(self, channel: bytes) -> Fields:
        certificates = self._require_record().certificates
        if int(channel) >= len(certificates):
            raise _Refused("RANGE")
        return certificates[int(channel)]


_ARGUMENTS = {b"BEGIN": (2, 4), b"PUT": (3,), b"COMMIT": (1,), b"GET": (2,), b"PROVE": (2,)}


def _arguments(verb: bytes, arguments: list[bytes]) -> list[bytes]:
    _require(len(arguments) in _ARGUMENTS.get(verb, (0,)))
    return arguments


def _require(well_formed: object, word: str = "ARGS") -> None:
    if not well_formed:
        raise _Refused(word)


def _quoted(value: bytes) -> str:
    return quote_from_bytes(value, safe=":").replace("~", "%7E")


def _certificates(transaction: _Transaction) -> list[Fields]:
    found = []
    for channel in range(transaction.channels + 1):
        values = {name: transaction.fields.get((channel, name), b"") for name in _LIMITS}
        if not (values["PK"] and values["DN"] and (values["DS"] or values["PS"])):
            raise _Refused("MISSING")
        found.append({name.lower(): value.decode("utf-8", "surrogateescape") for name, value in values.items()})
    return found


def _digest(certificates: list[Fields]) -> str:
    message = b"station-identity-1\x00" + bytes([len(certificates) - 1])
    for certificate in certificates:
        for name in ("pk", "dn", "ds", "ps"):
            value = certificate[name].encode("utf-8", "surrogateescape")
            message += bytes([len(value)]) + value
    return hashlib.sha256(message).hexdigest()
