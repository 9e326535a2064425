# SPDX-License-Identifier: GPL-3.0-or-later
"""What another hand's decoder reads off the paper is what was to stand on the label."""

from __future__ import annotations

import io
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from station.errors import ConfigError, StationFault
from station.printing.code128 import modules
from station.printing.picture import draw
from station.printing.printer import send
from station.printing.saving import save
from station.printing.wire import encoded
from station.profiles.profile import parse_profile
from station.profiles.sticker import PrinterLanguage, Sticker, filled
from station.simulate.printer import LabelPrinter
from tests.waiting import PATIENCE_S, until

FIELDS = {
    "device": "cam-0001",
    "product": "a1B2c3D4e5F",
    "uid": "5a00000000000001",
    "serial": "SN20260042",
    "set": "",
    "channel": "",
}
STICKER = Sticker(lines=("{device}", "序列号 {serial}", "{set} {channel}", "{uid}"), code128="{serial}")


def of(label: Any) -> Sticker | None:
    table = {"name": "x", "target": "agent", "label": label}
    return parse_profile(table, lambda _target, _table: None, source="x.toml").sticker


def read(image: Image.Image) -> dict[str, str]:
    """By kind of code."""
    wide = Image.new("L", (image.width + 40, image.height + 40), 255)
    wide.paste(image.convert("L"), (20, 20))
    found = zxingcpp.read_barcodes(wide.resize((wide.width * 2, wide.height * 2), Image.Resampling.NEAREST))
    return {str(code.format).rpartition(".")[2].replace(" ", ""): code.text for code in found}


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=24))
def test_code_128_is_read_by_another_decoder(text: str) -> None:
    bars = [False] * 20 + modules(text) + [False] * 20
    row = bytes(0 if bar else 255 for bar in bars for _ in range(3))
    image = Image.frombytes("L", (len(row), 40), row * 40)
    (code,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.Code128)
    assert code.text == text


@pytest.mark.parametrize("text", ["", "序列号", "\t", "a\u00e9"])
def test_what_code_128_does_not_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Code 128 holds"):
        modules(text)


@pytest.mark.parametrize("language", list(PrinterLanguage))
@pytest.mark.parametrize(("width", "dpi"), [(60, 203), (61, 203), (70, 300)])
def test_what_the_printer_puts_on_paper_says_what_it_should(language: PrinterLanguage, width: int, dpi: int) -> None:
    sticker = Sticker(width_mm=width, height_mm=40, dpi=dpi, language=language, lines=STICKER.lines, code128="{serial}")
    image = draw(sticker, FIELDS)
    with LabelPrinter() as printer:
        send(printer.where, language, encoded(sticker, image))
        with printer.printed:
            assert printer.printed.wait_for(lambda: printer.labels, PATIENCE_S)
    paper = Image.open(io.BytesIO(printer.labels[0].png())).crop((0, 0, image.width, image.height))
    assert paper.tobytes() == image.tobytes()
    assert read(paper) == {"QRCode": "5a00000000000001 a1B2c3D4e5F/cam-0001", "Code128": "SN20260042"}


@pytest.mark.parametrize("language", list(PrinterLanguage))
@pytest.mark.parametrize(("state", "says"), [("out-of-paper", "paper"), ("open", "head is open"), ("jammed", "")])
def test_a_printer_that_cannot_print_says_so_and_gets_nothing(language: PrinterLanguage, state: str, says: str) -> None:
    with LabelPrinter(state=state) as printer:
        with pytest.raises(StationFault, match="does not print") as caught:
            send(printer.where, language, b"^XA^XZ")
        assert (caught.value.code, says in caught.value.what, printer.labels) == ("E317", True, [])


def test_one_that_does_not_answer_or_takes_its_time_is_printed_to_all_the_same() -> None:
    data = encoded(STICKER, draw(STICKER, FIELDS))
    with LabelPrinter(state="slow") as printer:
        send(printer.where, PrinterLanguage.ZPL, data)
        with printer.printed:
            assert printer.printed.wait_for(lambda: printer.labels, PATIENCE_S)
    with LabelPrinter(state="dead") as printer:
        send(printer.where, PrinterLanguage.ZPL, data)


def test_one_that_is_not_there_is_a_fault_of_the_station(tmp_path: Path) -> None:
    with LabelPrinter() as printer:
        where = printer.where
    for gone in (where, str(tmp_path / "none" / "lp0"), "cups:no-such-printer", "tcp://127.0.0.1:port"):
        with pytest.raises(StationFault) as caught:
            send(gone, PrinterLanguage.ZPL, b"")
        assert caught.value.code == "E317"
    with pytest.raises(ConfigError, match="no label printer"):
        send("", PrinterLanguage.ZPL, b"")


