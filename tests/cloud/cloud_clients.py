# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients for tests: they retry at once and call without a limit."""

from __future__ import annotations

from station.cloud.living.client import LivingAccount
from station.cloud.retry import Retry
from station.model import Secret
from station.simulate.cloud import CloudSimulator

QUICK = Retry(attempts=3, first_wait_s=0.01, longest_wait_s=0.02, throttled_s=0.3, first_throttled_s=0.02)


def living_account(cloud: CloudSimulator, **changes: str) -> LivingAccount:
    values = {"url": cloud.url, "app_key": cloud.living_key, "project_id": cloud.project_id} | changes
    secret = Secret(values.pop("app_secret", cloud.living_secret))
    return LivingAccount(
        url=values["url"], app_key=values["app_key"], app_secret=secret, project_id=values["project_id"]
    )
