# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed calls over HTTP for every cloud: one attempt, then another only where a second one can do no harm.

Promises: a body is sent byte for byte as given and signed anew (nonce, date) on every attempt; a call that is not
`repeatable` is sent again only when no connection came up, since then nothing left; answers are bounded in bytes and
seconds; redirects are never followed, so a secret goes to no other host; nothing secret is in an error.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from station import __version__
from station.cloud import echoed
from station.cloud.deadline import CallDeadline
from station.cloud.kept_answer import kept
from station.cloud.network import UNSENT, in_words, new_pool, require_address
from station.cloud.pace import Pace
from station.cloud.retry import Again, Rest, Retry, retry_after_s, sleep
from station.errors import CloudFault, CloudGarbled, CloudUnreachable, OutcomeUnknown
from station.logger import logger
from station.model import Secret

MAX_ANSWER_BYTES = 16 * 1024 * 1024  # the largest honest page (20 NVR of 255 channels) is about 1 MiB
_CHUNK = 64 * 1024
_LOG = logger("cloud")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, before it is signed. `request_id` is what a person quotes to the vendor."""

    operation: str
    method: str
    path: str
    request_id: str
    repeatable: bool
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    secrets: tuple[Secret, ...] = ()  # what it carries; a refusal may echo them
    read_timeout_s: float = 30.0

    @property
    def target(self) -> str:
        """Path and query as sent: RFC 3986, space as %20."""
        pairs = "&".join(f"{encode(key)}={encode(value)}" for key, value in self.query)
        return self.path + (f"?{pairs}" if pairs else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What came back, unjudged. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def without(self, secrets: Iterable[Secret]) -> HttpAnswer:
        """For showing a refusal, which may echo what was sent."""
        carried = tuple(secrets)
        headers = {name: echoed.without(value, carried) for name, value in self.headers.items()}
        body = echoed.without(self.body.decode("utf-8", "surrogateescape"), carried)
        return HttpAnswer(status=self.status, headers=headers, body=body.encode("utf-8", "surrogateescape"))


Sign = Callable[[Call], Mapping[str, str]]
"""All headers of one attempt, with a new nonce and date each time."""

Renew = Callable[[Call], Call]
"""For a cloud that signs in the query: the call as it is sent this time."""


def encode(text: str) -> str:
    """RFC 3986 percent-encoding; keeps A-Z a-z 0-9 - _ . ~ as both gateways do."""
    return quote(text, safe="-_.~")


def unchanged(call: Call) -> Call:
    return call


class Http:
    """Connections to one cloud; safe for several threads."""

    def __init__(
        self,
        base_url: str,
        *,
        calls_per_s: float = 5.0,
        connect_timeout_s: float = 10.0,
        retry: Retry | None = None,
    ) -> None:
        """`calls_per_s` 0 = unlimited. ConfigError for a URL that is none, or plain http to another machine."""
        parts = require_address(base_url)
        self.host = parts.netloc
        self.hostname = parts.hostname or ""
        self._base = base_url.rstrip("/")
        self._pace = Pace.of(self.host, calls_per_s)
        self._connect_timeout_s = connect_timeout_s
        self._retry = retry or Retry()
        self.rest: Rest = sleep  # how throttling is waited out
        self._pool = new_pool(self._base)

    def close(self) -> None:
        self._pool.clear()

    def send(
        self, call: Call, sign: Sign, judge: Callable[[HttpAnswer], Again], *, renew: Renew = unchanged
    ) -> HttpAnswer:
        """The answer, whatever its status. `judge` has seen the one that is returned.

        Raises CloudUnreachable, CloudGarbled (too large, too slow, redirected), or OutcomeUnknown for a call that is
        not repeatable and may have left.
        """
        attempt = 0
        throttled = _Throttled(self._retry, self.rest, self.host, self._pace)
        while True:
            if not self._pace.wait(self.rest):
                raise CloudUnreachable(f"{self.host}: not asked, the wait was ended", do="run the same command again")
            last = attempt + 1 >= self._retry.attempts
            asked_s = 0.0
            try:
                answer = self._once(renew(call), sign)
                again = judge(answer)
                if not call.repeatable or again is Again.NO:
                    return answer
                asked_s = retry_after_s(answer.headers)
                if again is Again.LATER:
                    if throttled.wait(asked_s):
                        continue
                    return answer
                if last:
                    return answer
            except CloudUnreachable:
                if last:
                    raise
            except _Lost as error:
                if not call.repeatable:
                    raise outcome_unknown(call, error.why, error.partial) from error
                if last:
                    raise CloudUnreachable(
                        f"{self.host}: {error.why}", do="check the network, then try again"
                    ) from error
            time.sleep(self._retry.wait_s(attempt, asked_s))
            attempt += 1

    def _once(self, call: Call, sign: Sign) -> HttpAnswer:
        signed = {"user-agent": f"certificate-station/{__version__}"} | dict(sign(call))
        # A kept connection may be dead already, and then nobody knows whether the request was read: what must not be
        # sent twice gets a connection of its own.
        pool = self._pool if call.repeatable else new_pool(self._base)
        asked = time.monotonic()
        became = "no answer"
        try:
            with CallDeadline(call.read_timeout_s) as deadline:
                answer = self._exchange(pool, call, signed, deadline)
        except UNSENT as error:
            raise CloudUnreachable(f"{self.host}: {in_words(error)}", do="check network, address and proxy") from error
        except HTTPError as error:
            if isinstance(error, SSLError) and isinstance(error.args[0], ssl.SSLCertVerificationError):
                raise CloudUnreachable(
                    f"{self.host} cannot prove who it is: {error.args[0].verify_message}",
                    do="check the PC's clock and its certificate authorities (SSL_CERT_FILE)",
                ) from error
            raise _Lost(deadline.overdue() if deadline.passed else in_words(error)) from error
        else:
            became = str(answer.status)
            return answer
        finally:
            took_ms = (time.monotonic() - asked) * 1000
            _LOG.info("%s %s: %s, %.0f ms, request %s", self.hostname, call.operation, became, took_ms, call.request_id)
            if pool is not self._pool:
                pool.clear()

    def _exchange(
        self, pool: urllib3.PoolManager, call: Call, signed: Mapping[str, str], deadline: CallDeadline
    ) -> HttpAnswer:
        response = pool.request(
            call.method,
            self._base + call.target,
            body=call.body,
            headers=signed,
            timeout=urllib3.Timeout(connect=self._connect_timeout_s, read=call.read_timeout_s),
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HttpAnswer(status=response.status, headers=headers, body=_bounded_body(response, call, deadline))
        finally:
            response.close()  # one read to its end is back in the pool already


class _Throttled:
    """How long one call has been put off by the cloud's flow control."""

    def __init__(self, retry: Retry, rest: Rest, host: str, pace: Pace) -> None:
        self._retry = retry
        self._rest = rest
        self._host = host
        self._pace = pace
        self._left_s = retry.throttled_s
        self._times = 0

    def wait(self, asked_s: float) -> bool:
        """All calls to this host are held back meanwhile. False when it has lasted too long, or somebody ended it."""
        wait_s = self._retry.throttled_wait_s(self._times, asked_s)
        if wait_s > self._left_s:
            return False
        self._left_s -= wait_s
        self._times += 1
        why = f"{self._host} allows fewer calls than calls_per_s (too many requests)"
        told = self._pace.is_held  # by another call of these seconds
        until = self._pace.hold(wait_s)
        go_on = self._rest(wait_s, "" if told else why)
        self._pace.release(until)
        return go_on


