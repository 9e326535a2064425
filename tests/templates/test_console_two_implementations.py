# SPDX-License-Identifier: GPL-3.0-or-later
"""Each console exists twice, in C and in Python, and both must answer alike, byte for byte."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from station.simulate.console import DIALECTS as IN_PYTHON
from station.simulate.console_firmware import DIALECTS as IN_C

TALKS = {
    "alios-linkkey-a": [
        *("linkkey", "linkkey pk dn ds ps", "linkkey", "linkkey a b c", "linkkey p d s q 0", "linkkey", "foo", ""),
        *("linkkey;foo", 'linkkey "a" b c d'),
    ],
    "alios-linkkey-b": [
        *("linkkey", "linkkey pk dn ds ps", "linkkey", "linkkey 0 a b c d", "linkkey", "linkkey 1 a b c d"),
        *("linkkey a b", "foo"),
    ],
    "at-idmau": [
        "AT",
        "AT+IDMAU?",
        'AT+IDMAU="a","b","c","d"',
        "AT+IDMAU?",
        'AT+IDMAU="a","b"',
        "AT+IDMAU=a,b,c,d",
        "X",
    ],
    "at-idmau-w800": ["AT", 'AT+IDMAU="a","b","c","d","0"', "AT+IDMAU?", 'AT+IDMAU="a","b","c","d"', "X"],
    "mxchip-ilopset": [
        *("AT", "AT+ILOPSET?", "AT+ILOPSET=pk,ps,ds,dn", "AT+ILOPSET?", "AT+ILOPSET=1,2,3", "AT+UARTE=OFF"),
        *("AT+ILOPSET?", "X"),
    ],
    "hiflying-prodevice": [
        *("AT", "AT+PRODEVICE", "AT+PROSECRET", "AT+PRODEVICE=pk,dn,ds", "AT+PRODEVICE", "AT+PROSECRET=ps"),
        *("AT+PROSECRET", "AT+PRODEVICE=a,b", "AT+WSMAC", "AT+PROSECRET=a,b", "X"),
    ],
    "esp-at-sysmfg": [
        *("AT", 'AT+SYSMFG=1,"aliyun-key","ProductKey"', "AT+CIPSTAMAC?", "ATE0"),
        *('AT+SYSMFG=1,"aliyun-key","ProductKey"', "X"),
    ],
    "nordic-cmng": [
        *("AT", 'AT%CMNG=0,16842753,4,"dn&pk"', "AT+CFUN=4", "AT%CMNG=2,16842753,4", "AT%CMNG=1,16842753,3"),
        *('AT%CMNG=0,16842753,4,"dn&pk"', 'AT%CMNG=0,16842753,3,"6162"', "AT%CMNG=1,16842753,3"),
        *("AT%CMNG=2,16842753,3", "AT%CMNG=2,16842753,4", "X"),
    ],
    "zephyr-settings": [
        *("settings read iot/productKey", "settings write iot/productKey 6162636465666768696a6b6c6d6e6f707172"),
        *(
            "settings read iot/productKey",
            "settings write iot/productKey zz",
            "settings",
            "hwinfo devid",
            "foo bar",
            "",
        ),
    ],
}
UID, MAC = "00a1b2c3d4e5f607", "b2c3d4e5f607"
BOOTED = "boot rom v1.2\r\n"


def in_python(name: str) -> str:
    """What a terminal shows, echo and all."""
    dialect = IN_PYTHON[name]({}, UID if name == "zephyr-settings" else MAC)
    shown = dialect.banner + dialect.prompt
    for line in TALKS[name]:
        shown += f"{line}\r\n" if dialect.echo else ""
        if line or dialect.prompt:
            reply = dialect.obey(line)
            assert isinstance(reply, str)
            shown += reply + dialect.prompt
    return shown


@pytest.mark.parametrize("name", TALKS)
def test_they_answer_alike(console: Path, name: str) -> None:
    end = b"\r\n" if IN_PYTHON[name].ends == b"\n" else b"\r"
    sent = b"".join(line.encode() + end for line in TALKS[name])
    done = subprocess.run([console, name], input=sent, capture_output=True, check=True)
    assert done.stdout.decode("latin-1").partition(BOOTED)[2] == in_python(name)


def test_every_dialect_is_compared() -> None:
    assert set(TALKS) == set(IN_C)
