# SPDX-License-Identifier: GPL-3.0-or-later
"""The station for other people's programs: what `import station` offers, and promises by semantic versioning.

Whatever else is in this package may change with any release. Errors are `StationError`, each with a code, what happened
and what to do; no secret is in any of these values.
"""

from station.api.past import PastCertificate, PastEvent, UnitHistory
from station.api.run import FlashRun
from station.api.station import Station, open_station
from station.api.stock import PulledBatch, StockCertificate

__all__ = [
    "FlashRun",
    "PastCertificate",
    "PastEvent",
    "PulledBatch",
    "Station",
    "StockCertificate",
    "UnitHistory",
    "open_station",
]
