# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulated board as a program of its own: `python -m station.simulate.esp --chip esp32c3 --mac … --link PATH`.

Prints one JSON line, {"url": …, "mac": …}, and lives until its standard input closes. Each line it reads there is a
request, answered by one JSON line: stats, plug, unplug, boot, download.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from station.simulate.cable_words import CableTrouble, Toward
from station.simulate.esp.board import EspBoard
from station.simulate.esp.chips import CHIPS
from station.simulate.esp.commands import Command
from station.simulate.esp.efuse import Download, FlashEncryption, SecurityFuses
from station.simulate.esp.faults import Fault
from station.simulate.esp.partitions import DEFAULT_PARTITIONS
from station.simulate.esp.spec import DEFAULT_FLASH_SIZE, BoardSpec


def _number(text: str) -> int:
    return int(text, 0)


def _fault(text: str) -> Fault:
    """trouble:toward:byte, as in flip:station:1200"""
    trouble, toward, at = text.split(":")
    return Fault(trouble=CableTrouble(trouble), toward=Toward(toward), at=_number(at))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m station.simulate.esp", description=__doc__)
    add = parser.add_argument
    add("--chip", required=True, choices=sorted(CHIPS))
    add("--mac", required=True, help="base MAC in hex")
    add("--revision", type=_number, help="major × 100 + minor")
    add("--flash", type=Path, help="file that holds the flash, byte for byte")
    add("--flash-size", type=_number, default=DEFAULT_FLASH_SIZE, metavar="BYTES")
    add("--partitions", action="store_true", help="load a partition table with an NVS partition for the factory")
    add("--link", type=Path, help="stable path of the pseudo-terminal")
    add("--tcp", type=_number, metavar="PORT", help="serve TCP instead of a pseudo-terminal (0: any port)")
    add("--rfc2217", type=_number, metavar="PORT", help="serve RFC 2217, with DTR and RTS, instead")
    add("--native-usb", action="store_true", help="DTR and RTS are heard by the chip's own USB")
    add("--pace", action="store_true", help="let bytes and sector erases take their time")
    add("--latency-ms", type=float, default=0.0, help="what the USB adapter adds before each answer")
    add("--erase-ms", type=float, help="time of one sector erase")
    add("--keep-state", action="store_true", help="do not reset when the host closes the port")
    add("--rejects-stub", action="store_true", help="uploaded code never starts")
    add(
        "--lacks",
        type=Command.__getitem__,
        action="append",
        default=[],
        metavar="COMMAND",
        help="not known to this ROM",
    )
    add("--inflates", choices=["windows", "streams"], help="how this ROM writes what comes deflated")
    add("--encryption", type=FlashEncryption, choices=list(FlashEncryption), default=FlashEncryption.OFF)
    add("--secure-boot", action="store_true")
    add("--download", type=Download, choices=list(Download), default=Download.ENABLED)
    add("--soft-jtag-disabled", action="store_true")
    add("--hard-jtag-disabled", action="store_true")
    add("--fault", type=_fault, action="append", default=[], metavar="TROUBLE:TOWARD:BYTE")
    return parser


def spec_of(argv: Sequence[str]) -> BoardSpec:
    args = _parser().parse_args(argv)
    return BoardSpec(
        chip=args.chip,
        mac=args.mac,
        flash=args.flash,
        flash_size=args.flash_size,
        revision=args.revision,
        security=SecurityFuses(
            encryption=args.encryption,
            secure_boot=args.secure_boot,
            download=args.download,
            soft_jtag_disabled=args.soft_jtag_disabled,
            hard_jtag_disabled=args.hard_jtag_disabled,
        ),
        accepts_stub=not args.rejects_stub,
        lacks=args.lacks,
        inflates_whole_windows=None if args.inflates is None else args.inflates == "windows",
        partitions=DEFAULT_PARTITIONS if args.partitions else (),
        link=args.link,
        tcp_port=args.tcp,
        rfc2217_port=args.rfc2217,
        native_usb=args.native_usb,
        paced=args.pace,
        latency_ms=args.latency_ms,
        sector_erase_s=None if args.erase_ms is None else args.erase_ms / 1000,
        reset_when_host_leaves=not args.keep_state,
        faults=args.fault,
    )


def _answer(board: EspBoard, request: str) -> dict[str, object]:
    match request:
        case "stats":
            return {**asdict(board.stats), "running": board.running}
        case "plug":
            board.plug()
        case "unplug":
            board.unplug()
        case "boot":
            board.boot_firmware()
        case "download":
            board.enter_download()
        case _:
            return {"error": f"unknown request: {request}"}
    return {"url": board.url}


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    with EspBoard(spec_of(sys.argv[1:])) as board:
        _print({"url": board.url, "mac": board.mac})
        for line in sys.stdin:
            _print(_answer(board, line.strip()))


if __name__ == "__main__":
    main()
