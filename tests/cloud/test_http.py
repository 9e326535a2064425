# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP layer against sockets that misbehave: only our errors, bounded, and nothing sent twice that must not be."""

from __future__ import annotations

import gzip
import threading
import time
from typing import Any

import pytest

from station.cloud import http
from station.cloud.http import Call, Http
from station.cloud.living.client import LivingLink
from station.cloud.pace import Pace
from station.cloud.retry import Again, Retry
from station.errors import CloudGarbled, CloudUnreachable, ConfigError, NeedsPerson, StationError
from station.simulate.cloud import CloudSimulator
from tests.cloud.cloud_clients import QUICK
from tests.cloud.hostile_server import answer, read_request, serving, streaming, talking


def call(*, repeatable: bool = True, timeout_s: float = 5.0) -> Any:
    return Call(
        operation="test",
        method="POST",
        path="/x",
        request_id="r-1",
        repeatable=repeatable,
        body=b"body",
        read_timeout_s=timeout_s,
    )


def send(url: str, one: Any = None, **options: Any) -> Any:
    client = Http(url, calls_per_s=0, retry=QUICK, connect_timeout_s=1)
    return client.send(
        one or call(**options), lambda _call: {}, lambda found: Again.SOON if found.status == 503 else Again.NO
    )


def counted(reply: Any) -> Any:
    seen = []

    def count(request: Any) -> Any:
        seen.append(request)
        return reply(request)

    return seen, count


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_closed_port_is_tried_again_since_nothing_left(repeatable: bool) -> None:
    with serving(lambda _request: b"") as url:
        pass
    with pytest.raises(CloudUnreachable):
        send(url, repeatable=repeatable)


def test_a_broken_answer_is_asked_for_again_only_when_that_is_harmless() -> None:
    for repeatable, error, times in ((True, CloudUnreachable, 3), (False, NeedsPerson, 1)):
        seen, reply = counted(lambda _request: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        with serving(reply) as url, pytest.raises(error):
            send(url, repeatable=repeatable)
        assert len(seen) == times


def test_a_transient_refusal_is_repeated_only_when_that_is_harmless() -> None:
    for repeatable, times in ((True, 3), (False, 1)):
        seen, reply = counted(lambda _request: answer(b"", status="503 Busy"))
        with serving(reply) as url:
            assert send(url, repeatable=repeatable).status == 503
        assert len(seen) == times


def test_each_attempt_is_signed_anew() -> None:
    seen, reply = counted(lambda _request: answer(b"", status="503 Busy"))
    nonces = iter(range(10))
    with serving(reply) as url:
        client = Http(url, calls_per_s=0, retry=QUICK)
        client.send(call(), lambda _call: {"x-nonce": str(next(nonces))}, lambda _answer: Again.SOON)
    assert [f"x-nonce: {number}".encode() in request for number, request in enumerate(seen)] == [True] * 3


def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
    with serving(lambda _request: answer(b"x" * 5000)) as url, pytest.raises(CloudGarbled):
        send(url)


def test_a_dripping_answer_is_given_up() -> None:
    def drip(_request: Any) -> Any:
        time.sleep(0.3)
        return answer(b"late")

    with serving(drip) as url, pytest.raises(CloudUnreachable):
        send(url, timeout_s=0.05)


def _without_end(opening: Any, drop: Any, ended: Any) -> Any:
    """Bytes that never come to an end, slow enough for every single read to be in time, until the client is gone."""

    def drip(connection: Any) -> None:
        sent = 0
        try:
            connection.sendall(opening)
            while sent < 2000:  # far beyond the bound
                connection.sendall(drop)
                sent += 1
                time.sleep(0.01)
        except OSError:
            ended.append(sent)

    return drip


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize(
    ("opening", "drop"),
    [
        (b"HTTP/1.1 200 O", b"K"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"y"),
        (b"HTTP/1.1 200 OK\r\n", b"X-%d: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 100 Continue\r\nX: ", b"y"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", b"y"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"y"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    ],
)
def test_an_answer_that_drips_without_end_is_ended_at_the_bound(opening: bytes, drop: bytes, repeatable: bool) -> None:
    ended: list[Any] = []
    wanted = CloudUnreachable if repeatable else NeedsPerson
    drip = _without_end(opening, drop, ended)

    def asked(connection: Any) -> None:
        try:
            read_request(connection)
        except ConnectionError:  # on a busy machine the bound came first
            ended.append(0)
        else:
            drip(connection)

    with talking(asked) as url, pytest.raises(wanted) as error:
        send(url, repeatable=repeatable, timeout_s=0.2)
    assert "was not complete after" in error.value.what
    assert len(ended) == (3 if repeatable else 1)


def test_a_flood_of_interim_answers_is_ended_at_the_bound() -> None:
    ended: list[Any] = []

    def flood(connection: Any) -> None:
        try:
            while True:
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 500)
        except OSError:
            ended.append(True)

    with streaming(flood) as url, pytest.raises(NeedsPerson):
        send(url, repeatable=False, timeout_s=0.2)
    assert ended == [True]


def test_a_kept_connection_is_bounded_too() -> None:
    ended: list[Any] = []
    drip = _without_end(b"HTTP/1.1 200 OK\r\nX: ", b"y", ended)

    def once_well(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        read_request(connection)
        drip(connection)

    with streaming(once_well) as url:
        client = Http(url, calls_per_s=0, retry=Retry(attempts=1))
        assert client.send(call(), lambda _call: {}, lambda _answer: Again.NO).body == b"ok"
        with pytest.raises(CloudUnreachable):
            client.send(call(timeout_s=0.2), lambda _call: {}, lambda _answer: Again.NO)
    assert len(ended) == 1


def test_a_handshake_that_never_comes_is_bounded() -> None:
    ended: list[Any] = []
    record = b"\x16\x03\x03\x40\x00"  # a record of 16 KiB, byte by byte
    with talking(_without_end(record, b"\x02", ended)) as url, pytest.raises((CloudUnreachable, NeedsPerson)):
        send(url.replace("http://", "https://"), repeatable=False, timeout_s=0.2)
    assert len(ended) == 1


@pytest.mark.parametrize("drop", [b"y", b"X: y\r\n"])
def test_a_proxy_that_drips_before_the_tunnel_is_up_is_bounded(monkeypatch: pytest.MonkeyPatch, drop: bytes) -> None:
    ended: list[Any] = []
    with streaming(_without_end(b"HTTP/1.1 200 OK\r\n", drop, ended)) as proxy:
        monkeypatch.setenv("https_proxy", proxy)
        with pytest.raises((CloudUnreachable, NeedsPerson)):
            send("https://cloud.invalid", repeatable=False, timeout_s=0.2)
    assert 1 <= len(ended) <= 3


def test_a_compressed_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    with serving(lambda _request: answer(bomb, "Content-Encoding: gzip")) as url, pytest.raises(CloudGarbled):
        send(url)


def test_a_redirect_is_not_followed() -> None:
    seen, reply = counted(lambda _request: answer(b"", "Location: /elsewhere", status="307 Elsewhere"))
    with serving(reply) as url:
        assert send(url).status == 307
    assert len(seen) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 100,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: : :\r\n\xff\xfe: \xff\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
    ],
)
def test_what_is_not_http_is_our_error_or_an_answer(raw: Any) -> None:
    with serving(lambda _request: raw) as url:
        try:
            send(url)
        except StationError as error:
            assert "r-1" in error.what or "127.0.0.1" in error.what


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x",
        "https://",
        "http://192.168.1.5",
        "https://user:pw@host",
        "https://h/?q=1",
        "//host",
        "https://[",
        "https://h:x",
    ],
)
def test_an_address_that_would_leak_or_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        Http(url)


