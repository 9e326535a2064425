# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate flashing station: exactly one cloud identity on each board, proved by readback.

For programs: `open_station` and the values that come from it, loaded when they are first asked for. These, their
fields, the events and the configuration keep their promises by semantic versioning; the rest of the package does not.
"""

from importlib import import_module

__version__ = "0.1.0"
__all__ = [
    "FlashRun",
    "Notice",
    "PastCertificate",
    "PastEvent",
    "PulledBatch",
    "SlotEvent",
    "Station",
    "StationError",
    "StockCertificate",
    "UnitHistory",
    "__version__",
    "open_station",
]

_ELSEWHERE = {"Notice": "station.events", "SlotEvent": "station.events", "StationError": "station.errors"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE.get(name, "station.api")), name)


def __dir__() -> list[str]:
    return __all__
