# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a batch of 1 k and 100 k boards as one signed page: seconds and bytes, beside reading the same rows as
`station report export` does. Each board has its certificate, its chain of three moves, and a stay with seven steps.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from contextlib import closing
from io import StringIO
from pathlib import Path

from station.events import Phase
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, Identity, Language, Provider, Secret
from station.paper.page import html_page
from station.paper.signed import sign_page
from station.paper.tables import certificates_of
from station.report.export import write_csv
from station.report.scope import of_batch
from station.report.sheet import make_sheet
from station.secrets.signing import fingerprint, signing_key
from station.secrets.vault import Vault
from station.words.tongues import TONGUES

SIZES = (1_000, 100_000)
STEPS = " ".join(f"{phase} {at / 2:.2f}" for at, phase in enumerate(Phase))
VAULT = Vault(bytes(32))


def fill(ledger: Ledger, count: int) -> None:
    """The rows that a batch leaves, one board of twenty failed first; no secret was ever in them."""
    key = BatchKey(provider=Provider.LIVING, batch_id="8", product_key="a1Cam")
    for start in range(0, count, 1_000):
        names = (f"cam{n:06}" for n in range(start, min(count, start + 1_000)))
        secret = Secret("0" * 32)
        made = (Certificate(product_key="a1Cam", device_name=name, device_secret=secret) for name in names)
        ledger.receive(key, [Identity(primary=one) for one in made])
    details = json.dumps({"chip": "esp32c3", "steps": STEPS})
    began = time.time() - count * 9.0
    with closing(sqlite3.connect(ledger.path)) as db, db:
        guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        db.execute(
            "UPDATE identities SET state = 'CONSUMED', version = 3, attempt = 1, board_uid = printf('%012x', id),"
            " slot = id % 16, expected = 'd', found = 'd', uid_after = printf('%012x', id), method = 'proof'"
        )
        db.execute(
            "INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid,"
            " slot, detail, previous, hash) SELECT 1000000 + id * 3 + v.n, changed_at, 'consumed', 'bench-1/1042', id,"
            " v.n, 'READY', 'CONSUMED', 1, board_uid, slot, '{}', '', printf('%064x', id * 3 + v.n)"
            " FROM identities, (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3) AS v"
        )
        visits = (
            (began + n * 9.0, str(n % 16), f"{n + 1:012x}", outcome, code, n + 1, details)
            for n in range(count)
            for outcome, code in ([("FAIL", "E204"), ("PASS", "")] if n % 20 == 0 else [("PASS", "")])
        )
        db.executemany(
            "INSERT INTO visits (at, slot, board_uid, outcome, code, what, identity, attempt, seconds, operator,"
            " details) VALUES (?,?,?,?,?,'',?,1,3.6,'1042',?)",
            visits,
        )
        for _, sql in guards:
            db.execute(sql)


def main() -> None:
    for count in SIZES:
        with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "ledger.db", VAULT) as ledger:
            fill(ledger, count)
            started = time.perf_counter()
            write_csv(ledger.traces.all(batch_id="8"), StringIO())
            export_s = time.perf_counter() - started
            started = time.perf_counter()
            words, key = TONGUES[Language.ENGLISH], signing_key(Path(folder) / "report.key", VAULT)
            sheet = make_sheet(ledger, of_batch("8"), bench="bench-1")
            page = html_page(sheet, certificates_of(sheet.certificates, words), words, key=fingerprint(key.public))
            size = len(sign_page(ledger, page, key, sheet))
            taken_s = time.perf_counter() - started
        print(f"{count:>7} boards: {taken_s:.2f} s, {size / 1e6:.2f} MB; the rows alone {export_s:.2f} s")


if __name__ == "__main__":
    main()
