# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor nobody here has heard of: from two pages of documentation to PASS with a profile file and nothing else."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from click.testing import CliRunner

from station.cli import cli
from station.codes import Exit
from station.model import Port, Verdict
from station.profiles.profile import load_profile
from station.simulate.console import DIALECTS, ConsoleBoard, read_identity
from station.simulate.console_dialect import Dialect, Reboot, Reply
from station.targets import check_options
from station.targets.base import no_progress
from station.targets.console.target import ConsoleTarget
from tests.console.console_bench import an_identity

PROFILE = r"""
name = "acme-modem"
target = "console"
products = ["a1B2c3D4e5F"]

[console]
line_end = "\r\n"
echo = "plain"
max_line = 160
forbidden = "\","
persistent = true
probe = { line = "AT", success = '^OK$' }
errors = { '^\+ACME ERR,7$' = "no such record", '^\+ACME ERR' = "refused" }
uid = { line = "AT+CCID", pattern = '^\+CCID: (\d{19,20})$' }
restart = { line = "AT^RESET", boot = '^\^SYSSTART$' }

[[console.write]]
line = 'AT+ACMEDEV=1,"{productKey}","{deviceName}","{deviceSecret}"'
success = '^\+ACMEDEV: STORED$'

[[console.read]]
line = "AT+ACMEDEV?"
done = '^OK$'
absent = '^\+ACME ERR,7$'
[console.read.fields]
productKey = '^\+ACMEDEV: 1,"([^"]*)"'
deviceName = '^\+ACMEDEV: 1,"[^"]*","([^"]*)"'
deviceSecret = '^\+ACMEDEV: 1,"[^"]*","[^"]*","([^"]*)"'
"""


class Acme(Dialect):
    """Their manual: store with AT+ACMEDEV=1,…; the record is announced by +ACMEDEV: STORED."""

    ends = b"\n"
    banner: ClassVar[str] = "^SYSSTART\r\n"
    fields: ClassVar = {"productKey": "pk", "deviceName": "dn", "deviceSecret": "ds"}

    def obey(self, line: str) -> Reply:
        if found := re.fullmatch(r'AT\+ACMEDEV=1,"([^"]+)","([^"]+)","([^"]+)"', line):
            self.put(productKey=found[1], deviceName=found[2], deviceSecret=found[3])
            return "\r\n+ACMEDEV: STORED\r\n\r\nOK\r\n"
        if line == "AT+ACMEDEV?":
            record = ",".join(f'"{self.get(field)}"' for field in self.fields)
            return f"\r\n+ACMEDEV: 1,{record}\r\n\r\nOK\r\n" if "pk" in self.cells else "\r\n+ACME ERR,7\r\n"
        if line == "AT^RESET":
            return Reboot(text="\r\nOK\r\n")
        return {"AT": "\r\nOK\r\n", "AT+CCID": f"\r\n+CCID: {self.uid}\r\n\r\nOK\r\n"}.get(line, "\r\n+ACME ERR,1\r\n")


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch, plug: Callable[..., ConsoleBoard]) -> ConsoleBoard:
    monkeypatch.setitem(DIALECTS, "acme", Acme)
    plugged = plug("acme", log_lines=0.2, half_answers=True)
    plugged.uid = "89860318760112345678"
    plugged.switch_off_and_on()
    return plugged


def test_a_new_console_needs_one_file(board: ConsoleBoard, tmp_path: Path) -> None:
    file = tmp_path / "acme-modem.toml"
    file.write_text(PROFILE)
    (tmp_path / "station.toml").write_text("")

    def station(*words: str) -> object:
        options = ["--config", str(tmp_path / "station.toml"), "profile", *words, "--json"]
        result = CliRunner().invoke(cli, options, standalone_mode=False)
        assert result.return_value is Exit.OK, result.output
        return json.loads(result.stdout)

    station("check", str(file))
    tried = station("try", str(file), "--port", board.url)
    assert isinstance(tried, dict) and (tried["uid"], tried["holds"]) == (board.uid, "blank")

    profile = load_profile(file, check_options)
    session = ConsoleTarget().open(Port(url=board.url, slot="1"), profile)
    identity = an_identity(profile)
    session.require_room(identity)
    session.write(identity, no_progress)
    session.restart()
    assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
    session.close()
    assert read_identity(board.store, "acme") == [identity.primary]
