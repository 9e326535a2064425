# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated label printer on a TCP port: what it is sent becomes pictures (PNG), and it answers how it is.

It reads what ZPL II and TSPL say of it: ^XA ^PW ^LL ^FO ^GFA ^FS ^PQ ^XZ and ~HS; SIZE, CLS, BITMAP, PRINT and
<ESC>!?. It can be `out-of-paper`, `jammed`, `open`, `dead` (takes the connection and says and prints nothing), or
`slow` (takes a few bytes at a time). Anything that it does not know ends the label without a picture, as on paper.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path

STATES = ("ready", "out-of-paper", "jammed", "open", "dead", "slow")
_TSPL_STATE = {"out-of-paper": 4, "jammed": 2, "open": 1}
_DOTS_A_MM = 8
_GRAPHIC = re.compile(rb"\^FO([0-9]+),([0-9]+)\^GFA,([0-9]+),[0-9]+,([0-9]+),([0-9A-F]*)\^FS")
_BITMAP = re.compile(rb"BITMAP ([0-9]+),([0-9]+),([0-9]+),([0-9]+),0,")


@dataclass(slots=True)
class Paper:
    """One label: rows of dots, `width` bits each, 1 is black."""

    width: int
    height: int
    dots: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.dots = [0] * self.height

    def burn(self, left: int, top: int, wide: int, rows: bytes) -> None:
        """`rows`: so many bytes a row, 1 is black; what is beside the label is lost."""
        spare = left + wide * 8 - self.width
        on_label = (1 << max(0, self.width - left)) - 1
        for y in range(top, min(self.height, top + len(rows) // wide)):
            row = int.from_bytes(rows[(y - top) * wide : (y - top + 1) * wide])
            self.dots[y] |= (row >> spare if spare > 0 else row << -spare) & on_label

    def png(self) -> bytes:
        """Grey, one bit a dot."""
        wide = (self.width + 7) // 8
        paper = (1 << wide * 8) - 1
        rows = b"".join(b"\0" + (paper ^ row << wide * 8 - self.width).to_bytes(wide) for row in self.dots)
        head = struct.pack(">IIBBBBB", self.width, self.height, 1, 0, 0, 0, 0)
        parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
        chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


class LabelPrinter:
    """On 127.0.0.1; each connection in a thread of its own. `folder`: where each label is put as label-N.png."""

    def __init__(self, folder: Path | None = None, *, port: int = 0, state: str = "ready") -> None:
        self.state, self._folder = state, folder
        self.labels: list[Paper] = []
        self.printed = threading.Condition()
        self._server = socket.create_server(("127.0.0.1", port))
        self.where = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> LabelPrinter:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._listen, args=(peer,), daemon=True).start()

    def _listen(self, peer: socket.socket) -> None:
        heard = b""
        with peer:
            while chunk := peer.recv(64 if self.state == "slow" else 65536):
                if self.state == "dead":
                    continue
                if self.state == "slow":
                    time.sleep(0.001)
                heard = self._take(peer, heard + chunk)

    def _take(self, peer: socket.socket, heard: bytes) -> bytes:
        """What is not yet whole."""
        for question, answer in ((b"~HS", self._host_status), (b"\x1b!?", self._tspl_status)):
            if heard.startswith(question):
                peer.sendall(answer())
                heard = heard[len(question) :]
        if heard.startswith(b"^XA") and b"^XZ" in heard:
            label, _, rest = heard.partition(b"^XZ")
            self._print(_of_zpl(label))
            return rest.lstrip()
        if heard.startswith(b"SIZE"):
            done = _of_tspl(heard)
            if done is not None:
                self._print(done[0])
                return done[1]
        return heard

    def _host_status(self) -> bytes:
        paper, head = int(self.state == "out-of-paper"), int(self.state == "open")
        stuck = int(self.state == "jammed")
        return (
            f"\x02030,{paper},{stuck},0245,000,0,0,0,000,0,0,0\x03\r\n"
            f"\x02001,0,{head},0,1,2,4,0,00000000,1,000\x03\r\n\x020000,0\x03\r\n"
        ).encode()

    def _tspl_status(self) -> bytes:
        return bytes([_TSPL_STATE.get(self.state, 0)])

    def _print(self, paper: Paper | None) -> None:
        if paper is None or self.state in _TSPL_STATE:
            return
        with self.printed:
            self.labels.append(paper)
            if self._folder is not None:
                (self._folder / f"label-{len(self.labels)}.png").write_bytes(paper.png())
            self.printed.notify_all()


def _number(said: bytes, name: bytes) -> int:
    found = re.search(rb"\^" + name + rb"([0-9]+)", said)
    return int(found[1]) if found else 0


def _of_zpl(label: bytes) -> Paper | None:
    paper = Paper(_number(label, b"PW"), _number(label, b"LL"))
    graphics = _GRAPHIC.findall(label)
    for left, top, total, wide, dots in graphics:
        rows = bytes.fromhex(dots.decode())
        if len(rows) != int(total):
            return None
        paper.burn(int(left), int(top), int(wide), rows)
    return paper if graphics and paper.width and paper.height else None


def _of_tspl(heard: bytes) -> tuple[Paper | None, bytes] | None:
    """The label and what follows it; None while it is not all there."""
    size = re.match(rb"SIZE ([0-9]+) mm,([0-9]+) mm\r\n", heard)
    bitmap = _BITMAP.search(heard)
    if size is None or bitmap is None:
        return None
    left, top, wide, high = map(int, bitmap.groups())
    rows = heard[bitmap.end() : bitmap.end() + wide * high]
    end = re.compile(rb"\r\nPRINT 1,1\r\n").match(heard, bitmap.end() + wide * high)
    if end is None:
        return None
    paper = Paper(max(wide * 8, int(size[1]) * _DOTS_A_MM), max(high, int(size[2]) * _DOTS_A_MM))
    paper.burn(left, top, wide, bytes(255 - byte for byte in rows))
    return paper, heard[end.end() :]
