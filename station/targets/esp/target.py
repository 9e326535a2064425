# SPDX-License-Identifier: GPL-3.0-or-later
"""ESP boards: an identity in an NVS partition, written through the chip's loader by esptool.

One connection per board: chip and security, MAC, partition table, what is there; then compressed write, MD5, readback
of the used bytes, values compared, MAC again. After a fault the next `identify` begins a new conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from station.codes import Code
from station.errors import BoardFault
from station.model import BoardInfo, BoardUid, Digest, Holding, Identity, Method, Port, ReadBack, Secret, Verdict
from station.profiles.profile import Profile
from station.targets.base import Progress
from station.targets.esp.board import Board
from station.targets.esp.flash import Flash, changed_part, md5
from station.targets.esp.keys import BoardKeys, hmac_key_from
from station.targets.esp.layout import stored_fields, to_entries
from station.targets.esp.locate import NvsPlace, locate
from station.targets.esp.look import Look, differences, look_at
from station.targets.esp.nvs import Entry, Kept, build, crypt
from station.targets.esp.nvs.build import generator
from station.targets.esp.nvs.page import PAGE_SIZE, is_blank
from station.targets.esp.options import Encryption, EspOptions, Existing, read_options
from station.targets.esp.security import HMAC_UP
from station.targets.esp.tool import esptool
from station.targets.esp.trial import Region


def warm_up() -> None:
    """Half a second of imports, which the first board would otherwise wait for."""
    esptool()
    generator()


class EspNvsTarget:
    """See station.targets.base.Target."""

    def check_options(self, options: Mapping[str, object]) -> None:
        read_options(options)

    def open(self, port: Port, profile: Profile, *, label: str | None = None) -> EspSession:
        return EspSession(port, profile, read_options(profile.options), label)


class EspSession:
    """See station.targets.base.Session. Connects when first asked who is there."""

    instruction = identify_instruction = ""
    names_the_board = False

    def __init__(self, port: Port, profile: Profile, options: EspOptions, label: str | None) -> None:
        self._profile = profile
        self._options = options
        self._encrypted = options.nvs_encryption is not Encryption.NONE
        self._hmac_key = hmac_key_from(options)
        self._keys = BoardKeys() if options.nvs_encryption is Encryption.KEYS_PARTITION else None
        self._board = Board(port, profile, options, label)
        self._flash = Flash(self._board.link)
        self._connected = False
        self._failed = False
        self._place: NvsPlace | None = None
        self._look: Look | None = None
        self._seen: tuple[bytes, bytes | None, Look] | None = None  # an image, its key, and what they mean
        self._room_for: tuple[Identity, Look, list[Region]] | None = None
        self._all_there = True  # of the partition, when an identity was last seen there
        self._is_failing = False  # its flash: a write arrived, and not all of it stays
        self._written: list[tuple[Region, bytes]] = []  # and acknowledged, not yet seen; with what was there before

    def identify(self) -> BoardInfo:
        with self._conversation():
            uid = self._uid()
            self._require_key_in_chip()
            place = self._place = self._place or locate(self._board.link, self._options)
            self._board.require_unspoilt()
            look = self._look = self._look_now(place)
        return self._info(uid, place, look)

    def require_room(self, identity: Identity) -> None:
        images = self._images(identity)
        if not self._keys:  # whose board may still be given another one
            self._room_for = (identity, self._identified()[1], images)

    def board_key(self, kept: Secret | None) -> Secret | None:
        return self._keys.choose(kept) if self._keys else None

    def write(self, identity: Identity, progress: Progress) -> None:
        room, self._room_for = self._room_for, None
        images = room[2] if room and room[:2] == (identity, self._identified()[1]) else self._images(identity)
        if self._keys:
            self._keys.married()
        with self._conversation():
            changes = [self._change(offset, image) for offset, image in images]
            self._written = [(region, before) for region, before in changes if region[1]]
            ends = [offset + len(image) for offset, image in images]
            self._board.write([region for region, _ in self._written], progress, ends)
        for offset, image in images:
            self._flash.expect(offset, image)
        progress(1.0)

    def read_back(self, identity: Identity | None, progress: Progress) -> ReadBack:
        progress(0.0)
        if self._board.secure_download:
            return _read(Verdict.UNVERIFIABLE, Look(holding=Holding.UNREADABLE), "secure download mode")
        place, _ = self._identified()
        with self._conversation():
            look = self._look = self._look_now(place, fresh=True)
            found = self._compare(look, identity)
            if found.verdict in (Verdict.BLANK, Verdict.DIFFERS, Verdict.TORN):
                self._require_arrived()
        progress(1.0)
        return found

    def restart(self) -> None:
        with self._conversation():
            self._board.restart(self._flash.used_bytes)

    def lock(self, digest: Digest) -> None:
        """Boards of this kind have no lock."""

    def close(self) -> None:
        self._board.close()

    # -- looking -------------------------------------------------------------------------------------------------------

    def _uid(self) -> BoardUid:
        if self._failed:
            self._place = None
            return self._board.reconnect()
        if self._connected:
            return self._board.uid()
        uid = self._board.connect()
        self._connected = True
        return uid

    def _look_now(self, place: NvsPlace, *, fresh: bool = False) -> Look:
        if self._board.secure_download:
            return Look(holding=Holding.UNREADABLE)
        if self._keys:
            at = place.keys_offset
            self._keys.look(None if at is None else self._flash.contents(at, PAGE_SIZE, fresh=fresh))
        image = self._flash.contents(place.offset, place.size, fresh=fresh)
        key = self._keys.to_read if self._keys else self._hmac_key
        if self._keys and key is None and not self._keys.readable and not is_blank(image):
            return Look(holding=Holding.UNREADABLE, why="its key cannot be read")
        if self._seen is None or self._seen[:2] != (image, key):
            look = look_at(image, self._profile, self._options, encrypted=self._encrypted, key=key)
            self._seen = (image, key, look)
        return self._seen[2]

    def _compare(self, look: Look, identity: Identity | None) -> ReadBack:
        if look.holding is Holding.BLANK:
            return _read(Verdict.BLANK, look, "")
        if identity is None and look.holding is Holding.TORN:
            return _read(Verdict.TORN, look, look.why)
        if identity is None:
            return _read(Verdict.UNVERIFIABLE, look, look.why or "nothing to compare with")
        wrong = look.why or differences(look, self._profile.as_stored(identity), self._profile, self._options)
        if not wrong and self._keys and not self._keys.in_place:
            wrong = "not stored with this board's key"
        if wrong:
            return _read(Verdict.DIFFERS, look, wrong)
        spoilt = self._spoilt_beside(look)
        return _read(Verdict.TORN if spoilt else Verdict.EQUAL, look, spoilt)

    def _spoilt_beside(self, look: Look) -> str:
        """What of the partition is not as this station leaves it, where the identity is right: the flash is failing.
        A board that keeps keys of its own there may have been at work since, and repairs what a power cut left."""
        self._all_there = self._flash.is_as_written()
        if not self._all_there:
            return "its flash does not hold all of the partition as it was written"
        return "" if look.others else look.damage

    def _identified(self) -> tuple[NvsPlace, Look]:
        """Never asks by itself: after a fault another board may be there, and whoever decides must be told so."""
        if self._failed or self._place is None or self._look is None:
            raise RuntimeError("identify() comes first, and again after each fault")
        return self._place, self._look

    def _require_key_in_chip(self) -> None:
        if self._options.nvs_encryption is Encryption.HMAC and HMAC_UP not in self._board.link.security.key_purposes:
            raise BoardFault(
                "this chip has no HMAC key in its eFuses",
                means="its firmware could not read what we encrypt; nothing was written",
                do="burn the key first, or choose a profile without encryption",
                code=Code.E202,
            )

    def _info(self, uid: BoardUid, place: NvsPlace, look: Look) -> BoardInfo:
        link = self._board.link
        details = {
            "security": link.security.words(),
            "loader": "stub" if link.is_stub else "rom",
            "baud": str(link.baud),
            "partition": f"{place.offset:#x}+{place.size:#x}" + ("" if place.checked else " (by profile)"),
        }
        if look.others:
            details["other_keys"] = str(len(look.others))
        if look.identity and look.in_the_clear:
            details["encryption"] = "none, although the profile demands it"
        if look.why:
            details["torn"] = look.why
        return BoardInfo(
            uid=uid,
            chip=link.chip,
            holding=look.holding,
            names=tuple(certificate.name for certificate in look.identity or ()),
            digest=look.digest,
            details=details,
            by_label=self._board.is_by_label,
        )

    # -- what to write -------------------------------------------------------------------------------------------------

    def _images(self, identity: Identity) -> list[Region]:
        """Whole partitions as they shall be. BoardFault when something forbids that."""
        place, look = self._identified()
        entries = to_entries(self._profile.as_stored(identity), self._options, fields=stored_fields(self._profile))
        kept: tuple[Kept, ...] = ()
        if self._options.existing is Existing.MERGE:
            self._require_mergeable(look)
            entries = (*entries, *(other for other in look.others if isinstance(other, Entry)))
            kept = tuple(other for other in look.others if isinstance(other, Kept))
        elif self._options.existing is Existing.REFUSE and look.others:
            raise self._keeps_others(look)
        if look.foreign and not place.checked:
            raise _not_nvs(place)
        version = self._options.nvs_version
        if not self._encrypted:
            return [(place.offset, build(entries, place.size, version=version, kept=kept))]
        if self._keys is None:
            return [(place.offset, build(entries, place.size, version=version, key=self._hmac_key))]
        if place.keys_offset is None:
            raise _no_place_for_key()
        key = self._keys.to_write()
        image = build(entries, place.size, version=version, key=key)
        return [(place.keys_offset, crypt.keys_partition(key)), (place.offset, image)]

    def _require_arrived(self) -> None:
        """BoardFault E215 when what the board has acknowledged to the end has changed nothing where it belongs."""
        written, self._written = self._written, []
        if self._is_failing:  # what is written to such a cell again changes nothing either
            return
        for region, before in written:
            if self._board.link.md5(region[0], len(before)) == md5(before):
                raise self._board.went_elsewhere(region)
        self._is_failing = not self._all_there

    def _change(self, offset: int, image: bytes) -> tuple[Region, bytes]:
        """What of `image` the board does not have, and what is there instead. In secure download mode nobody knows, so
        all of it.
        """
        if self._board.secure_download:
            return (offset, image), b""
        present = self._flash.about_to_change(offset, len(image))
        start, data = changed_part(present, image)
        return (offset + start, data), present[start : start + len(data)]

    def _require_mergeable(self, look: Look) -> None:
        if look.holding is Holding.UNREADABLE or look.damage:
            raise BoardFault(
                f"the partition's other keys cannot be kept, since not all can be read: {look.damage or look.why}",
                means="nothing was written",
                do="let the board start once, so that its firmware repairs the partition, and put it in again; "
                "or use a profile whose existing is replace",
                code=Code.E206,
            )

    def _keeps_others(self, look: Look) -> BoardFault:
        return BoardFault(
            f"the partition holds {len(look.others)} other keys, among them {look.others[0]}",
            means="nothing was written; a new image would erase them",
            do="choose another partition, or set existing to merge or replace in the profile",
            code=Code.E206,
        )

    @contextmanager
    def _conversation(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._failed = True
            raise
        self._failed = False


def _read(verdict: Verdict, look: Look, detail: str) -> ReadBack:
    return ReadBack(verdict=verdict, digest=look.digest, method=Method.READBACK, detail=detail)


def _no_place_for_key() -> BoardFault:
    return BoardFault(
        "wrong board: its flash is encrypted already, so an NVS key cannot be put there as it is",
        means="nothing was written",
        do="let the firmware make the key, or give boards their identity before they encrypt their flash",
        code=Code.E202,
    )


def _not_nvs(place: NvsPlace) -> BoardFault:
    return BoardFault(
        f"wrong partition: what lies at {place.offset:#x} is not NVS, and the board's table cannot be read to say more",
        means="nothing was written",
        do="check offset and size in the profile",
        code=Code.E202,
    )
