# SPDX-License-Identifier: GPL-3.0-or-later
"""Values and states every room shares. Frozen, without I/O; imports nothing of ours.

Words are those of the field: productKey, deviceName, deviceSecret; an *identity* is what one board carries.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType, NoReturn, Self

Digest = NewType("Digest", str)
"""64 lower-case hex digits: `Identity.digest()`, computed here, in the agent's C code and from what a board holds."""

DIGEST_PREFIX = b"station-identity-1\0"
MAX_CHANNELS = 255
MAX_FIELD_BYTES = 255
STATUS_INACTIVE = 0
STATUS_NOT_SAID = -1
"""`cloud_status` of a certificate that came without one: the cloud says neither that it is used nor that it is not."""


class Secret:
    """A text that never prints: not by str, repr, format, pickle or a dataclass's repr. `reveal()` is greppable."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled")


_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}
_UID_WORD = re.compile(r"(?:mac|uid|s/?n)[ .#=_-]*")
_GROUPINGS = ({2}, {4}, {6}, {8})
_UUID_GROUPING = [8, 4, 4, 4, 12]
_LEAST_HEX = 8
_PLAIN_HEX = re.compile("[0-9a-f]{8,64}")
_BLANK_ZEROS, _BLANK_ONES = frozenset("0.-_"), frozenset("f.-_")
_OTHERS_TOO = frozenset(
    ("none", "null", "unknown", "undefined", "unset", "default", "empty", "invalid", "error", "0123456789abcdef")
)
"""What firmware says for want of a uid; the last one is Android's."""
_BYTES = re.compile(r"(?<![0-9a-z])[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5,}$")


def half_width(text: str) -> str:
    """Full-width characters, as Chinese input methods print them on labels, as the ASCII they stand for."""
    return text.translate(_FULL_WIDTH)


class BoardUid(str):
    """A board's own name, in its one normal form: eFuse base MAC, MCU unique id, or what the firmware reports.

    Lower case, 4 to 64 characters of [0-9a-z._-], no colon. A number in hex (8 digits or more) is its digits alone,
    however they are grouped and whatever stands before it: 5A:00:C0:FF:EE:01, 5a00.c0ff.ee01, SN5A00C0FFEE01 and
    "MAC: 5A-00-C0-FF-EE-01" are one board. Anything else keeps its separators, since ab-1 is not a-b1. Normal forms
    made by an older station have the same normal form as the text they were made from.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> BoardUid:
        """Raises ValueError that says what is wrong with `text`; also for the values that blank silicon reports (all 0,
        all f), and for words such as "unknown", since two boards would share them, as two do where bytes lost their
        leading zeros: of 1:11 and 11:1 the digits are the same.
        """
        uid = text if _PLAIN_HEX.fullmatch(text) else _normal_form(text)  # as it is where a board reports it so
        bare = uid.removeprefix("0x")
        if _BLANK_ZEROS.issuperset(bare) or _BLANK_ONES.issuperset(bare):
            raise ValueError("the board reports an empty uid (all 0 or all f)")
        if bare in _OTHERS_TOO:
            raise ValueError(f"the board has no uid of its own ({uid})")
        return cls(uid)

    @classmethod
    def stored(cls, text: str) -> BoardUid:
        """What a ledger holds, in today's normal form; as it is where an older station took what is no uid today."""
        if _PLAIN_HEX.fullmatch(text):  # its own normal form, as nearly all are: a report reads 100,000
            return cls(text)
        try:
            return cls.parse(text)
        except ValueError:
            return cls(text)


def _normal_form(text: str) -> str:
    """Of a uid in any spelling; ValueError for what is none."""
    folded = half_width(text).strip()
    number = _BYTES.search(_UID_WORD.sub("", folded.lower(), count=1))
    if number and any(len(byte) < 2 for byte in number[0].split(":")):
        raise ValueError("each byte of a board uid needs both its digits: 01, not 1")
    uid = folded.lower().replace(":", "") if folded.isascii() else ""  # lower() makes ASCII of some other letters
    word = _UID_WORD.match(uid)
    uid = _hex_digits(uid[word.end() :] if word else uid) or _hex_digits(uid) or uid
    if not re.fullmatch(r"[0-9a-z._-]{4,64}", uid):
        raise ValueError("a board uid is 4 to 64 characters of 0-9 a-z . _ -")
    return uid


