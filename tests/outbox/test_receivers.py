# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of receiver with a real other side: what it takes, what it refuses, what makes it wait."""

from __future__ import annotations

import errno
import json
import os
import ssl
import stat
import sys
from pathlib import Path

import pytest

from station.cloud.post import Proving
from station.errors import StationError
from station.ledger.store import Ledger
from station.outbox.command import CommandReceiver
from station.outbox.event import Event
from station.outbox.file import FileReceiver
from station.outbox.outbox import Outbox
from station.outbox.post import NOT_ABOUT_THE_EVENT, PostReceiver
from station.outbox.receiver import EventRefused, Receiver
from tests.andon.receivers import web
from tests.cloud.self_signed import self_signed
from tests.outbox.no_files import NO_FILES, put_no_file
from tests.outbox.stays import stayed
from tests.waiting import is_gone, until


def event(number: int = 1, **more: object) -> Event:
    content = {"schema": 1, "number": number, **more}
    return Event(key=f"key-{number}", ledger="5eed", number=number, uid="ab01", content=content)


def lines(file: Path) -> list[int]:
    return [json.loads(line)["number"] for line in file.read_text().splitlines()]


def fault_of(receiver: Receiver, told: Event | None = None) -> StationError:
    with pytest.raises(StationError) as caught:
        receiver.deliver(told or event())
    assert caught.value.code == "E318"
    assert caught.value.do
    return caught.value


def test_a_post_carries_the_key_and_the_token_and_any_2xx_has_it(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t0ken")
    token.chmod(0o600)
    with web() as mes:
        receiver = PostReceiver(name="mes", url=mes.url, token_file=token)
        receiver.look()
        for status in (200, 202, 204):
            mes.status = status
            receiver.deliver(event(status))
        assert [json.loads(body)["number"] for body in mes.bodies] == [200, 202, 204]
        headers = mes.headers[0]
        assert (headers["idempotency-key"], headers["authorization"]) == ("key-200", "Bearer t0ken")
        assert headers["content-type"] == "application/json"


def test_what_is_about_the_event_is_refused_and_what_is_about_the_way_is_not() -> None:
    with web() as mes:
        receiver = PostReceiver(name="mes", url=mes.url)
        for mes.status in (400, 409, 410, 413, 415, 422):
            with pytest.raises(EventRefused, match=f"it answered {mes.status}"):
                receiver.deliver(event())
        for mes.status in (*sorted(NOT_ABOUT_THE_EVENT), 302, 500, 502, 503):
            assert f"127.0.0.1: it answered {mes.status}" in fault_of(receiver).what
    assert "connection refused" in fault_of(receiver).what
    with pytest.raises(StationError, match="cannot be reached"):
        receiver.look()


@pytest.mark.parametrize("shows", [True, False])
def test_a_server_that_asks_for_a_certificate_is_shown_ours(tmp_path: Path, shows: bool) -> None:
    """Both sides prove who they are; one that is shown none hangs up, and has nothing of the event."""
    file, key = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=file)
    context.load_cert_chain(file, key)
    context.verify_mode = ssl.CERT_REQUIRED
    proving = Proving(ca_file=file, cert_file=file, key_file=key) if shows else Proving(ca_file=file)
    with web(context) as mes:
        receiver = PostReceiver(name="mes", url=mes.url, proving=proving)
        if not shows:
            fault_of(receiver)
            assert mes.bodies == []
            return
        receiver.look()
        receiver.deliver(event(7))
        assert [json.loads(body)["number"] for body in mes.bodies] == [7]
        fault_of(PostReceiver(name="mes", url=mes.url))  # whose own certificate nobody vouches for


def test_certificate_files_that_are_none_are_said_before_anything_is_sent(tmp_path: Path) -> None:
    none = tmp_path / "client.pem"
    none.write_text("no certificate")
    for proving in (Proving(cert_file=none), Proving(ca_file=none), Proving(ca_file=tmp_path / "missing")):
        with pytest.raises(StationError) as caught:
            PostReceiver(name="mes", url="https://mes.invalid/", proving=proving).look()
        assert (caught.value.code, "no certificate" in str(caught.value)) == ("E114", False)


