# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated clouds as a station.toml names them, and the secrets that it leaves to its env_file."""

from __future__ import annotations

from station.simulate.cloud import CloudSimulator


def clouds_toml(cloud: CloudSimulator, *, iotda: str = "") -> str:
    """`iotda`: more lines for that one."""
    return f"""
[cloud.living]
url = "{cloud.url}"
app_key = "{cloud.living_key}"
project_id = "{cloud.project_id}"
calls_per_s = 0
[cloud.iotda]
url = "{cloud.url}"
region = "{cloud.iotda_region}"
project_id = "{cloud.iotda_project}"
instance_id = "{cloud.instance_id}"
access_key = "{cloud.iotda_ak}"
calls_per_s = 0
{iotda}
[cloud.aliyun_iot]
url = "{cloud.url}"
access_key = "{cloud.aliyun_ak}"
calls_per_s = 0
"""


def clouds_env(cloud: CloudSimulator) -> str:
    return (
        f"LIVING_APP_SECRET={cloud.living_secret}\nIOTDA_SECRET={cloud.iotda_sk}\nALIYUN_IOT_SECRET={cloud.aliyun_sk}\n"
    )
