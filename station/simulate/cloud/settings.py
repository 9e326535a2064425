# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's address and keys in the forms people paste: readable lines, or station.toml and its secrets file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from station.simulate.cloud.simulator import CloudSimulator


def keys_of(cloud: CloudSimulator) -> Iterator[str]:
    """Lines for a terminal. These keys open nothing but this simulator, hence they may be shown."""
    keys = cloud.keys
    yield f"Living Link: AppKey {keys.living_key}, AppSecret {keys.living_secret}, project {keys.project_id}"
    yield f"IoTDA: AK {keys.iotda_ak}, SK {keys.iotda_sk}, project {keys.iotda_project}, region {keys.iotda_region}"
    yield f"IoTDA: Instance-Id {keys.instance_id}"
    yield f"IoTDA: IAM domain {keys.iam_domain}, user {keys.iam_user}, password {keys.iam_password}"
    yield f"IoT Platform: AccessKey {keys.aliyun_ak}, Secret {keys.aliyun_sk}, region {keys.aliyun_region}"
    for product in cloud.world.products.values():
        yield f"product {product.product_key}: {product.name}"


def as_toml(cloud: CloudSimulator) -> str:
    """Lines for station.toml; its env_file, mode 0600, holds the lines of the comment without their `# `."""
    keys = cloud.keys
    secrets = f"# LIVING_APP_SECRET={keys.living_secret}\n# IOTDA_SECRET={keys.iotda_sk}\n"
    return f"{secrets}# ALIYUN_IOT_SECRET={keys.aliyun_sk}\n{_tables(cloud)}"


def as_toml_with_secrets(cloud: CloudSimulator, folder: Path) -> str:
    """Lines for station.toml that can be used as they are: the secrets are in 0600 files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = _tables(cloud)
    keys = cloud.keys
    held = {"living": keys.living_secret, "iotda": keys.iotda_sk, "aliyun_iot": keys.aliyun_sk}
    for name, secret in held.items():
        file = folder.absolute() / f"{name}.secret"
        file.touch(mode=0o600)
        file.write_text(secret + "\n", "ascii")
        text = text.replace(f"[cloud.{name}]\n", f'[cloud.{name}]\nsecret_file = "{file}"\n')
    return text


def _tables(cloud: CloudSimulator) -> str:
    keys = cloud.keys
    return f"""\
[cloud.living]
url = "{cloud.url}"
app_key = "{keys.living_key}"
project_id = "{keys.project_id}"

[cloud.iotda]
url = "{cloud.url}"
iam_url = "{cloud.url}"
region = "{keys.iotda_region}"
project_id = "{keys.iotda_project}"
instance_id = "{keys.instance_id}"
access_key = "{keys.iotda_ak}"

[cloud.aliyun_iot]
url = "{cloud.url}"
region = "{keys.aliyun_region}"
access_key = "{keys.aliyun_ak}"
"""
