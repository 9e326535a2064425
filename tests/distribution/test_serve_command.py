# SPDX-License-Identifier: GPL-3.0-or-later
"""`station serve` as it runs on a line: a process, real HTTP, clients that are killed, slow, huge or strangers."""

from __future__ import annotations

import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.cli.account import account
from station.codes import Exit
from station.distribution.request import MOST_BYTES
from station.model import BoardUid, State
from tests.cli.cli_shell import Shell
from tests.cloud.self_signed import self_signed
from tests.distribution.line_clients import PRODUCT, UID, body, digest_of, post, stock
from tests.started import rest_of, start
from tests.waiting import PATIENCE_S

CLIENT = Path(__file__).with_name("line_client.py")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.begin()
    made.config.write_text(made.config.read_text() + "\n[serve]\nport = 0\n")
    made.write_profile(products=[PRODUCT], product_secret=True)
    with made.open_ledger() as ledger:
        ledger.receive(*stock(3))
    return made


class Served:
    """`said`: all that it printed, once it has ended."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address
        self.port = int(address.rpartition(":")[2])
        self.said = address

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        out, err = rest_of(self.process)
        self.said += out + err
        return self.process.wait()


@contextmanager
def served(shell: Shell, *settings: str) -> Iterator[Served]:
    options = [part for one in settings for part in ("--set", one)]
    command = [sys.executable, "-m", "station", *options, "serve", "--profile", "cam"]
    process = start(command, env=shell.environment)
    try:
        said = ""
        while not (found := re.search(r"https?://\S+", said)):
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line, said
            said += line
        yield Served(process, found[0])
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


def token(shell: Shell, name: str = "line-1") -> str:
    made = shell("serve", "token", "add", name)
    assert made.code == 0, made.err
    return made.out.strip()


def state_of(shell: Shell, uid: str = UID) -> State | None:
    with shell.open_ledger() as ledger:
        known = ledger.bound_to(BoardUid.parse(uid))
        return known.state if known else None


def test_a_lines_client_gets_its_board_done(shell: Shell) -> None:
    key = token(shell)
    with served(shell) as station:
        client = [sys.executable, str(CLIENT), str(station.port), UID]
        done = subprocess.run(client, input=key, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "OK\n", "")
        assert post(station.port, body(0), key)[1]["Status"] == "ALREADY_DONE"
        assert station.end() == Exit.OK
    assert "serve/line-1 PASS" in station.said
    assert state_of(shell) is State.CONSUMED
    kept = b"".join(file.read_bytes() for file in shell.folder.rglob("*") if file.is_file())
    for secret in (key, "deviceSecret" + "0" * 20, "productSecret000"):
        assert secret.encode() not in kept
        assert secret not in station.said


def test_a_station_killed_between_the_two_words_has_a_doubt_and_the_same_certificate(shell: Shell) -> None:
    key = token(shell)
    with served(shell) as station:
        status, given = post(station.port, body(0), key)
        assert status == 200
        assert station.end(signal.SIGKILL) == -9
    with served(shell) as station:
        assert post(station.port, body(0), key) == (200, given)
        assert station.end(signal.SIGKILL) == -9
    with served(shell) as station:
        assert post(station.port, body(1, SHA256=digest_of(given)), key)[1]["Status"] == "OK"
        assert station.end() == Exit.OK
    assert state_of(shell) is State.CONSUMED
    with shell.open_ledger() as ledger:
        assert ledger.stock.by_state()[State.READY] == 2


def test_its_end_leaves_what_is_in_hand_in_doubt(shell: Shell) -> None:
    key = token(shell)
    with served(shell) as station:
        assert post(station.port, body(0), key)[0] == 200
        assert station.end() == Exit.PERSON_NEEDED
    assert "E330" in station.said
    assert state_of(shell) is State.IN_DOUBT


def test_strangers_and_hostile_clients_get_nothing(shell: Shell) -> None:
    key = token(shell)
    with served(shell) as station:
        port = station.port
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as slow:
            slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n")  # and nothing more, which holds nobody up
            refusals = [
                (401, post(port, body(0))),
                (401, post(port, body(0), key[:-1])),
                (401, post(port, body(0), "x" * 500)),
                (401, post(port, body(0), Authorization=f"Basic {key}")),
                (403, post(port, body(0), key, Origin="http://127.0.0.1")),
                (413, post(port, b"[" * (MOST_BYTES + 1), key)),
                (400, post(port, b"\xff\x00garbage", key)),
                (400, post(port, b"[" * MOST_BYTES, key)),
                (409, post(port, body(0, ""), key)),
            ]
            for wanted, (status, answer) in refusals:
                assert (status, answer["Status"], "DeviceSecret" in answer) == (wanted, "FAIL", False), answer
            with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as noise:
                noise.sendall(b"\x16\x03\x01" * 200 + b"\r\n\r\n")
                noise.recv(4096)
            assert post(port, body(0), key)[0] == 200
        assert shell("serve", "token", "remove", "line-1").code == 0
        assert post(port, body(0), key)[0] in (401, 429)
        station.end()
    assert "Traceback" not in station.said
    assert key not in station.said


def test_it_answers_other_pcs_by_tls_alone(shell: Shell, tmp_path: Path) -> None:
    refused = shell("--set", "serve.host=0.0.0.0", "serve", "--profile", "cam")
    assert (refused.code, "E113" in refused.err) == (Exit.USAGE, True), refused.err
    cert, key_file = self_signed(tmp_path)
    Path(key_file).chmod(0o600)
    secured = ("serve.host=0.0.0.0", f"serve.cert_file={cert}", f"serve.key_file={key_file}")
    key = token(shell)
    with served(shell, *secured) as station:
        assert station.address.startswith("https://")
        context = ssl.create_default_context(cafile=str(cert))
        assert post(station.port, body(0), key, context=context)[0] == 200
        with pytest.raises((OSError, ValueError)):
            post(station.port, body(0), key)
        station.end()
    Path(key_file).chmod(0o644)
    options = [part for one in secured for part in ("--set", one)]
    assert "E114" in shell(*options, "serve", "--profile", "cam").err


@pytest.mark.parametrize(
    "asks",
    [{"identity": "nvr-set"}, {"scan_label": True}, {"serial": {"ask": "required"}}],
    ids=["set", "label", "serial"],
)
def test_a_profile_that_asks_for_what_clients_cannot_give_is_refused(shell: Shell, asks: dict[str, object]) -> None:
    shell.write_profile(products=[PRODUCT])
    lines = "".join(f"{key} = {_toml(value)}\n" for key, value in asks.items())
    with (shell.folder / "profiles" / "cam.toml").open("a") as file:
        file.write(lines)
    refused = shell("serve", "--profile", "cam")
    assert (refused.code, "E112" in refused.err) == (Exit.USAGE, True), refused.err


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'{key} = "{text}"' for key, text in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def test_tokens_are_each_clients_own(shell: Shell) -> None:
    assert shell("serve", "token", "list", "--json").json == [{"schema": 1, "clients": []}]
    first, second = token(shell, "line-1"), token(shell, "line-2")
    assert first != second
    assert "E113" in shell("serve", "token", "add", "line-1").err
    assert "E113" in shell("serve", "token", "add", "a/b").err
    assert "E113" in shell("serve", "token", "remove", "line-9").err
    assert [one["client"] for one in shell("serve", "token", "list", "--json").json] == ["line-1", "line-2"]
    file = shell.folder / "state" / "serve-clients.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert first not in file.read_text()
    file.chmod(0o644)
    assert "E114" in shell("serve", "token", "list").err
    file.chmod(0o600)
    file.write_text("{}")
    assert "E114" in shell("serve", "token", "list").err


def test_a_token_is_made_before_there_is_a_ledger_or_it_is_said_why_not(shell: Shell, tmp_path: Path) -> None:
    there = ("--set", f"bench.state_dir={tmp_path / 'new' / 'state'}")
    assert shell(*there, "serve", "token", "add", "line-1").code == Exit.OK
    assert (tmp_path / "new" / "state").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    refused = shell("--set", f"bench.state_dir={tmp_path / 'file' / 'state'}", "serve", "token", "add", "line-1")
    assert (refused.code, "was not written: Not a directory" in refused.err) == (Exit.STATION_FAULT, True), refused.err


def test_a_client_is_locked_out_after_as_many_failures_as_the_bench_says(shell: Shell) -> None:
    key = token(shell)
    with served(shell, "bench.lock_slot_after=2") as station:
        for uid in (UID, "A0:B1:C2:00:00:02"):
            post(station.port, body(0, uid), key)
            post(station.port, body(2, uid), key)
        assert post(station.port, body(0, "A0:B1:C2:00:00:03"), key)[1]["Code"] == "E602"


def test_a_ledger_that_may_not_be_believed_gives_nothing_out(shell: Shell) -> None:
    from station.codes import Code
    from station.ledger.locks import STATION

    key = token(shell)
    with shell.open_ledger() as ledger:
        ledger.locks.lock(STATION, Code.E702, "witness: a board was written")
    with served(shell) as station:
        status, answer = post(station.port, body(0), key)
        assert (status, answer["Code"]) == (409, "E702")
        station.end()
    assert state_of(shell) is None


def test_who_got_a_token_and_lost_it_stands_in_the_audit(shell: Shell) -> None:
    key = token(shell)
    assert shell("serve", "token", "remove", "line-1").code == Exit.OK
    lines = shell("audit", "log", "--event", "token added", "--event", "token removed", "--json").json
    assert [(line["event"], line["detail"]) for line in lines] == [
        ("token added", {"by": account(), "client": "line-1"}),
        ("token removed", {"by": account(), "client": "line-1"}),
    ]
    assert key not in shell("audit", "log", "--json").out
