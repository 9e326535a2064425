# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated cloud, a ledger in a folder of its own, and a client between them, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cli import _run
from station.cloud.aliyun_iot.client import AliyunIot
from station.cloud.aliyun_iot.rpc import AliyunAccount
from station.cloud.iotda.client import Iotda, IotdaAccount
from station.cloud.iotda.signing import AccessKey
from station.cloud.living.client import LivingAccount, LivingLink
from station.cloud.retry import Retry
from station.codes import Exit
from station.ledger.store import Ledger
from station.model import Secret
from station.secrets.keys import create_key
from station.secrets.vault import Vault
from station.simulate.cloud import CloudSimulator
from tests.intake.clouds_toml import clouds_env, clouds_toml
from tests.intake.intake_contents import Station

KEY = bytes(range(32))
_SPEC = {"device_type": "Camera", "protocol_type": "MQTT", "data_format": "json", "service_capabilities": []}


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="intake") as simulator:
        yield simulator


@pytest.fixture
def living(cloud: CloudSimulator, tmp_path: Path) -> LivingLink:
    account = LivingAccount(
        url=cloud.url,
        app_key=cloud.living_key,
        app_secret=Secret(cloud.living_secret),
        project_id=cloud.project_id,
    )
    quick = Retry(attempts=3, first_wait_s=0.01, longest_wait_s=0.02, throttled_s=0.3, first_throttled_s=0.02)
    return LivingLink(account, token_folder=tmp_path / "tokens", calls_per_s=0, retry=quick)


@pytest.fixture
def aliyun_iot(cloud: CloudSimulator) -> AliyunIot:
    account = AliyunAccount(
        url=cloud.url, region="cn-shanghai", access_key=cloud.aliyun_ak, access_secret=Secret(cloud.aliyun_sk)
    )
    quick = Retry(attempts=3, first_wait_s=0.01, longest_wait_s=0.02, throttled_s=0.3, first_throttled_s=0.02)
    return AliyunIot(account, calls_per_s=0, retry=quick)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger" / "ledger.db", Vault(KEY)) as opened:
        yield opened


@pytest.fixture
def iotda(cloud: CloudSimulator) -> Iotda:
    key = AccessKey(access=cloud.iotda_ak, secret=Secret(cloud.iotda_sk), region=cloud.iotda_region)
    account = IotdaAccount(url=cloud.url, project_id=cloud.iotda_project, auth=key)
    client = Iotda(
        account,
        calls_per_s=0,
        parallel=1,  # faults that strike the nth call strike a known device
        retry=Retry(attempts=3, first_wait_s=0.01, longest_wait_s=0.02, throttled_s=0.3, first_throttled_s=0.02),
    )
    for name in ("camera", "recorder"):
        client.create_product(_SPEC | {"product_id": name, "name": name})
    return client


@pytest.fixture
def config_file(cloud: CloudSimulator, tmp_path: Path) -> Path:
    """A station.toml for the simulated clouds, with its key and secrets."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    create_key(state / "station.key")
    secrets = state / "secrets.env"
    secrets.write_text(clouds_env(cloud))
    secrets.chmod(0o600)
    file = tmp_path / "station.toml"
    here = f'[bench]\nstate_dir = "{state}"\n[cloud]\nenv_file = "{secrets}"\n'
    file.write_text(here + clouds_toml(cloud, iotda="parallel = 1"))
    return file


@pytest.fixture
def station(
    cloud: CloudSimulator, config_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Station:
    """The `station` command: (exit code, stdout, stderr). No secret the clouds know ever comes out of it."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["station", "--config", str(config_file), *map(str, arguments)])
        code = _run()
        out, err = capsys.readouterr()
        for secret in _secrets(cloud):
            assert secret not in out + err
        return int(code), out, err

    return run


def _secrets(cloud: CloudSimulator) -> Iterator[str]:
    yield from (
        cloud.living_secret,
        cloud.iotda_sk,
        cloud.aliyun_sk,
        *cloud.world.cloud_tokens,
        *cloud.world.iam_tokens,
    )
    yield from (product.product_secret for product in cloud.world.products.values())
    yield from (device.secret for device in cloud.world.devices.values())
    for batch in cloud.world.batches.values():
        for row in batch.rows():
            yield from (certificate.device_secret for certificate in (row.primary, *row.channels))


@pytest.fixture
def pin(tmp_path: Path, station: Station) -> Path:
    """Of a supervisor that the station knows: the file with it."""
    path = tmp_path / "pin"
    path.write_text("482915")
    path.chmod(0o600)
    assert station("supervisor", "set-pin", "--new-pin-file", path)[0] == Exit.OK
    return path
