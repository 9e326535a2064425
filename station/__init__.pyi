# SPDX-License-Identifier: GPL-3.0-or-later
"""What a type checker sees of `import station`; at run time it is loaded when it is first asked for."""

from station.api import FlashRun as FlashRun
from station.api import PastCertificate as PastCertificate
from station.api import PastEvent as PastEvent
from station.api import PulledBatch as PulledBatch
from station.api import Station as Station
from station.api import StockCertificate as StockCertificate
from station.api import UnitHistory as UnitHistory
from station.api import open_station as open_station
from station.errors import StationError as StationError
from station.events import Notice as Notice
from station.events import SlotEvent as SlotEvent

__version__: str
__all__: list[str]
