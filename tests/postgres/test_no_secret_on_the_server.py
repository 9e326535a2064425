# SPDX-License-Identifier: GPL-3.0-or-later
"""The server, its log and its dumps see sealed secrets only, whatever it is told to log."""

from __future__ import annotations

import base64
import secrets
import subprocess
from pathlib import Path

from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.model import IdentityKind, Secret
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, single, uid
from tests.postgres.server import Server, programs


def dumped(server: Server, database: str) -> bytes:
    folder = programs()
    assert folder is not None
    command = [str(folder / "pg_dump"), server.url(database)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def test_neither_log_nor_dump_nor_activity_holds_a_plain_secret_or_the_key(
    server: Server, database: str, tmp_path: Path
) -> None:
    server.execute(f"ALTER DATABASE {database} SET log_statement = 'all'")
    server.execute(f"ALTER DATABASE {database} SET log_parameter_max_length = -1")
    key, board_key = secrets.token_bytes(32), Secret(secrets.token_hex(32))
    identities = [single("cam1"), single("cam2"), single("cam3"), nvr_set("nvr", 2)]
    with Ledger(LineConnection(server.url(database, BENCH), tmp_path / "line"), Vault(key)) as ledger:
        ledger.receive(BATCH, identities)
        for number in (1, 2, 3):
            claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), "1")
            ledger.begin(claim.attempt, board_key=board_key)
            if number < 3:
                ledger.consume(claim.attempt, evidence(claim))
        with ledger.book.read() as db:
            seen = "".join(row["query"] for row in db.execute("SELECT query FROM pg_stat_activity")).encode()
    log, dump = server.log.read_bytes(), dumped(server, database)
    assert b"INSERT INTO certificates" in log and b"parameters: $1 = " in log and b"cam3" in log and b"cam3" in dump
    plain = [one.device_secret.reveal() for identity in identities for one in identity] + [board_key.reveal()]
    hidden = [text.encode() for text in plain] + [key]
    for secret in hidden:
        for form in (secret, secret.hex().encode(), base64.b64encode(secret)):
            assert form not in log and form not in dump and form not in seen
    held = dump[dump.index(b"COPY station.certificates") :].partition(b"\n\\.\n")[0].splitlines()[1:]
    destroyed = {line.split(b"\t")[4] for line in held if line.endswith(rb"\N" b"\t" rb"\N")}
    assert destroyed == {b"cam1", b"cam2"} and len(held) == 6  # what a backup takes has them no more either
