# SPDX-License-Identifier: GPL-3.0-or-later
"""A station process that does nothing but pull one batch; tests kill it. Its argument is JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from station.cloud.aliyun_iot.client import AliyunIot
from station.cloud.aliyun_iot.rpc import AliyunAccount
from station.cloud.living.client import LivingAccount, LivingLink
from station.intake.pull import How, pull
from station.intake.wanted import find_batch
from station.ledger.store import Ledger
from station.model import Secret
from station.secrets.vault import Vault


def opened(cloud: str, account: dict[str, Any], secret: Secret, folder: Path) -> LivingLink | AliyunIot:
    if cloud == "living":
        living = LivingAccount(app_secret=secret, **account)
        return LivingLink(living, token_folder=folder / "tokens", calls_per_s=0)
    return AliyunIot(AliyunAccount(access_secret=secret, **account), calls_per_s=0)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    folder = Path(given["folder"])
    client = opened(given["cloud"], given["account"], Secret(given["secret"]), folder)
    with Ledger(folder / "ledger" / "ledger.db", Vault(bytes(range(32)))) as ledger:
        wanted = find_batch(ledger, given["batch"], provider=client.provider)
        pull(ledger, client, wanted, How(page_size=given["page_size"]))
