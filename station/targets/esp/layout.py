# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity ↔ NVS entries: which key holds which field, for one board or an NVR with its channels.

A channels blob is: number of channels (u8), then per channel its four fields, each as length (u8) and UTF-8 bytes, an
absent productSecret as length 0: what `Identity.digest` hashes of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from station.codes import Code
from station.errors import BoardFault
from station.model import MAX_CHANNELS, Certificate, Identity, IdentityKind, Provider, Secret
from station.profiles.profile import Profile
from station.targets.esp.nvs import Contents, Entry, EntryKind, Kept
from station.targets.esp.options import FIELDS, PRODUCT_SECRET, EspOptions

Values = Mapping[tuple[str, str], int | str | bytes]


class Incomplete(ValueError):
    """Some of an identity's keys are there, but not a whole identity. Says which, never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What a partition's entries amount to."""

    identity: Identity | None
    others: tuple[Entry | Kept, ...]  # neither of an identity nor fixed by the profile
    incomplete: str = ""  # why what is there is not an identity


def stored_fields(profile: Profile) -> tuple[str, ...]:
    """Which of FIELDS a board of this profile stores."""
    left_out = set() if profile.stores_device_secret else {"device_secret"}
    if not profile.product_secret:
        left_out.add(PRODUCT_SECRET)
    return tuple(name for name in FIELDS if name not in left_out)


def to_entries(identity: Identity, options: EspOptions, *, fields: Sequence[str]) -> tuple[Entry, ...]:
    """Everything the profile puts on a board with `identity`: of each certificate the `fields`. BoardFault E205 when
    the layout has no place for it.
    """
    _require_keys(options, fields)
    try:
        identity.digest()
    except ValueError as error:
        raise _no_place(str(error), "check this certificate in the cloud") from None
    if identity.channels and options.channels is None:
        raise _no_place("the profile has no [esp-nvs.channels]", "add it, or use another profile for single boards")
    if PRODUCT_SECRET in fields and any(certificate.product_secret is None for certificate in identity):
        raise _no_place(
            "the profile wants productSecret, this certificate has none", "station pull BATCH --with-product-secret"
        )

    def entry(key: str, kind: EntryKind, value: int | str | bytes) -> Entry:
        return Entry(namespace=options.namespace, key=key, kind=kind, value=value)

    def certificate(one: Certificate, keys: Mapping[str, str]) -> list[Entry]:
        values = dict(zip(FIELDS, one.board_fields(), strict=True))
        decode = options.encoding is EntryKind.STRING
        return [
            entry(keys[name], options.encoding, values[name].decode() if decode else values[name]) for name in fields
        ]

    entries = certificate(identity.primary, options.keys)
    if options.channels and options.channels.blob:
        entries.append(entry(options.channels.blob, EntryKind.BLOB, _pack(identity.channels, fields)))
    elif options.channels:
        entries.append(entry(options.channels.count, EntryKind.U8, len(identity.channels)))
        for number, one in enumerate(identity.channels, 1):
            entries += certificate(one, _numbered(options.channels.keys, number))
    return (*entries, *options.fixed)


def find_identity(contents: Contents, options: EspOptions, *, fields: Sequence[str], provider: Provider) -> Located:
    """The identity in `contents`, and what else there is.

    Strict for the profile's own keys: each once, and as it was written. What others keep beside them is theirs.
    """
    reading = _Reading(contents, options, provider, fields)
    incomplete = ""
    identity = None
    try:
        identity = reading.identity()
    except Incomplete as error:
        incomplete = str(error)
    ours = {str(entry) for entry in options.fixed} | {f"{namespace}/{key}" for namespace, key in reading.taken}
    there: tuple[Entry | Kept, ...] = (*contents.entries, *contents.kept)
    others = [other for other in there if str(other) not in ours]
    return Located(identity=identity, others=tuple(others), incomplete=incomplete)


