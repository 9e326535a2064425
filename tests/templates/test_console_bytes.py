# SPDX-License-Identifier: GPL-3.0-or-later
"""The consoles' C code under any bytes: sanitizers end it at the first wrong access, secrets stay out of errors."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.simulate.console_firmware import DIALECTS
from tests.sampled import WHOLE, sampled

WORDS = [
    *(b"linkkey", b"reboo", b"AT", b"AT+IDMAU=", b"AT+IDMAU?", b"AT+ILOPSET=", b"AT+ILOPSET?", b"AT+UARTE=OFF"),
    *(b"AT+PRODEVICE=", b"AT+PRODEVICE", b"AT+PROSECRET=", b"AT+PROSECRET", b"AT+WSMAC", b"ATE0", b"AT+CIPSTAMAC?"),
    *(b'AT+SYSMFG=2,"aliyun-key","ProductKey",7,', b'AT+SYSMFG=1,"aliyun-key","ProductKey"', b"AT+CFUN=4"),
    *(b'AT%CMNG=0,16842753,4,"', b'AT%CMNG=0,16842753,3,"', b"AT%CMNG=1,16842753,3", b"AT%CMNG=2,16842753,4"),
    *(b"settings write iot/productKey ", b"settings read iot/productKey", b"hwinfo devid", b"AT+CGSN=1"),
    *(
        b'"',
        b",",
        b";",
        b" ",
        b"&",
        b"0",
        b"61",
        b"a1B2c3D4e5F",
        b"x" * 64,
        b"y" * 129,
        b"\b",
        b"\x7f",
        b"\t",
        b"\x1b[",
    ),
    *(b"\r", b"\n", b"\r\n", b"\x00", b"\xff"),
]


def answers(console: Path, name: str, sent: bytes) -> bytes:
    done = subprocess.run([console, name], input=sent, capture_output=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("name", sampled(list(DIALECTS), 2))
def test_no_bytes_harm_it(console: Path, name: str) -> None:
    @settings(max_examples=400 if WHOLE else 5, database=None, derandomize=True)
    @given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=12), max_size=80))
    def feed(pieces: list[bytes]) -> None:
        answers(console, name, b"".join(pieces) + b"\r\n" * 3)

    feed()


@pytest.mark.parametrize("name", sampled(list(DIALECTS), 2, 1))
def test_a_line_of_any_length_is_answered_and_the_next_one_understood(console: Path, name: str) -> None:
    probe = b"\r\n" if name.startswith(("alios", "zephyr")) else b"AT\r\n"
    silence = answers(console, name, b"")
    for length in (1, 62, 63, 64, 127, 128, 129, 254, 255, 256, 257, 511, 512, 513, 3000):
        said = answers(console, name, b"x" * length + b"\r\n" + probe).removeprefix(silence)
        wanted = {"alios": b"# ", "zephyr": b"uart:~$ ", "hiflying": b"+ok"}.get(name.partition("-")[0], b"OK\r\n")
        assert wanted in said.replace(b"x" * length, b"")


def test_what_was_typed_wrongly_can_be_taken_back(console: Path) -> None:
    said = answers(console, "alios-linkkey-a", b"linkkey a b c d\rlink\x7f\x7f\bkey\b\b\binkkey\r")
    assert b"Done" in said
    assert b"Product Key=a." in said


def test_a_refused_command_does_not_repeat_the_secret(console: Path) -> None:
    for name, line in {
        "alios-linkkey-b": b"linkkey pk dn s3cretS3cret",
        "at-idmau": b'AT+IDMAU="pk","dn","s3cretS3cret"',
        "mxchip-ilopset": b"AT+ILOPSET=pk,ps,s3cretS3cret",
        "hiflying-prodevice": b"AT+PRODEVICE=pk,dn,s3cretS3cret,more",
    }.items():
        said = answers(console, name, line + b"\r")
        echo_end = said.index(line) + len(line)
        assert b"s3cretS3cret" not in said[echo_end:]
