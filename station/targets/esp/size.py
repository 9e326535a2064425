# SPDX-License-Identifier: GPL-3.0-or-later
"""How large the flash chip is that this board really has, and that all of its partitions lie on it.

A chip does not look at address bits it has no use for: an address behind its end is one at its beginning, in the
application, say. A write there succeeds and reads back right.
"""

from __future__ import annotations

from collections.abc import Iterable

from station.codes import Code
from station.errors import BoardFault
from station.targets.esp.link import ADDRESSABLE, EspLink
from station.targets.esp.partition import Partition


def require_fits(link: EspLink, table: Iterable[Partition], end: int, *, told: int | None) -> None:
    """BoardFault E202 unless `table` and everything up to `end`, where we write, lie on this board's flash.

    `told`: the profile's word for the size, in bytes, for a chip that does not say. E208 when neither does.
    """
    size = link.flash_bytes or told
    if size is None:
        raise BoardFault(
            f"the flash chip does not tell its size (it calls itself {link.flash_id:06x})",
            means="nothing was reserved or written; behind a flash's end lies its beginning",
            do="put the board back in; if it says so again and the chip is meant to be, set flash_size in the profile",
            code=Code.E208,
        )
    for partition in table:
        if partition.offset + partition.size > size:
            raise _too_small(size, f"partition {partition.name!a} ends at {partition.offset + partition.size:#x}")
    if end > size:
        raise _too_small(size, f"the profile's partition ends at {end:#x}")
    if end > ADDRESSABLE:
        raise BoardFault(
            f"wrong partition: it ends at {end:#x}, and loaders reach no further than {ADDRESSABLE:#x}",
            means="nothing was reserved or written",
            do="move it into the first 16 MB in the partition table",
            code=Code.E202,
        )


def _too_small(size: int, what: str) -> BoardFault:
    return BoardFault(
        f"wrong flash: this board's chip has {size:#x} bytes, and {what}",
        means="nothing was reserved or written; what goes behind a flash's end lands in the application",
        do="keep the board aside: a wrong flash chip, or another product's partition table",
        code=Code.E202,
    )