def peer(serve: Callable[[socket.socket], object], *, room: int = 0) -> str:
    """A printer of another make; where it is. `room`: bytes that it takes and has not read."""
    server = socket.create_server(("127.0.0.1", 0))
    if room:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)

    def accept() -> None:
        with server, server.accept()[0] as one, suppress(OSError):
            serve(one)

    threading.Thread(target=accept, daemon=True).start()
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_what_a_printer_does_not_take_has_not_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """This PC has room for the whole label, and would say that it was sent."""
    monkeypatch.setattr("station.printing.printer.PATIENCE_S", 0.3)
    over, left = threading.Event(), list[str]()

    def stuck(one: socket.socket) -> None:
        while b"~HS" not in one.recv(3):
            pass
        over.wait(PATIENCE_S)

    where = peer(stuck, room=2048)
    with pytest.raises(StationFault) as caught:
        send(where, PrinterLanguage.ZPL, bytes(60_000), leaves=lambda: left.append("label"))
    over.set()
    assert (caught.value.code, left) == ("E317", ["label"])


@pytest.mark.parametrize(("to_take", "waits"), [((9, 9, 5, 5, 1, 1, 0), True), (range(100, 0, -1), False)])
def test_one_that_goes_on_taking_is_waited_for_but_not_for_hours(
    monkeypatch: pytest.MonkeyPatch, to_take: Iterable[int], *, waits: bool
) -> None:
    clock, left = count(0.0, 3.0), iter(to_take)
    monkeypatch.setattr("station.printing.printer._not_taken", lambda _printer: next(left))
    monkeypatch.setattr("station.printing.printer.time", SimpleNamespace(monotonic=lambda: next(clock), sleep=print))
    monkeypatch.setattr("station.printing.printer._ask", lambda _printer, _language: "")
    with nullcontext() if waits else pytest.raises(StationFault, match="does not print"):
        send(peer(lambda one: one.recv(9)), PrinterLanguage.ZPL, b"^XA^XZ")
    assert (list(left) == []) is waits


def test_one_that_says_a_byte_now_and_then_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.printing.printer._ANSWERS_S", 0.2)
    over = threading.Event()

    def drip(one: socket.socket) -> None:
        while not over.wait(0.05):
            one.sendall(b".")

    sending = threading.Thread(target=send, args=(peer(drip), PrinterLanguage.ZPL, b"^XA^XZ"), daemon=True)
    sending.start()
    sending.join(PATIENCE_S)
    over.set()
    assert not sending.is_alive()


def test_what_it_still_says_while_it_is_printed_to_loses_no_label() -> None:
    """As real ones answer ~HS: its third line comes later, or not before the label."""
    whole, got = b"^XA" + b"0" * 3_000_000 + b"^XZ", list[bytes]()

    def late(one: socket.socket) -> None:
        one.recv(3)
        one.sendall(b"\x02030,0,0,0245\x03\r\n\x02001,0,0,0,1\x03\r\n")
        got.append(one.recv(64))
        one.sendall(b"\x020000,0\x03\r\n")
        time.sleep(0.2)
        while chunk := one.recv(65536):
            got.append(chunk)
        got.append(b"end")

    send(peer(late), PrinterLanguage.ZPL, whole)
    assert until(lambda: got[-1:] == [b"end"]) and b"".join(got[:-1]) == whole


def test_one_that_hangs_up_when_it_is_asked_gets_its_label_later() -> None:
    noted: list[str] = []
    with pytest.raises(StationFault, match="hangs up"):
        send(peer(lambda one: one.recv(3)), PrinterLanguage.ZPL, b"^XA^XZ", leaves=lambda: noted.append("printed"))
    assert noted == []


def test_a_device_is_never_made_and_never_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.printing.printer.PATIENCE_S", 0.2)
    noted: list[str] = []
    unplugged, device, file = tmp_path / "lp0", tmp_path / "lp1", tmp_path / "ledger.db"
    os.mkfifo(device)
    file.write_text("somebody's")
    for where in (unplugged, device, file):  # of the second nobody reads
        with pytest.raises(StationFault):
            send(str(where), PrinterLanguage.ZPL, b"^XA^XZ", leaves=lambda: noted.append("printed"))
    assert (unplugged.exists(), file.read_text(), noted) == (False, "somebody's", [])
    reader = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    send(str(device), PrinterLanguage.ZPL, b"^XA^XZ")
    assert os.read(reader, 100) == b"^XA^XZ"
    with pytest.raises(StationFault):  # out of paper: it takes no more
        send(str(device), PrinterLanguage.ZPL, b"0" * 1_000_000)
    os.close(reader)


