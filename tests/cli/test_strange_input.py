# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers beyond all numbers and half characters, wherever something from outside comes in: refused, as what it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from station.codes import Exit
from station.errors import UsageError
from station.intake.product_file import read_product
from tests.cli.cli_shell import Shell

NUMBERS = ("1e999", "inf", "nan", "-1e999", "1" + "0" * 400)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_setting_is_a_number(shell: Shell, number: str) -> None:
    flag = shell("--set", f"cloud.living.calls_per_s={number}", "config", "check")
    with shell.config.open("a") as config:
        config.write(f"\n[cloud.living]\ncalls_per_s = {number}\n")
    for done in (flag, shell("config", "check")):
        assert (done.code, "a number, not NaN or one beyond all numbers" in done.err) == (Exit.USAGE, True), done


@pytest.mark.parametrize(
    "value", ["1e999", "NaN", "Infinity", '"\\ud800"', '"\\udc00\\ud800"', '{"a\\ud800": 1}', "[1e999]"]
)
def test_a_product_file_holds_what_a_cloud_takes(tmp_path: Path, value: str) -> None:
    file = tmp_path / "product.json"
    file.write_text(f'{{"name": {value}}}')
    with pytest.raises(UsageError, match=r"half a character|beyond all numbers"):
        read_product(file)


def test_a_whole_character_in_two_halves_is_one(tmp_path: Path) -> None:
    file = tmp_path / "product.json"
    file.write_text('{"name": "\\ud83d\\ude00", "big": 1e300}')
    assert read_product(file) == {"name": "😀", "big": 1e300}


@pytest.mark.parametrize("part", ["product_key", "device_name", "device_secret", "another"])
def test_a_file_of_certificates_has_whole_characters(shell: Shell, part: str) -> None:
    item = {"product_key": "a1Cam", "device_name": "cam1", "device_secret": "0123456789abcdef0123456789abcdef"}
    text = json.dumps([item | {part: "half\ud800"}]).replace("product_key", "ProductKey")
    text = text.replace("device_name", "DeviceName").replace("device_secret", "DeviceSecret")
    file = shell.folder / "certificates.json"
    file.write_text(text)
    done = shell("import", str(file))
    assert (done.code, done.err.startswith("E122")) == (Exit.USAGE, True), done


@pytest.mark.parametrize("encoded", ["cam1\ud800".encode("utf-16-le", "surrogatepass"), b"cam1\xed\xa0\x80"])
def test_a_csv_has_whole_characters(shell: Shell, encoded: bytes) -> None:
    wide = b"\x00" in encoded

    def text(words: str) -> bytes:
        return words.encode("utf-16-le") if wide else words.encode()

    file = shell.folder / "certificates.csv"
    row = text("a1Cam,") + encoded + text(",0123456789abcdef0123456789abcdef\n")
    file.write_bytes((b"\xff\xfe" if wide else b"") + text("ProductKey,DeviceName,DeviceSecret\n") + row)
    done = shell("import", str(file))
    assert (done.code, done.err.startswith("E122")) == (Exit.USAGE, True), done


@pytest.mark.parametrize(
    "arguments", [("show", b"cam\xff"), ("import", b"\xd6\xa4\xca\xe9.csv"), ("pull", b"\xed\xa0\x80")]
)
def test_an_argument_has_whole_characters(shell: Shell, arguments: tuple[str, bytes]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "station", *arguments],
        env=shell.environment,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, b"E121 an argument is not UTF-8" in done.stderr) == (Exit.USAGE, True), done