def test_a_file_grows_by_a_line_each_and_a_full_one_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    receiver = FileReceiver(name="log", path=file, largest=100)
    receiver.look()
    for number in range(1, 8):
        receiver.deliver(event(number, text="x" * 20))
    parts = sorted(tmp_path.glob("events-*.jsonl"))
    assert [number for part in (*parts, file) for number in lines(part)] == list(range(1, 8))
    assert len(parts) == 6, "a line is never cut for it"
    assert all(stat.S_IMODE(part.stat().st_mode) & 0o007 == 0 for part in (*parts, file))


def test_a_line_is_on_the_disk_when_it_is_called_taken_and_so_is_the_name_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The station tells it no more then."""
    ordinary, synced = os.fsync, list[list[int]]()

    def sync(handle: int) -> None:
        ordinary(handle)
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            synced.append([-len(list(tmp_path.glob("events-*.jsonl"))), int(file.exists())])
        else:
            synced.append(lines(file))

    monkeypatch.setattr(os, "fsync", sync)
    file = tmp_path / "events.jsonl"
    receiver = FileReceiver(name="log", path=file, largest=100)
    for number in (1, 2):
        receiver.deliver(event(number, text="x" * 20))
    assert synced == [[0, 1], [1], [-1, 0], [-1, 1], [2]]  # the folder with the new file, and with what was put aside


def test_a_line_that_a_full_disk_cut_stays_alone(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"schema": 1, "numb')
    FileReceiver(name="log", path=file).deliver(event(2))
    assert json.loads(file.read_text().splitlines()[1])["number"] == 2


@pytest.mark.parametrize("there", NO_FILES)
def test_a_file_that_is_none_takes_nothing(tmp_path: Path, there: str) -> None:
    path = tmp_path / "there"
    put_no_file(there, path)
    fault_of(FileReceiver(name="log", path=path))
    assert not (tmp_path / "elsewhere").exists()


def test_where_a_file_has_one_name_only_a_full_one_is_put_aside_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_names: object, **_how: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    receiver = FileReceiver(name="log", path=tmp_path / "events.jsonl", largest=10)
    for number in range(3):
        receiver.deliver(event(number))
    files = sorted(tmp_path.iterdir())
    assert sorted(number for file in files for number in lines(file)) == [0, 1, 2]
    assert len(files) == 3


def program(code: int, before: str = "") -> tuple[str, ...]:
    return (sys.executable, "-S", "-c", f"import sys\n{before}\nsys.exit({code})")


def test_a_program_reads_the_event_and_says_by_its_end_what_became_of_it(tmp_path: Path) -> None:
    keeps = f"open({str(tmp_path / 'kept')!r}, 'a').write(sys.stdin.read())"
    CommandReceiver(name="mes", command=program(0, keeps)).deliver(event(7))
    assert lines(tmp_path / "kept") == [7]
    with pytest.raises(EventRefused):
        CommandReceiver(name="mes", command=program(65)).deliver(event())
    assert "ended with 3" in fault_of(CommandReceiver(name="mes", command=program(3))).what
    missing = CommandReceiver(name="mes", command=("/nowhere/program",))
    assert "cannot be started" in fault_of(missing).what
    with pytest.raises(StationError, match="no program"):
        missing.look()


def test_a_program_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.outbox.command.TAKES_S", 0.2)
    slow = CommandReceiver(name="mes", command=program(0, "import time; time.sleep(1000)"))
    assert "takes longer" in fault_of(slow).what


def test_a_program_does_not_outlive_a_station_that_ends(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.outbox.outbox.LEAVES_S", 0.1)
    began = tmp_path / "pid"
    endless = f"import os, time\nopen({str(began)!r}, 'w').write(str(os.getpid()) + '.')\ntime.sleep(1000)"
    receiver = CommandReceiver(name="mes", command=program(0, endless))
    ledger.outbox.begin("mes")
    stayed(ledger, 1)
    with Outbox([receiver], bench="b").sending(lambda _notice: None, ledger):
        until(lambda: began.exists() and began.read_text().endswith("."))
    assert is_gone(int(began.read_text()[:-1]))
    assert ledger.outbox.standings()[0].waiting == 1
