# SPDX-License-Identifier: GPL-3.0-or-later
"""The signature at the end of a page, and what it says of the page.

```
<!-- station-signature {"schema": 1, "bench": …, "public": …, "signature": …} -->
```

The last line of the file, and no byte behind it. What is signed is the bench's name and every byte before that line;
the line itself is written in one way only, or text could be hidden in it that a browser shows.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from station.codes import Code
from station.errors import IntegrityAlarm
from station.secrets.signing import SigningKey, fingerprint, is_signed_by

_LINE = re.compile(rb"\n<!-- station-signature (\{[^\n]*\}) -->\n\Z")
_CONTEXT = b"station report 1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Who signed a whole page; `key`: the fingerprint of its `public` half."""

    bench: str
    public: str

    @property
    def key(self) -> str:
        return fingerprint(b64decode(self.public))


def sealed(page: str, key: SigningKey, bench: str) -> bytes:
    """The page with its signature."""
    body = page.encode()
    return body + _line(bench, key.public, key.sign(_signed(bench, body)))


def read_seal(page: bytes) -> Seal:
    """IntegrityAlarm E707 for a page that was altered, or has no signature."""
    found = _LINE.search(page)
    if found is None:
        raise _altered("its signature is missing, or something was put behind it")
    try:
        line = json.loads(found[1])
        public, signature, bench = b64decode(line["public"]), b64decode(line["signature"]), str(line["bench"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _altered("its signature cannot be read") from error
    if found[0] != _line(bench, public, signature):
        raise _altered("its signature is not written as a bench writes it")
    if not is_signed_by(public, signature, _signed(bench, page[: found.start()])):
        raise _altered("its signature is not of this text")
    return Seal(bench=bench, public=str(line["public"]))


def _line(bench: str, public: bytes, signature: bytes) -> bytes:
    line = {
        "schema": 1,
        "bench": bench,
        "public": b64encode(public).decode(),
        "signature": b64encode(signature).decode(),
    }
    told = json.dumps(line).replace("--", "-\\u002d")  # a comment of HTML ends at the first
    return f"\n<!-- station-signature {told} -->\n".encode()


def _signed(bench: str, body: bytes) -> bytes:
    return _CONTEXT + json.dumps(bench).encode() + b"\n" + body


def _altered(why: str) -> IntegrityAlarm:
    return IntegrityAlarm(
        f"this page was altered, or is no report: {why}",
        means="its numbers are not those that the station wrote",
        do="make it anew from the ledger: station report batch",
        code=Code.E707,
    )
