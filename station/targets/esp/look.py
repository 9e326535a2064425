# SPDX-License-Identifier: GPL-3.0-or-later
"""What a board's NVS partition means to this profile: blank, an identity, or something torn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from station.model import Digest, Holding, Identity
from station.profiles.profile import Profile
from station.targets.esp.layout import Located, find_identity, stored_fields, to_entries
from station.targets.esp.nvs import Contents, Entry, Kept, parse
from station.targets.esp.nvs.page import is_blank, may_be_pages
from station.targets.esp.options import EspOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`others`: keys that are not the identity's, whoever put them there. `why`: of TORN, never a value."""

    holding: Holding
    identity: Identity | None = None
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    others: tuple[Entry | Kept, ...] = field(default=(), repr=False)
    why: str = ""
    damage: str = ""  # `others` may not be all of them
    in_the_clear: bool = False  # where the profile demands encryption
    foreign: bool = False  # not even the beginning of an NVS partition

    @property
    def digest(self) -> Digest | None:
        return self.identity.digest() if self.identity else None


def look_at(image: bytes, profile: Profile, options: EspOptions, *, encrypted: bool, key: bytes | None) -> Look:
    """`image`: the whole partition; `key`: the board's, None when it has none yet."""
    if is_blank(image):
        return Look(holding=Holding.BLANK)
    contents, found = _read(image, profile, options, key)
    in_the_clear = encrypted and key is None
    if encrypted and not in_the_clear and found.identity is None and contents.damage:
        # An identity that was stored without the encryption the profile demands is still seen, for the clone alarm.
        plain, found_plain = _read(image, profile, options, None)
        if found_plain.identity is not None or not plain.damage:
            contents, found, in_the_clear = plain, found_plain, True
    damage = contents.damage[0] if contents.damage else ""
    why = "" if found.identity else "; ".join(filter(None, (found.incomplete, damage)))
    return Look(
        holding=Holding.IDENTITY if found.identity else Holding.TORN if why else Holding.BLANK,
        identity=found.identity,
        entries=contents.entries,
        others=found.others,
        why=why,
        damage=damage,
        in_the_clear=in_the_clear,
        foreign=bool(damage) and not may_be_pages(image),
    )


def _read(image: bytes, profile: Profile, options: EspOptions, key: bytes | None) -> tuple[Contents, Located]:
    contents = parse(image, key=key)
    found = find_identity(contents, options, fields=stored_fields(profile), provider=profile.provider)
    return contents, found


def differences(look: Look, identity: Identity, profile: Profile, options: EspOptions) -> str:
    """Which keys on the board are not those of `identity`; empty when all are equal."""
    there: Mapping[tuple[str, str], Entry] = {(e.namespace, e.key): e for e in look.entries}
    expected = to_entries(identity, options, fields=stored_fields(profile))
    wrong = [entry.key for entry in expected if there.get((entry.namespace, entry.key)) != entry]
    if not wrong and look.digest != identity.digest():
        wrong = ["more than the identity"]
    if look.in_the_clear:
        wrong.append("stored without encryption")
    return ", ".join(wrong)
