# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a cloud: its address, connections, proxies, and what a broken one is called.

Proxies and certificate authorities come from the environment (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE). Plain http is for
this PC alone: device secrets never cross a network readable.
"""

from __future__ import annotations

import ssl
from functools import cache
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from station.cloud.deadline import POOLS
from station.codes import Code
from station.errors import ConfigError

UNSENT = (NewConnectionError, ConnectTimeoutError, NameResolutionError, ProxyError)
"""The connection never came up, so the request cannot have left."""

_KEPT = 32  # connections open to one cloud at most: as many calls as are ever under way together
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def require_address(base_url: str) -> SplitResult:
    """The address in parts. ConfigError without quoting it: someone may have written a password into it."""
    refusal = ConfigError("the cloud's address is not one", do="write it as https://host", code=Code.E113)
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        raise refusal from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username or port == 0:
        raise refusal
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ConfigError(
            f"{parts.hostname} is addressed over plain http",
            means="device secrets would cross the network readable",
            do="write the address as https://",
            code=Code.E113,
        )
    return parts


def new_pool(base_url: str, tls: ssl.SSLContext | None = None) -> urllib3.PoolManager:
    """Connections to one cloud, through the environment's proxy where there is one. `tls`: other than the system's."""
    tls = tls or _tls()
    address = urlsplit(base_url)
    hostname = address.hostname or ""
    direct = hostname in _LOOPBACK or proxy_bypass(hostname)
    proxy = None if direct else getproxies().get(address.scheme)
    if not proxy:
        return _bounded(urllib3.PoolManager(maxsize=_KEPT, ssl_context=tls))
    parts = urlsplit(proxy)
    auth = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    bare = f"{parts.scheme}://{parts.hostname}:{parts.port or 8080}"
    proxy_headers = urllib3.make_headers(proxy_basic_auth=auth)
    return _bounded(urllib3.ProxyManager(bare, proxy_headers=proxy_headers, maxsize=_KEPT, ssl_context=tls))


def _bounded(manager: urllib3.PoolManager) -> urllib3.PoolManager:
    manager.pool_classes_by_scheme = POOLS
    return manager


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def in_words(error: HTTPError) -> str:
    """Our own words: the library's texts quote URLs and proxies."""
    if isinstance(error, NameResolutionError):
        return "this name is not known to the network"
    if isinstance(error, ProxyError):
        return "the proxy does not answer"
    if isinstance(error, NewConnectionError):  # to urllib3 a kind of ConnectTimeoutError
        return "connection refused or no route"
    if isinstance(error, ConnectTimeoutError):
        return "no connection within the time limit"
    if isinstance(error, ReadTimeoutError):
        return "no answer within the time limit"
    return "the connection broke"