def test_what_cups_would_refuse_is_not_noted_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    noted: list[str] = []
    says = ("exit 1", "echo 'zebra not accepting requests since …'", "echo 'zebra accepting requests since …'")
    for lpstat, taken in zip(says, ([], [], ["printed"]), strict=True):
        for name, does in (("lpstat", lpstat), ("lp", f"cat > {tmp_path}/paper")):
            (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
            (tmp_path / name).chmod(0o755)
        with nullcontext() if taken else pytest.raises(StationFault):
            send("cups:zebra", PrinterLanguage.ZPL, b"^XA^XZ", leaves=lambda: noted.append("printed"))
        assert noted == taken
    assert (tmp_path / "paper").read_bytes() == b"^XA^XZ"


def test_in_a_file_it_is_the_same(tmp_path: Path) -> None:
    image = draw(STICKER, FIELDS)
    for kind in ("png", "svg", "pdf", "zpl", "tspl"):
        save(tmp_path / f"label.{kind}", STICKER, image)
    assert read(Image.open(tmp_path / "label.png"))["QRCode"].startswith("5a0")
    assert (tmp_path / "label.pdf").read_bytes().startswith(b"%PDF")
    assert 'width="60mm"' in (tmp_path / "label.svg").read_text()
    assert zlib.crc32((tmp_path / "label.zpl").read_bytes()) == zlib.crc32(encoded(STICKER, image))


def test_a_reprint_is_marked() -> None:
    assert draw(STICKER, FIELDS, copy=1).tobytes() != draw(STICKER, FIELDS).tobytes()


def test_a_line_without_its_field_is_left_out_and_one_too_long_is_refused() -> None:
    assert filled("{set} {channel}", FIELDS) == "" and filled("{{x}} {serial}", FIELDS) == "{x} SN20260042"
    for wrong in ("lines", "qr", "code128"):
        said: Any = ("x" * 300,) if wrong == "lines" else "x" * 900 if wrong == "qr" else "x" * 90
        with pytest.raises(ConfigError, match="does not fit") as caught:
            draw(Sticker(**{wrong: said}), FIELDS)
        assert caught.value.code == "E112"


def test_bars_too_narrow_for_a_scanner_are_refused() -> None:
    """One dot of a 203 dpi head is 0.125 mm."""
    with pytest.raises(ConfigError, match="too long for Code 128"):
        draw(Sticker(code128="{uid}", width_mm=50), FIELDS | {"uid": "a-b-c-d-e-f-g-h-i"})


def test_a_font_that_is_none_is_said() -> None:
    with pytest.raises(ConfigError, match="no font"):
        draw(STICKER, FIELDS, font="/none.ttf")


def test_a_profile_says_what_stands_on_it() -> None:
    assert of(r"^SN(.+)$") is None
    made = of({"scan": r"^SN(.+)$", "width_mm": 40, "language": "tspl", "lines": ["{device}"]})
    assert made is not None and (made.width_mm, made.language, made.lines) == (40, PrinterLanguage.TSPL, ("{device}",))


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ({"lines": ["{secret}"]}, "is not one of"),
        ({"lines": ["{device_secret}"]}, "is not one of"),
        ({"qr": "{device.__class__}"}, "is not one of"),
        ({"code128": "{serial!r}"}, "is not one of"),
        ({"code128": "{serial:>999}"}, "is not one of"),
        ({"lines": ["{"]}, "a brace too many"),
        ({"lines": ["a\nb"]}, "must be texts"),
        ({"lines": "x"}, "at most 8 texts"),
        ({"width_mm": 5}, "a number from 20 to 150"),
        ({"height_mm": True}, "a number from 10 to 150"),
        ({"dpi": 72}, "203, 300 or 600"),
        ({"language": "epl"}, "one of zpl, tspl"),
        ({"needed": "yes"}, "true or false"),
        ({"color": 1}, "not a profile key"),
        ({"scan": "("}, "is not a pattern"),
        (3, "a text or a table"),
    ],
)
def test_a_wrong_label_is_named(label: Any, says: str) -> None:
    with pytest.raises(ConfigError, match="label") as caught:
        of(label)
    assert says in caught.value.what
