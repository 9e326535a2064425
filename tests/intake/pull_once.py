# SPDX-License-Identifier: GPL-3.0-or-later
"""A station process that does nothing but pull one batch; tests kill it. Arguments: JSON on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from station.cloud.living.client import LivingAccount, LivingLink
from station.intake.pull import How, pull
from station.intake.wanted import find_batch
from station.ledger.store import Ledger
from station.model import Secret
from station.secrets.vault import Vault

if __name__ == "__main__":
    given = json.load(sys.stdin)
    account = LivingAccount(app_secret=Secret(given.pop("app_secret")), **given["account"])
    living = LivingLink(account, token_folder=Path(given["folder"]) / "tokens", calls_per_s=0)
    with Ledger(Path(given["folder"]) / "ledger" / "ledger.db", Vault(bytes(range(32)))) as ledger:
        pull(ledger, living, find_batch(ledger, given["batch"]), How(page_size=given["page_size"]))