def test_a_secret_in_a_refused_address_is_not_shown() -> None:
    with pytest.raises(ConfigError) as error:
        Http("https://user:hunter2@host")
    assert "hunter2" not in error.value.lines()


def test_in_no_second_more_calls_leave_than_are_allowed_whichever_thread_makes_them() -> None:
    paces = [Pace.of("host-of-this-test", 100.0) for _ in range(4)]
    left: list[float] = []

    def call(pace: Pace) -> None:
        left.extend([time.monotonic() for _ in range(32) if pace.wait()])

    threads = [threading.Thread(target=call, args=(pace,)) for pace in paces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left.sort()
    assert left[100] - left[0] >= 0.9  # a thread may be put aside between its turn and its note of the time


def test_a_pause_holds_back_every_call_and_ends_with_who_asked_for_it() -> None:
    pace = Pace(0)
    told: list[str] = []
    until = pace.hold(60)

    def ended_by_whoever_waits(_seconds: float, why: str) -> bool:
        told.append(why)
        return False

    assert not pace.wait(ended_by_whoever_waits)
    assert told == [""]
    other = pace.hold(120)
    pace.release(until)
    assert pace.is_held
    pace.release(other)
    assert pace.wait(lambda _seconds, _why: False)


def test_a_connection_is_kept_between_calls(cloud: CloudSimulator, living: LivingLink) -> None:
    living.ping()
    pool = living._http._pool
    living.ping()
    living.ping()
    [connections] = [pool.pools[key] for key in pool.pools.keys()]  # noqa: SIM118 - no dict
    assert (connections.num_requests, connections.num_connections) == (3, 1)


def test_a_paid_call_has_a_connection_of_its_own(cloud: CloudSimulator, living: LivingLink) -> None:
    """A kept one may be dead, and nobody would know whether the call was read."""
    key = cloud.add_product("Fan").product_key
    list(living.products())
    pool = living._http._pool
    [connections] = [pool.pools[key] for key in pool.pools.keys()]  # noqa: SIM118 - no dict
    before = connections.num_requests
    living.generate(key, 1, request_id="r1")
    assert (connections.num_requests, len(cloud.world.batches)) == (before, 1)
