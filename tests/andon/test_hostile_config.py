# SPDX-License-Identifier: GPL-3.0-or-later
"""[andon.NAME] of station.toml: what is not understood, or would hurt, is refused with what to do, all at once."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.andon.light import WORRIES, Light
from station.andon.reading import andon_of
from station.codes import Code
from station.config.settings import Config, load
from station.errors import ConfigError
from station.targets.slots import SlotSpec

GOOD = """
[andon.log]
file = "/var/log/station.jsonl"
[andon.board]
pipe = "/run/andon"
on = ["FAIL", "ALARM"]
[andon.mes]
command = ["/opt/mes/agent", "-"]
[andon.web]
post = "https://mes.factory/andon"
token_file = "~/token"
[andon.tower]
lights = "pci-0000:00:14.0-usb-0:2:1.0"
baud = 9600
bytes = { OFF = "A0 01 00 A1", FAIL = "a00101a2" }
[andon.bell]
bell = true
[andon.horn]
sound = ["aplay", "-q", "horn.wav"]
"""


def config(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "station.toml"
    bench = f'[bench]\nstate_dir = "{tmp_path}/state"\nscanner = "pci-0000:00:14.0-usb-0:4:1.0"\n'
    slot = f'[[slot]]\nname = "3"\npath = "pci-0000:00:14.0-usb-0:3"\n[[slot]]\nname = "4"\npath = "{tmp_path}/tty4"\n'
    file.write_text(bench + text + slot)
    return load(file, {}, {})


def test_every_kind_is_read(tmp_path: Path) -> None:
    outputs = {output.name: output for output in andon_of(config(tmp_path, GOOD)).outputs}
    assert list(outputs) == ["log", "board", "mes", "web", "tower", "bell", "horn"]
    assert outputs["board"].on == frozenset({Light.FAIL, Light.ALARM})
    assert outputs["log"].on is None
    assert outputs["bell"].on == outputs["horn"].on == frozenset(WORRIES)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "it is one of file, pipe"),
        ('file = "/a"\npipe = "/b"', "it is one of file, pipe"),
        ('file = "relative"', "a whole path"),
        ("file = 3", "file is a text"),
        ('file = "/tmp/a\\u0000b"', "file is a text"),
        ('file = "STATE/ledger.db"', "among the ledger's files"),
        ('pipe = "STATE/../state/x"', "among the ledger's files"),
        ('file = "STATE/../station.toml"', "the station's own"),
        ('file = "/tmp/x"\nbaud = 9', "baud is not a key of file"),
        ('file = "/tmp/x"\non = ["RED"]', "on is a list of EMPTY"),
        ('file = "/tmp/x"\non = []', "on is a list of"),
        ('file = "/tmp/x"\non = ["OFF"]', "on is a list of"),
        ('command = "rm -rf /"', "a list of texts"),
        ("command = []", "a list of texts"),
        ('sound = ["aplay", 3]', "a list of texts"),
        ('post = "ftp://host/"', "post is an address"),
        ('post = "https://"', "post is an address"),
        ('post = "http://host:99999/"', "post is an address"),
        ('post = "https://user:pa55@host/"', "no password in the address"),
        ('post = "http://mes/"\ntoken_file = "/t"', "would cross the network"),
        ("bell = false", "bell = true"),
        ('lights = "what"\nbytes = {OFF="00",FAIL="01"}', "neither a USB topology"),
        ('lights = "/dev/ttyUSB0"\nbytes = {OFF="00",FAIL="01"}', "numbered"),
        ('lights = "pci-0000:00:14.0-usb-0:3:1.0"\nbytes = {OFF="00",FAIL="01"}', "is slot 3: a board is there"),
        ('lights = "STATE/../tty4"\nbytes = {OFF="00",FAIL="01"}', "is slot 4: a board is there"),
        ('lights = "/dev/tower/run"\nbytes = {OFF="00",FAIL="01"}', "is slot 9: a board is there"),
        ('lights = "pci-0000:00:14.0-usb-0:4"\nbytes = {OFF="00",FAIL="01"}', "is the scanner"),
        ('lights = "/dev/ttyS9"', "OFF among them"),
        ('lights = "/dev/ttyS9"\nbytes = {FAIL="01",PASS="02"}', "OFF among them"),
        ('lights = "/dev/ttyS9"\nbytes = {OFF="00",RED="01"}', "RED is none of"),
        ('lights = "/dev/ttyS9"\nbytes = {OFF="0",FAIL="01"}', "two digits a byte"),
        ('lights = "/dev/ttyS9"\nbytes = {OFF="00",FAIL=1}', "two digits a byte"),
        ('lights = "/dev/ttyS9"\nbytes = {OFF="00",FAIL=""}', "1 to 64 bytes"),
        ('lights = "/dev/ttyS9"\nbaud = 0\nbytes = {OFF="00",FAIL="01"}', "baud is a number"),
    ],
)
def test_what_is_wrong_or_would_hurt_is_refused(tmp_path: Path, table: str, told: str) -> None:
    made = config(tmp_path, "[andon.x]\n" + table.replace("STATE", f"{tmp_path}/state") + "\n")
    with pytest.raises(ConfigError, match=told) as caught:
        andon_of(made, [SlotSpec(name="9", path="/dev/tower/run")])
    assert caught.value.what.startswith("andon.x: ")
    assert caught.value.code is Code.E110
    assert "pa55" not in caught.value.lines(), "a password was quoted"


def test_all_faults_are_told_at_once_and_names_are_plain(tmp_path: Path) -> None:
    text = '[andon]\nfile = "/x"\n[andon.a]\nbell = 3\n[andon."b\\u001b[31m"]\nbell = true\n'
    with pytest.raises(ConfigError) as caught:
        andon_of(config(tmp_path, text))
    assert all(part in caught.value.what for part in ("write [andon.file]", "andon.a: bell = true", "a name is of"))
    with pytest.raises(ConfigError, match="16 are the most"):
        andon_of(config(tmp_path, "".join(f"[andon.o{n}]\nbell = true\n" for n in range(17))))
    (tmp_path / "station.toml").write_text("andon = 3\n")
    with pytest.raises(ConfigError, match="“andon” is no table"):
        load(tmp_path / "station.toml", {}, {})


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(["file", "pipe", "command", "post", "lights", "bell", "sound", "on", "baud", "bytes", "x"])


@functools.cache
def _nothing_said() -> Config:
    return load(None, {}, {"STATION_CONFIG": ""})


@given(st.dictionaries(st.text(max_size=8), _VALUES | st.dictionaries(_KEYS, _VALUES, max_size=3), max_size=3))
def test_whatever_stands_there_is_read_or_refused(tables: dict[str, object]) -> None:
    made = Config(_nothing_said().values, (), None, {"andon": tables})
    try:
        outputs = andon_of(made).outputs
    except ConfigError as error:
        assert error.what.startswith(("andon.", "there are"))
    else:
        assert [output.name for output in outputs] == list(tables)
