# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of flashed boards in ZPL II, the language of label printers: device name, board uid, and both in a QR code.

The QR code holds the uid and productKey/deviceName, separated by a space: a scan at the end of the line finds the whole
history. Text is sent as hexadecimal (^FH), so that no name can hold a printer command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from station.ledger.tracing import Trace

_ZPL = (
    "^XA^CI28^PW480^LL240"
    "^FO20,30^BQN,2,5^FH^FDQA,{code}^FS"
    "^FO210,40^A0N,26,26^FH^FD{name}^FS"
    "^FO210,80^A0N,22,22^FH^FD{product}^FS"
    "^FO210,120^A0N,26,26^FH^FD{uid}^FS"
    "^XZ\n"
)


def zpl(traces: Iterable[Trace]) -> Iterator[str]:
    """One label a board, 60 × 30 mm at 203 dpi; the cameras of a set are on their NVR's board and get none."""
    boards: set[str] = set()
    for trace in traces:
        if not trace.board_uid or trace.board_uid in boards:
            continue
        boards.add(trace.board_uid)
        yield _ZPL.format(
            code=_hex(f"{trace.board_uid} {trace.product_key}/{trace.device_name}"),
            name=_hex(trace.device_name),
            product=_hex(trace.product_key),
            uid=_hex(trace.board_uid),
        )


def _hex(text: str) -> str:
    return "".join(f"_{byte:02X}" for byte in text.encode())
