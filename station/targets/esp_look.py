# SPDX-License-Identifier: GPL-3.0-or-later
"""What a board's NVS partition means to this profile: blank, an identity, or something torn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from station.model import Digest, Holding, Identity
from station.profile import Profile
from station.targets.esp_layout import find_identity, to_entries
from station.targets.esp_options import EspOptions
from station.targets.nvs import Entry, TornImage, parse
from station.targets.nvs.page import may_be_pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`others`: keys that are not the identity's, whoever put them there. `why`: of TORN, never a value."""

    holding: Holding
    identity: Identity | None = None
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    others: tuple[Entry, ...] = field(default=(), repr=False)
    why: str = ""
    in_the_clear: bool = False  # where the profile demands encryption
    foreign: bool = False  # not even the beginning of an NVS partition

    @property
    def digest(self) -> Digest | None:
        return self.identity.digest() if self.identity else None


def look_at(image: bytes, profile: Profile, options: EspOptions, *, encrypted: bool, key: bytes | None) -> Look:
    """`image`: the whole partition; `key`: the board's, None when it has none yet."""
    if not image.strip(b"\xff"):
        return Look(holding=Holding.BLANK)
    in_the_clear = False
    try:
        entries = parse(image, key=key).entries
    except TornImage as torn:
        entries, in_the_clear = _plain(image) if encrypted else ((), False)
        if not in_the_clear:
            return Look(holding=Holding.TORN, why=str(torn), foreign=not may_be_pages(image))
    in_the_clear |= encrypted and key is None
    found = find_identity(entries, options, product_secret=profile.product_secret, provider=profile.provider)
    holding = Holding.TORN if found.incomplete else Holding.IDENTITY if found.identity else Holding.BLANK
    return Look(
        holding=holding,
        identity=found.identity,
        entries=entries,
        others=found.others,
        why=found.incomplete,
        in_the_clear=in_the_clear,
    )


def _plain(image: bytes) -> tuple[tuple[Entry, ...], bool]:
    """An identity that was stored without the encryption the profile demands is still seen, for the clone alarm."""
    try:
        return parse(image).entries, True
    except TornImage:
        return (), False


def differences(look: Look, identity: Identity, profile: Profile, options: EspOptions) -> str:
    """Which keys on the board are not those of `identity`; empty when all are equal."""
    there: Mapping[tuple[str, str], Entry] = {(e.namespace, e.key): e for e in look.entries}
    expected = to_entries(identity, options, product_secret=profile.product_secret)
    wrong = [entry.key for entry in expected if there.get((entry.namespace, entry.key)) != entry]
    if not wrong and look.digest != identity.digest():
        wrong = ["more than the identity"]
    if look.in_the_clear:
        wrong.append("stored without encryption")
    return ", ".join(wrong)
