# SPDX-License-Identifier: GPL-3.0-or-later
"""A station process that does nothing but register one batch; tests kill it. Its argument is JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from station.cloud.iotda.client import Iotda, IotdaAccount
from station.cloud.iotda.signing import AccessKey
from station.intake.register import register
from station.ledger.store import Ledger
from station.model import Secret
from station.secrets.vault import Vault

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    key = AccessKey(access=given["ak"], secret=Secret(given["sk"]), region=given["region"])
    client = Iotda(IotdaAccount(url=given["url"], project_id=given["project"], auth=key), calls_per_s=0)
    with Ledger(Path(given["folder"]) / "ledger" / "ledger.db", Vault(bytes(range(32)))) as ledger:
        register(ledger, client, given["batch"])
