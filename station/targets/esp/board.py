# SPDX-License-Identifier: GPL-3.0-or-later
"""The board at a port, from its reset into the loader until it is let go: who it is, and writing to it and no other.

Writes go through the flasher stub, or through the chip's ROM where no stub runs or the profile's fast path has it.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.codes import Code
from station.errors import BoardFault
from station.model import BoardUid, Port
from station.profiles.profile import Profile
from station.targets.base import Progress
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp import trial as esp_trial
from station.targets.esp.flash import md5, used_bytes
from station.targets.esp.link import ADDRESSABLE, EspLink
from station.targets.esp.options import STUB_CHIPS, EspOptions
from station.targets.esp.speed import start_stub
from station.targets.esp.trial import Region
from station.targets.esp.uid import changed, changed_in_time, is_by_label, uid_from_mac, uid_without_mac

_ROM_READS_UP_TO = 2048
"""Bytes. The ROM gives 64 an answer; beyond some thirty answers the stub, for all its upload, is the faster reader."""


class Board:
    """Used by one thread; `link` is for reading."""

    def __init__(self, port: Port, profile: Profile, options: EspOptions, label: str | None) -> None:
        self._port = port
        self._profile = profile
        self._options = options
        self._label = label
        self._taken_by = profile.label
        self._mac = b""
        self._ends: list[int] = []  # of the partitions that are written
        self._sent = False  # something of what is being written may have left
        self._kind: esp_rom_trust.ChipRevision | None = None
        self.link = EspLink(port, options.reset)

    @property
    def secure_download(self) -> bool:
        """Nothing can be read, not even the MAC."""
        return self.link.security.secure_download

    @property
    def is_by_label(self) -> bool:
        """It cannot say who it is: another one under its label would be taken for it."""
        return self.secure_download and is_by_label(self._port)

    def connect(self) -> BoardUid:
        """Reset into the ROM, check the chip, start the loader that will write. BoardFault E202 for a wrong chip."""
        link, chips = self.link, self._profile.chips
        link.connect(ask_first=next(iter(chips), ""))
        if chips and link.chip not in chips:
            raise BoardFault(
                f"this board is an {link.chip}; profile {self._profile.name} takes {', '.join(chips)}",
                means="nothing was reserved or written",
                do="take the right board, or choose the right profile: station profile list",
                code=Code.E202,
            )
        if self.secure_download:
            link.attach_rom()
            return uid_without_mac(self._port, self._label, self._taken_by)
        told_by_rom = link.mac()
        self._kind = self._rom_kind()
        if self._writes_by_rom():
            link.attach_rom()
            told_again = link.mac()
        else:
            told_again = self._start_stub()
        uid = self._agreed(told_by_rom, told_again)
        link.ask_flash_size()
        return uid

    def reconnect(self) -> BoardUid:
        """After a fault: begin again, as far as this port allows."""
        if self.link.can_reset:
            self.link.reopen()
            return self.connect()
        self.link.resync()
        uid = self.uid()
        if not self.secure_download:
            self.link.ask_flash_size()
        return uid

    def uid(self) -> BoardUid:
        """Ask again: once when the answer is the known one, which is then confirmed, else twice."""
        if self.secure_download:
            return uid_without_mac(self._port, self._label, self._taken_by)
        told = self.link.mac()
        return self._agreed(told, self._mac if told == self._mac else self.link.mac())

    def require_unspoilt(self) -> None:
        """BoardFault E215 for one whose neighbours a trial has found written over."""
        esp_trial.require_unspoilt(self.link, self._mac)

    def went_elsewhere(self, region: Region) -> BoardFault:
        """E215, for a region that was written to its end and is as it was before, on the board that was written."""
        self._require_same()
        self.link.confine(None)
        return esp_trial.went_elsewhere(self.link, self._mac, region)

    def write(self, regions: Sequence[Region], progress: Progress, ends: Sequence[int]) -> None:
        """Write `regions`, each in a partition that goes up to one of `ends`; reading them back proves it. The first
        board of a kind written by its ROM is judged here.
        """
        self._ends = sorted(ends)
        self._sent = False
        too_much = sum(used_bytes(data) for _, data in regions) > _ROM_READS_UP_TO and self.link.can_reset
        if not self.link.is_stub and self.link.can_run_stub and (too_much or not self._writes_by_rom()):
            self._require_told(self._start_stub())
        on_trial = None if self.link.is_stub else self._kind
        if on_trial is None or esp_rom_trust.verdict(on_trial):
            self._put(regions, progress)
        else:
            self._try_rom(on_trial, regions, progress)

    def _try_rom(self, kind: esp_rom_trust.ChipRevision, regions: Sequence[Region], progress: Progress) -> None:
        """A ROM that wrote over the neighbours is never used again, and this board is not called right: E215."""
        beside = esp_trial.see(self.link, esp_trial.beside(regions, self.link.flash_bytes or ADDRESSABLE))
        try:
            self._put(regions, progress)
            works = self._stub_agrees(regions)
        except BoardFault as fault:
            if fault.code == Code.E209 or not self.link.can_run_stub:
                raise
            works = False
            if self.link.can_reset:
                self.link.connect_again()
            self._require_told(self._start_stub())
        self.link.confine(None)
        try:
            esp_trial.require_untouched(self.link, self._mac, beside)
        except BoardFault as fault:
            if fault.code == Code.E215:
                esp_rom_trust.judge(kind, works=False)
            raise
        if not works:
            self._put(regions, progress)
        esp_rom_trust.judge(kind, works=works)

    def restart(self, bytes_to_read: int) -> None:
        """Reset the chip and find its ROM again: the stub is gone, and all that follows comes from flash.

        A port without reset (`no-reset`, `socket://`) cannot do that. There the loader is only greeted again; it has
        no memory of the flash, so what follows is read from the flash chip all the same, but power was never off.
        """
        if not self.link.can_reset:
            self.link.resync()
            return
        self.link.connect_again()
        if self.link.is_stub or self.link.chip in STUB_CHIPS:
            self.link.start_stub()
        elif bytes_to_read > _ROM_READS_UP_TO and self.link.can_run_stub:
            self._require_told(self._start_stub())
        else:
            self.link.attach_rom()

    def close(self) -> None:
        self.link.close()

    # -- the same board ------------------------------------------------------------------------------------------------

    def _agreed(self, first: bytes, second: bytes) -> BoardUid:
        if first != second:
            raise changed("answered with two different MACs")
        self._mac = first
        return uid_from_mac(first)

    def _require_same(self) -> None:
        if not self.secure_download:
            self._require_told(self.link.mac())

    def _last_question(self) -> None:
        self._require_same()
        self._sent = True

    def _put(self, regions: Sequence[Region], progress: Progress) -> None:
        """The MAC is asked before the erase, for the sake of another board's contents, and between the erase and the
        first block: only the board that was told to erase accepts blocks, and that board has just said its name.
        """
        for number, (offset, data) in enumerate(regions):
            end = next(end for end in self._ends if end >= offset + len(data))
            self.link.confine(end)
            self._require_same()
            for part in self.link.write(offset, data, before_first_byte=self._last_question):
                progress((number + part) / len(regions))
            if end < self._ends[-1]:
                self.link.confine(None)

    # -- which loader --------------------------------------------------------------------------------------------------

    def _start_stub(self) -> bytes:
        return start_stub(self.link, self._port.slot, self._options.baud)

    def _rom_kind(self) -> esp_rom_trust.ChipRevision | None:
        """What is on trial if the ROM writes. BoardFault E202 when it must, and has been found wanting."""
        link = self.link
        if link.is_stub or (link.can_run_stub and link.chip not in self._options.rom_fast_path):
            return None
        kind = esp_rom_trust.ChipRevision(link.chip, link.revision())
        if not link.can_run_stub and esp_rom_trust.verdict(kind) is False:
            raise BoardFault(
                f"no stub runs on this {link.chip}, and its ROM writes over what lies beside a partition",
                means="nothing was reserved or written",
                do="let its firmware take the identity: an agent or console profile",
                code=Code.E202,
            )
        return kind

    def _writes_by_rom(self) -> bool:
        if self.link.is_stub or self._kind is None:
            return False
        return not self.link.can_run_stub or esp_rom_trust.verdict(self._kind) is not False

    def _stub_agrees(self, regions: Sequence[Region]) -> bool:
        """Whether the stub, which runs afterwards, finds what the ROM has written.

        Not asked where a stub that does not start could not be reset away; there, and where none starts, the readback
        that follows each write is the only judge of what was written.
        """
        if not self.link.can_reset or not self.link.can_run_stub:
            return True
        try:
            told = self._start_stub()
        except BoardFault:
            self.link.connect_again()
            self.link.attach_rom()
            self._require_told(self.link.mac())
            return True
        self._require_told(told)
        return all(self.link.md5(offset, len(data)) == md5(data) for offset, data in regions)

    def _require_told(self, mac: bytes) -> None:
        if mac != self._mac:
            raise changed("is not the one that was identified") if self._sent else changed_in_time(mac)
