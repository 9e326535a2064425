# SPDX-License-Identifier: GPL-3.0-or-later
"""An ESP board on the bench, in this process: plug it in, let a tool talk to it, look into its flash.

One thread per board, asleep while nothing comes. The port has no modem lines; in their place a host that closes the
port resets the board, as the auto-reset circuit does between two calls of a tool (`reset_when_host_leaves`). What is
looked into is always this board, even while a fault has put another one on its cable; the bytes and turnarounds in
`stats` are the cable's.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import TracebackType

from station.simulate.cable_words import Toward
from station.simulate.esp.cable import EspCable
from station.simulate.esp.faults import Fault, Faults
from station.simulate.esp.flash import NorFlash
from station.simulate.esp.partitions import partition_table
from station.simulate.esp.ports import HostPort
from station.simulate.esp.programs import PROGRAMS
from station.simulate.esp.pty_port import PtyPort
from station.simulate.esp.rfc2217_port import Rfc2217Port
from station.simulate.esp.silicon import Running, Silicon
from station.simulate.esp.spec import BoardSpec
from station.simulate.esp.tcp_port import TcpPort


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Since the board was made. A turnaround is a burst of answers to one packet of the host."""

    to_board_bytes: int
    to_host_bytes: int
    turnarounds: int
    erased_sectors: int
    programmed_bytes: int
    stub_starts: int
    resets: int
    commands: dict[str, int]


class EspBoard:
    """Its flash, once made, is for life; what is on its cable and in its RAM goes with `unplug`."""

    def __init__(self, spec: BoardSpec) -> None:
        build = spec.build()
        self.mac = build.mac.hex(":")
        self.url = ""
        self.silicon = Silicon(build, NorFlash(spec.flash_size, spec.flash), PROGRAMS, sector_erase_s=spec.erase_s)
        if spec.partitions:
            self.preload(spec.table_offset, partition_table(spec.partitions))
        self._spec = spec
        self._port = self._made_port()
        self._faults = Faults(spec.faults)
        self._cable: EspCable | None = None
        self._turnarounds = 0
        self._changing = threading.RLock()
        self._held_in_reset = False

    def _made_port(self) -> HostPort:
        spec = self._spec
        if spec.tcp_port is not None:
            return TcpPort(spec.tcp_port)
        if spec.rfc2217_port is not None:
            return Rfc2217Port(spec.rfc2217_port, self._usb_lines if spec.native_usb else self._lines)
        return PtyPort(spec.link)

    # -- the bench ---------------------------------------------------------------------------------------------------

    def start(self) -> EspBoard:
        """Power on and plug in."""
        self.plug()
        return self

    def stop(self) -> None:
        """Unplug; the flash can still be looked into."""
        self.unplug()

    def __enter__(self) -> EspBoard:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def plug(self) -> str:
        """Connect: the port appears, under the same link or TCP port as before, and the board powers up."""
        if self._cable is not None and not self._cable.has_vanished:
            return self.url
        self.unplug()
        return self._connect(self.silicon)

    def unplug(self) -> None:
        """Disconnect: the port disappears, whoever has it open."""
        while (cable := self._cable) is not None:
            cable.stop()
            # A fault may have put another board's cable in its place meanwhile.
            if self._cable is cable:
                self._turnarounds += cable.turnarounds
                self._cable = None

    def _connect(self, silicon: Silicon) -> str:
        with self._changing:
            silicon.reset()
            self._faults.reconnected()
            cable = EspCable(
                silicon,
                self._port,
                self._faults,
                paced=self._spec.paced,
                latency_s=self._spec.latency_ms / 1000,
                reset_when_host_leaves=self._spec.reset_when_host_leaves,
                on_vanish=self._vanished,
            )
            self.url = cable.start()
            self._cable = cable
            return self.url

    def _vanished(self, fault: Fault) -> None:
        """On the cable's thread, its port closed."""
        with self._changing:
            if fault.other is not None and self._cable is not None:
                # Never None in between: whoever unplugs meanwhile must find the one or the other.
                self._turnarounds += self._cable.turnarounds
                self._connect(fault.other.silicon)

    def _lines(self, dtr: bool, rts: bool) -> None:  # noqa: FBT001  # two wires
        """The auto-reset circuit: RTS alone pulls EN low, DTR alone BOOT, both do nothing; EN rises so slowly that a
        chip in reset leaves it when RTS goes, and looks at BOOT then."""
        assert self._cable is not None
        chip = self._cable.silicon
        if self._held_in_reset and not rts:
            self._held_in_reset = False
            chip.strapped_to_download = dtr
            chip.reset()
        elif rts and not dtr:
            self._held_in_reset = True
            chip.run_firmware()

    def _usb_lines(self, dtr: bool, rts: bool) -> None:  # noqa: FBT001  # as above
        """USB-Serial-JTAG as its manual has it: DTR alone asks for the loader, RTS alone resets, neither forgets what
        was asked, both do nothing."""
        assert self._cable is not None
        chip = self._cable.silicon
        if rts and not dtr:
            chip.reset()
        elif not rts:
            chip.strapped_to_download = dtr

    def boot_firmware(self) -> None:
        """Let go of the BOOT pin and reset: the firmware runs and no loader answers."""
        self.silicon.strapped_to_download = False
        self.silicon.reset()

    def enter_download(self) -> None:
        """Hold the BOOT pin and reset: the ROM's loader listens."""
        self.silicon.strapped_to_download = True
        self.silicon.reset()

    def inject(self, fault: Fault) -> None:
        """At a byte that is still to come; `stats` tells how many went by."""
        self._faults.add(fault)

    def disarm(self) -> None:
        """Faults that have not happened yet never will."""
        self._faults.clear()

    # -- looking in --------------------------------------------------------------------------------------------------

    @property
    def running(self) -> Running:
        return self.silicon.running

    def flash_bytes(self, offset: int, size: int) -> bytes:
        return self.silicon.flash.read(offset, size)

    def preload(self, offset: int, data: bytes) -> None:
        """Put something into the flash as if it had been there before."""
        self.silicon.flash.preload(offset, data)

    @property
    def stats(self) -> Stats:
        flash = self.silicon.flash
        return Stats(
            to_board_bytes=self._faults.count(Toward.BOARD),
            to_host_bytes=self._faults.count(Toward.STATION),
            turnarounds=self._turnarounds + (self._cable.turnarounds if self._cable else 0),
            erased_sectors=flash.erased_sectors,
            programmed_bytes=flash.programmed_bytes,
            stub_starts=self.silicon.stub_starts,
            resets=self.silicon.resets,
            commands=dict(self.silicon.commands),
        )