def _hex_digits(text: str) -> str:
    """The digits of a hex number in groups of one size, or grouped as a UUID; empty when it is none."""
    separators = sorted(set(text) - set("0123456789abcdef"))
    if len(separators) > 1 or not set(separators) <= set("-._ "):
        return ""
    groups = text.split(separators[0]) if separators else [text]
    digits = "".join(groups)
    sizes = [len(group) for group in groups]
    regular = len(groups) == 1 or set(sizes) in _GROUPINGS or sizes == _UUID_GROUPING
    return digits if regular and len(digits) >= _LEAST_HEX else ""


class Provider(StrEnum):
    """Whose certificate it is; decides field limits and formulas."""

    LIVING = "living"
    IOTDA = "iotda"
    ALIYUN_IOT = "aliyun-iot"


class Language(StrEnum):
    """What people are spoken to in, and what they call it. `words.tongues` finds the words by the lower-case name."""

    called: str

    ENGLISH = "en", "English"
    CHINESE = "zh", "中文"

    def __new__(cls, code: str, called: str = "") -> Self:
        made = str.__new__(cls, code)
        made._value_, made.called = code, called
        return made

    @property
    def next(self) -> Language:
        """What the one key switches to."""
        every = list(Language)
        return every[(every.index(self) + 1) % len(every)]


class IdentityKind(StrEnum):
    """What one board carries."""

    SINGLE = "single"
    SET = "nvr-set"  # the NVR's certificate and its IPC certificates, channels 1..n
    MEMBER = "nvr-member"  # one certificate of a set whose cameras are boards of their own


class State(StrEnum):
    """Where an identity is in its life. DESIGN §3 draws the machine; `rules` holds it."""

    READY = "READY"
    WITHHELD = "WITHHELD"
    RESERVED = "RESERVED"
    WRITING = "WRITING"
    IN_DOUBT = "IN_DOUBT"
    CONSUMED = "CONSUMED"
    RETIRED = "RETIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One device certificate as the cloud issued it."""

    product_key: str
    device_name: str
    device_secret: Secret
    provider: Provider = Provider.LIVING
    product_secret: Secret | None = None
    iot_id: str = ""
    device_id: str = ""
    node_id: str = ""  # IoTDA: the human serial number
    cloud_status: int = STATUS_INACTIVE  # STATUS_NOT_SAID where there is none; anything else is WITHHELD

    @property
    def name(self) -> CertName:
        return CertName(self.product_key, self.device_name)

    @property
    def proof_key(self) -> Secret:
        """What a board proves that it has: its deviceSecret, or what it was given in its place."""
        return self.device_secret or self.product_secret or Secret("")

    def board_fields(self) -> tuple[bytes, bytes, bytes, bytes]:
        """productKey, deviceName, deviceSecret, productSecret (empty when absent), UTF-8: what a board stores."""
        secret = self.product_secret.reveal() if self.product_secret else ""
        texts = (self.product_key, self.device_name, self.device_secret.reveal(), secret)
        return tuple(text.encode() for text in texts)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, order=True)
