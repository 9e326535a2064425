# SPDX-License-Identifier: GPL-3.0-or-later
"""A board's spec arrives whole in the board's own process."""

from dataclasses import fields
from pathlib import Path

from station.simulate.esp import (
    BoardSpec,
    CableTrouble,
    Command,
    Download,
    Fault,
    FlashEncryption,
    SecurityFuses,
    Toward,
)
from station.simulate.esp.__main__ import spec_of
from station.simulate.esp.process import arguments_for

IN_THE_FLASH = {"partitions", "table_offset"}
"""Written there before the process starts."""

EVERYTHING = BoardSpec(
    chip="esp32s3",
    mac="60:55:f9:00:00:01",
    revision=1,
    security=SecurityFuses(
        encryption=FlashEncryption.RELEASE,
        secure_boot=True,
        download=Download.SECURE,
        soft_jtag_disabled=True,
        hard_jtag_disabled=True,
    ),
    accepts_stub=False,
    lacks=[Command.SPI_FLASH_MD5, Command.READ_FLASH],
    inflates_whole_windows=False,
    flash=Path("flash.bin"),
    flash_size=8 << 20,
    link=Path("ttyBOARD"),
    tcp_port=0,
    rfc2217_port=4000,
    native_usb=True,
    reset_when_host_leaves=False,
    paced=True,
    latency_ms=1.5,
    sector_erase_s=0.25,
    faults=[Fault(trouble=CableTrouble.FLIP, toward=Toward.STATION, at=1200)],
)


def test_every_choice_arrives() -> None:
    plain = BoardSpec(chip="esp32", mac="00")
    same = {name for name in names() if getattr(EVERYTHING, name) == getattr(plain, name)}
    assert same == IN_THE_FLASH, "a choice that this test does not make"
    assert spec_of(arguments_for(EVERYTHING)) == EVERYTHING


def test_a_choice_that_is_not_made_arrives_so() -> None:
    plain = BoardSpec(chip="esp32", mac="600000000001")
    arrived = spec_of(arguments_for(plain))
    assert {name for name in names() if list_of(arrived, name) != list_of(plain, name)} == set()


def names() -> list[str]:
    return [field.name for field in fields(BoardSpec)]


def list_of(spec: BoardSpec, name: str) -> object:
    value = getattr(spec, name)
    return list(value) if isinstance(value, tuple | list) else value
