# SPDX-License-Identifier: GPL-3.0-or-later
"""The clouds on loopback, behaving and misbehaving like the real ones. Shares no code with `station.cloud`."""

from station.simulate.cloud.keys import Keys
from station.simulate.cloud.simulator import CloudSimulator

__all__ = ["CloudSimulator", "Keys"]