class CertName:
    """A certificate's public name; unique in a ledger."""

    product_key: str
    device_name: str

    def __str__(self) -> str:
        return f"{self.product_key}/{self.device_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What ONE board carries: `primary` alone, or an NVR with `channels` 1..n in the cloud's order."""

    primary: Certificate
    channels: tuple[Certificate, ...] = ()
    kind: IdentityKind = IdentityKind.SINGLE

    def __iter__(self) -> Iterator[Certificate]:
        yield self.primary
        yield from self.channels

    @property
    def name(self) -> CertName:
        return self.primary.name

    def without_product_secret(self) -> Identity:
        """The identity as a layout stores it that has no place for productSecret."""
        return self._each(product_secret=None)

    def without_device_secret(self) -> Identity:
        """The identity of a board that fetches its deviceSecret itself, with its product's secret (一型一密)."""
        return self._each(device_secret=Secret(""))

    def _each(self, **changes: Secret | None) -> Identity:
        primary, *channels = (replace(one, **changes) for one in self)  # type: ignore[arg-type]
        return replace(self, primary=primary, channels=tuple(channels))

    def digest(self) -> Digest:
        """SHA-256 of: `DIGEST_PREFIX`, number of channels (u8), then per certificate, primary first, its four
        board fields, each as length (u8) and bytes. ValueError when a field or the list is too long for u8.
        """
        if len(self.channels) > MAX_CHANNELS:
            raise ValueError(f"{len(self.channels)} channels, at most {MAX_CHANNELS}")
        hasher = hashlib.sha256(DIGEST_PREFIX + bytes([len(self.channels)]))
        for certificate in self:
            for value in certificate.board_fields():
                if len(value) > MAX_FIELD_BYTES:
                    raise ValueError(f"a field of {certificate.name} is longer than {MAX_FIELD_BYTES} bytes")
                hasher.update(bytes([len(value)]) + value)
        return Digest(hasher.hexdigest())


class Holding(StrEnum):
    """What a board says it carries before anything is written."""

    BLANK = "blank"
    IDENTITY = "identity"
    TORN = "torn"  # something incomplete: an interrupted write
    UNREADABLE = "unreadable"  # cannot be known (secure download mode, write-only console)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardInfo:
    """What a board says of itself; hostile text already parsed by the target."""

    uid: BoardUid
    chip: str  # "esp32c3", "cortex-m3", the firmware's board type
    holding: Holding
    names: tuple[CertName, ...] = ()  # primary first; empty when blank or unknown
    digest: Digest | None = None  # of what it holds, when it can be had without a secret
    firmware: str = ""
    locked: bool = False
    by_label: bool = False  # it has no uid of its own: `uid` is what was scanned
    details: Mapping[str, str] = field(default_factory=dict)  # chip revision, flash id, adapter serial …


class Verdict(StrEnum):
    """Outcome of comparing a board with the identity it should hold."""

    EQUAL = "equal"
    DIFFERS = "differs"
    BLANK = "blank"
    TORN = "torn"  # nothing to compare with, or all that was compared is right: what else is there cannot be made out
    UNVERIFIABLE = "unverifiable"  # written, but this board cannot be read back: never green


class Method(StrEnum):
    """How a board was compared, strongest claim first."""

    READBACK = "readback"  # every byte came back and was compared
    PROOF = "proof"  # HMAC over a fresh nonce with the secret, and the board's digest
    SHA256 = "sha256"  # the board's own hash of what it stores; likewise the next two, which prove as much here:
    SHA1 = "sha1"  # nobody picks certificates to have one hash
    MD5 = "md5"
    PARTIAL = "partial"  # some characters, a length, a CRC: the profile accepts that
    REPORTED = "reported"  # a line client says so, and nothing else: [serve] accepts that


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What a target found on the board. `digest` is that of the bytes found, None when blank or unverifiable."""

    verdict: Verdict
    digest: Digest | None
    method: Method
    detail: str = ""  # which field differed, never a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at one board. `number` counts per identity; with the state it is the compare-and-swap token, and with
    board and slot until it is WRITING."""

    identity_id: int
    number: int
    board_uid: BoardUid
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why an identity may be called CONSUMED."""

    expected: Digest
    read: Digest
    uid_before: BoardUid
    uid_after: BoardUid
    method: Method
    after_reset: bool

    @property
    def holds(self) -> bool:
        return self.expected == self.read and self.uid_before == self.uid_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Where a board is reached: a device path or a pyserial URL, at a slot."""

    url: str
    slot: str
    location: str = ""  # USB topology, e.g. "pci-0000:00:14.0-usb-0:2:1.0"; empty for a URL
    serial: str = ""  # the adapter's, for the record
