# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that a ledger knows of: each that was signed is in its audit, with the key and the digest of the file."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode

from station.ledger.store import Ledger
from station.ledger.view import View
from station.paper.seal import Seal, sealed
from station.report.sheet import ReportSheet
from station.secrets.signing import SigningKey, fingerprint

SIGNED = "report signed"
"""In the audit."""


def sign_page(ledger: Ledger, page: str, key: SigningKey, sheet: ReportSheet) -> bytes:
    """The file's content; noted before anybody has it."""
    content = sealed(page, key, sheet.bench)
    ledger.audit.note(
        SIGNED,
        of=sheet.scope.of,
        name=sheet.scope.name,
        key=fingerprint(key.public),
        public=b64encode(key.public).decode(),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return content


def line_of(ledger: View, seal: Seal, content: bytes) -> tuple[bool, int]:
    """Whether this ledger has signed with that key, and the number of the line that tells of this very file, or 0."""
    known, digest = False, hashlib.sha256(content).hexdigest()
    for line in ledger.audit.log(events=(SIGNED,)):
        detail = json.loads(line.detail)
        if detail["public"] == seal.public:
            known = True
            if detail["sha256"] == digest:
                return True, line.seq
    return known, 0