class _Lost(Exception):
    """The connection broke after the request may have left; `partial` is what came of the answer."""

    def __init__(self, why: str, partial: bytes = b"") -> None:
        super().__init__(why)
        self.why = why
        self.partial = partial


def outcome_unknown(call: Call, why: str, body: bytes = b"") -> OutcomeUnknown:
    """For a call that costs something and may or may not have been carried out. `body`: what was not understood."""
    raw = kept(body, call.secrets)
    shown = f"see what it answered: station batch show {call.request_id}; " if raw else ""
    return OutcomeUnknown(
        f"{call.operation}: outcome unknown ({why}); request id {call.request_id}",
        means="the cloud may have carried it out; sent again it could cost twice",
        do=f"{shown}before trying again, look for it in the cloud's console, or ask the vendor with the request id",
        raw=raw,
    )


def _bounded_body(response: urllib3.BaseHTTPResponse, call: Call, deadline: CallDeadline) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _untrusted(call, "the answer is compressed, which was not asked for")
    chunks: list[bytes] = []
    size = 0
    try:
        while chunk := response.read1(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_ANSWER_BYTES:
                raise _untrusted(call, f"the answer is larger than {MAX_ANSWER_BYTES // 2**20} MiB", chunks)
    except HTTPError as error:
        raise _Lost(deadline.overdue() if deadline.passed else in_words(error), b"".join(chunks)) from error
    if deadline.passed:  # cut off, however whole it looks
        raise _Lost(deadline.overdue(), b"".join(chunks))
    return b"".join(chunks)


def _untrusted(call: Call, why: str, chunks: Iterable[bytes] = ()) -> CloudFault | OutcomeUnknown:
    """An answer that cannot be read is no answer: what was asked may have been done."""
    if not call.repeatable:
        return outcome_unknown(call, why, b"".join(chunks))
    return CloudGarbled(f"{call.operation}: {why}; request id {call.request_id}", do="report it to the vendor")