class _Reading:
    """Takes an identity's values out of a partition's entries, noting which keys were its own."""

    def __init__(self, contents: Contents, options: EspOptions, provider: Provider, fields: Sequence[str]) -> None:
        _require_keys(options, fields)
        self.values: Values = {(entry.namespace, entry.key): entry.value for entry in contents.entries}
        self.unclear = contents.unclear
        self.options = options
        self.provider = provider
        self.fields = fields
        self.taken: set[tuple[str, str]] = set()

    def identity(self) -> Identity | None:
        """None when not one of its keys is there. Incomplete."""
        own = [*self.options.keys.values()]
        if self.options.channels:
            own.append(self.options.channels.count or self.options.channels.blob)
        present = [key for key in own if self._has(key)]
        self.taken.update((self.options.namespace, key) for key in present)
        if not present:
            return None
        primary = self._certificate(self.options.keys)
        channels = self._channels()
        kind = IdentityKind.SET if channels else IdentityKind.SINGLE
        identity = Identity(primary=primary, channels=channels, kind=kind)
        try:
            identity.digest()
        except ValueError:
            raise Incomplete("a field is longer than a certificate's can be") from None
        return identity

    def _has(self, key: str) -> bool:
        name = (self.options.namespace, key)
        return name in self.values or name in self.unclear

    def _take(self, key: str) -> int | str | bytes:
        if not self._has(key):
            raise Incomplete(f"key {key!a} is missing")
        name = (self.options.namespace, key)
        self.taken.add(name)
        if name in self.unclear:
            raise Incomplete(f"key {key!a} {self.unclear[name]}")
        return self.values[name]

    def _text(self, key: str) -> str:
        value = self._take(key)
        if self.options.encoding is EntryKind.BLOB and isinstance(value, bytes):
            return _utf8(value)
        if self.options.encoding is EntryKind.STRING and isinstance(value, str):
            return value
        raise Incomplete(f"key {key!a} has another type than the profile's")

    def _certificate(self, keys: Mapping[str, str]) -> Certificate:
        return _certificate({name: self._text(keys[name]) for name in self.fields}, self.provider)

    def _channels(self) -> tuple[Certificate, ...]:
        layout = self.options.channels
        if layout is None:
            return ()
        value = self._take(layout.count or layout.blob)
        if layout.blob:
            return _unpack(value, self.provider)
        if not isinstance(value, int) or not 0 <= value <= MAX_CHANNELS:
            raise Incomplete(f"key {layout.count!a} is no number of channels")
        return tuple(self._certificate(_numbered(layout.keys, number)) for number in range(1, value + 1))


def _require_keys(options: EspOptions, fields: Sequence[str]) -> None:
    if PRODUCT_SECRET in fields and PRODUCT_SECRET not in options.keys:
        raise _no_place("the profile wants productSecret and names no key for it", "add keys.product_secret")


def _numbered(keys: Mapping[str, str], number: int) -> dict[str, str]:
    return {name: pattern.replace("{n}", str(number)) for name, pattern in keys.items()}


def _pack(channels: tuple[Certificate, ...], fields: Sequence[str]) -> bytes:
    packed = bytearray([len(channels)])
    for one in channels:
        for name, held in zip(FIELDS, one.board_fields(), strict=True):
            value = held if name in fields else b""
            packed += bytes([len(value)]) + value
    return bytes(packed)


def _unpack(packed: object, provider: Provider) -> tuple[Certificate, ...]:
    if not isinstance(packed, bytes) or not packed:
        raise Incomplete("the channels are not a blob")
    at = 1
    texts: list[str] = []
    for _ in range(packed[0] * len(FIELDS)):
        if at >= len(packed) or at + 1 + packed[at] > len(packed):
            raise Incomplete("the channels blob ends too early")
        texts.append(_utf8(packed[at + 1 : at + 1 + packed[at]]))
        at += 1 + packed[at]
    if at != len(packed):
        raise Incomplete("the channels blob goes on after its last channel")
    width = len(FIELDS)
    rows = (texts[i : i + width] for i in range(0, len(texts), width))
    return tuple(_certificate(dict(zip(FIELDS, row, strict=True)), provider) for row in rows)


def _certificate(fields: Mapping[str, str], provider: Provider) -> Certificate:
    product_secret = fields.get("product_secret")
    return Certificate(
        product_key=fields["product_key"],
        device_name=fields["device_name"],
        device_secret=Secret(fields.get("device_secret", "")),
        product_secret=Secret(product_secret) if product_secret else None,
        provider=provider,
    )


def _utf8(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Incomplete("a field is not UTF-8") from None


def _no_place(what: str, do: str) -> BoardFault:
    return BoardFault(
        f"this layout cannot hold the identity: {what}", means="nothing was written", do=do, code=Code.E205
    )
