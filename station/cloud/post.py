# SPDX-License-Identifier: GPL-3.0-or-later
"""One POST of something that is no secret, to a server of the factory: bounded in seconds and in what is read of the
answer, never redirected.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from station import __version__
from station.cloud.deadline import CallDeadline
from station.cloud.network import in_words, new_pool
from station.codes import Code
from station.errors import ConfigError
from station.logger import logger
from station.secrets.files import read_secret_file

_LOG = logger("factory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """How both sides prove who they are (TLS): `ca_file`: who is believed beside the system's authorities;
    `cert_file` with `key_file`: our own certificate."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    def context(self) -> ssl.SSLContext:
        """ConfigError E114 for files that are not such."""
        context = ssl.create_default_context()
        try:
            if self.ca_file is not None:
                context.load_verify_locations(self.ca_file)
            if self.cert_file is not None:
                context.load_cert_chain(self.cert_file, self.key_file, password=_none_is_asked)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; its texts quote no content
            named = ", ".join(str(file) for file in (self.ca_file, self.cert_file, self.key_file) if file)
            do = "PEM files; the key readable for this user, without a passphrase"
            raise ConfigError(f"{named}: {type(error).__name__}", do=do, code=Code.E114) from None
        return context


def _none_is_asked() -> str:
    """Otherwise the library would ask the terminal."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """`why` it was not taken, "" for any 2xx; `status`: None without an answer; `answer`: what was wanted of it."""

    why: str
    status: int | None = None
    answer: bytes = b""


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    within_s: float,
    proving: Proving | None = None,
    wants: int = 0,
) -> Posted:
    """`wants`: bytes of the answer that are read."""
    began = time.monotonic()
    posted = _posted(url, body, headers, within_s, proving, wants)
    took_ms = (time.monotonic() - began) * 1000
    _LOG.debug("%s POST: %s, %.0f ms", urlsplit(url).hostname, posted.status or posted.why, took_ms)
    return posted


def _posted(
    url: str, body: bytes, headers: Mapping[str, str], within_s: float, proving: Proving | None, wants: int
) -> Posted:
    pool = new_pool(url, proving.context() if proving else None)
    deadline = CallDeadline(within_s)
    try:
        with deadline:
            answer = pool.request(
                "POST",
                url,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=within_s, read=within_s),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            read = answer.read(wants) if wants else b""
            is_cut = bool(answer.length_remaining) and len(read) < wants
            answer.close()
            if deadline.passed:
                return Posted(why=deadline.overdue())
            if is_cut:
                return Posted(why="the connection broke")
            taken = 200 <= answer.status < 300
            return Posted(why="" if taken else f"it answered {answer.status}", status=answer.status, answer=read)
    except (HTTPError, ValueError) as error:
        if deadline.passed:
            return Posted(why=deadline.overdue())
        return Posted(why=in_words(error) if isinstance(error, HTTPError) else "the connection broke")
    finally:
        pool.clear()


def json_headers(token_file: Path | None) -> Mapping[str, str]:
    """Of what is JSON, and who sends it; read anew each time, so that a new token counts at once."""
    headers = {"content-type": "application/json", "user-agent": f"certificate-station/{__version__}"}
    if token_file is not None:
        headers["authorization"] = f"Bearer {read_secret_file(token_file).reveal()}"
    return headers


def is_reached(url: str, *, within_s: float) -> bool:
    """Whether anybody answers there; they are told nothing."""
    parts = urlsplit(url)
    return listens(parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme], within_s=within_s)


def listens(host: str, port: int, *, within_s: float) -> bool:
    try:
        socket.create_connection((host, port), within_s).close()
    except OSError:
        return False
    return True
