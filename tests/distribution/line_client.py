# SPDX-License-Identifier: GPL-3.0-or-later
"""A line's client as somebody else would write it, without the station: `line_client.py PORT DEVICE_ID < TOKEN`."""

import hashlib
import json
import sys
import urllib.request

ADDRESS, DEVICE = f"http://127.0.0.1:{sys.argv[1]}/", sys.argv[2]
HEADERS = {"Authorization": f"Bearer {sys.stdin.read().strip()}"}


def ask(**fields: object) -> dict[str, str]:
    content = json.dumps({"ProductKey": "a1Camera", "DeviceID": DEVICE, **fields}).encode()
    with urllib.request.urlopen(urllib.request.Request(ADDRESS, content, HEADERS)) as answer:
        found: dict[str, str] = json.load(answer)
        return found


given = ask(Action=0)
board = [given[name].encode() for name in ("ProductKey", "DeviceName", "DeviceSecret", "ProductSecret")]
digest = hashlib.sha256(b"station-identity-1\0\0" + b"".join(bytes([len(part)]) + part for part in board))
print(ask(Action=1, SHA256=digest.hexdigest())["Status"])
