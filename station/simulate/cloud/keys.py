# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of the simulated clouds. Made up from a seed, so that the same seed always opens the same cloud."""

from __future__ import annotations

from dataclasses import dataclass

from station.simulate.cloud.issue import text_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a customer of all clouds holds."""

    living_key: str
    living_secret: str
    project_id: str
    iotda_ak: str
    iotda_sk: str
    iotda_project: str
    iotda_region: str = "cn-north-4"
    instance_id: str
    app_id: str
    iam_domain: str = "factory"
    iam_user: str = "station"
    iam_password: str
    aliyun_ak: str
    aliyun_sk: str
    aliyun_region: str = "cn-shanghai"
    aliyun_instance_id: str

    @classmethod
    def from_seed(cls, seed: str) -> Keys:
        def made(what: str, length: int) -> str:
            return text_from(f"{seed}/keys/{what}", length)

        return cls(
            living_key=str(200_000_000 + int.from_bytes(made("key", 4).encode()) % 100_000_000),
            living_secret=made("secret", 32),
            project_id="a12" + made("project", 8),
            iotda_ak=made("ak", 20).upper(),
            iotda_sk=made("sk", 40),
            iotda_project=made("iotda project", 16).encode().hex(),
            instance_id=made("instance", 18).encode().hex(),
            app_id=made("app", 28),
            iam_password=made("password", 16),
            aliyun_ak="LTAI" + made("aliyun ak", 20),
            aliyun_sk=made("aliyun sk", 30),
            aliyun_instance_id="iot-" + made("aliyun instance", 8).lower(),
        )
