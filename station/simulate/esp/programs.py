# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Espressif chip runs before it runs a product's firmware."""

from __future__ import annotations

from station.simulate.esp.rom import Rom
from station.simulate.esp.silicon import Programs
from station.simulate.esp.stub import GREETING, Stub

PROGRAMS = Programs(rom=Rom, stub=Stub, greeting=GREETING)
