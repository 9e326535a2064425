# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated ESP boards that real esptool drives: ROM loader, stub, flash, fuses, cable and its faults.

Written from the documented serial protocol, and from none of the code it is there to test.
"""

from station.simulate.cable_words import CableTrouble, Toward
from station.simulate.esp.board import EspBoard, Stats
from station.simulate.esp.chips import CHIPS
from station.simulate.esp.commands import Command
from station.simulate.esp.efuse import Download, FlashEncryption, SecurityFuses
from station.simulate.esp.faults import Fault
from station.simulate.esp.partition_csv import read_partitions
from station.simulate.esp.partitions import DEFAULT_PARTITIONS, Partition, partition_table
from station.simulate.esp.process import EspBoardProcess
from station.simulate.esp.silicon import Running
from station.simulate.esp.spec import BoardSpec

__all__ = [
    "CHIPS",
    "DEFAULT_PARTITIONS",
    "BoardSpec",
    "CableTrouble",
    "Command",
    "Download",
    "EspBoard",
    "EspBoardProcess",
    "Fault",
    "FlashEncryption",
    "Partition",
    "Running",
    "SecurityFuses",
    "Stats",
    "Toward",
    "partition_table",
    "read_partitions",
]
