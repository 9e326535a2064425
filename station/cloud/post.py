# SPDX-License-Identifier: GPL-3.0-or-later
"""One POST of something that is no secret, to a server of the factory: bounded in seconds, its answer not read."""

from __future__ import annotations

from collections.abc import Mapping

import urllib3
from urllib3.exceptions import HTTPError

from station.cloud.deadline import CallDeadline
from station.cloud.network import in_words, new_pool


def post(url: str, body: bytes, headers: Mapping[str, str], *, within_s: float) -> str:
    """Why it was not taken; "" for any 2xx."""
    pool = new_pool(url)
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
            )
            answer.close()
            if deadline.passed:
                return deadline.why
            return "" if 200 <= answer.status < 300 else f"it answered {answer.status}"
    except (HTTPError, ValueError) as error:
        if deadline.passed:
            return deadline.why
        return in_words(error) if isinstance(error, HTTPError) else "the connection broke"
    finally:
        pool.clear()
