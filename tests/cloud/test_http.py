# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP layer against sockets that misbehave: only our errors, bounded, and nothing sent twice that must not be."""

from __future__ import annotations

import gzip
import threading
import time

import pytest
from cloud_clients import QUICK
from hostile_server import answer, serving

from station.cloud import http
from station.cloud.http import Call, Http
from station.cloud.pace import Pace
from station.cloud.retry import Again
from station.errors import CloudGarbled, CloudUnreachable, ConfigError, NeedsPerson, StationError


def call(*, repeatable=True, timeout_s=5.0):
    return Call(
        operation="test",
        method="POST",
        path="/x",
        request_id="r-1",
        repeatable=repeatable,
        body=b"body",
        read_timeout_s=timeout_s,
    )


def send(url, one=None, **options):
    client = Http(url, calls_per_s=0, retry=QUICK, connect_timeout_s=1)
    return client.send(
        one or call(**options), lambda _call: {}, lambda found: Again.SOON if found.status == 503 else Again.NO
    )


def counted(reply):
    seen = []

    def count(request):
        seen.append(request)
        return reply(request)

    return seen, count


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_closed_port_is_tried_again_since_nothing_left(repeatable):
    with serving(lambda _request: b"") as url:
        pass
    with pytest.raises(CloudUnreachable):
        send(url, repeatable=repeatable)


def test_a_broken_answer_is_asked_for_again_only_when_that_is_harmless():
    for repeatable, error, times in ((True, CloudUnreachable, 3), (False, NeedsPerson, 1)):
        seen, reply = counted(lambda _request: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        with serving(reply) as url, pytest.raises(error):
            send(url, repeatable=repeatable)
        assert len(seen) == times


def test_a_transient_refusal_is_repeated_only_when_that_is_harmless():
    for repeatable, times in ((True, 3), (False, 1)):
        seen, reply = counted(lambda _request: answer(b"", status="503 Busy"))
        with serving(reply) as url:
            assert send(url, repeatable=repeatable).status == 503
        assert len(seen) == times


def test_each_attempt_is_signed_anew():
    seen, reply = counted(lambda _request: answer(b"", status="503 Busy"))
    nonces = iter(range(10))
    with serving(reply) as url:
        client = Http(url, calls_per_s=0, retry=QUICK)
        client.send(call(), lambda _call: {"x-nonce": str(next(nonces))}, lambda _answer: Again.SOON)
    assert [f"x-nonce: {number}".encode() in request for number, request in enumerate(seen)] == [True] * 3


def test_an_endless_answer_is_cut_off(monkeypatch):
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
    with serving(lambda _request: answer(b"x" * 5000)) as url, pytest.raises(CloudGarbled):
        send(url)


def test_a_dripping_answer_is_given_up():
    def drip(_request):
        time.sleep(0.3)
        return answer(b"late")

    with serving(drip) as url, pytest.raises(CloudUnreachable):
        send(url, timeout_s=0.05)


def test_a_compressed_bomb_is_not_unpacked():
    bomb = gzip.compress(b"0" * 10_000_000)
    with serving(lambda _request: answer(bomb, "Content-Encoding: gzip")) as url, pytest.raises(CloudGarbled):
        send(url)


def test_a_redirect_is_not_followed():
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
def test_what_is_not_http_is_our_error_or_an_answer(raw):
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
def test_an_address_that_would_leak_or_is_none_is_refused(url):
    with pytest.raises(ConfigError):
        Http(url)


def test_a_secret_in_a_refused_address_is_not_shown():
    with pytest.raises(ConfigError) as error:
        Http("https://user:hunter2@host")
    assert "hunter2" not in error.value.lines()


def test_calls_of_all_threads_share_one_pace():
    paces = [Pace.of("host-of-this-test", 200.0) for _ in range(4)]
    began = time.monotonic()
    threads = [threading.Thread(target=lambda pace=pace: [pace.wait() for _ in range(5)]) for pace in paces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began >= 19 / 200


def test_a_connection_is_kept_between_calls(cloud, living):
    living.ping()
    pool = living._http._pool
    living.ping()
    living.ping()
    [connections] = [pool.pools[key] for key in pool.pools.keys()]  # noqa: SIM118 - no dict
    assert (connections.num_requests, connections.num_connections) == (3, 1)
