# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret of a cloud, of its devices, and no signature is in the log of the commands that ask it, in no form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from station.cloud import http
from station.cloud.iotda.client import Iotda
from station.codes import Exit
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station
from tests.log.logs import leaked, lines

_PROVES = ("sign", "token", "authorization")
_OTHERWISE = ("Method", "Version", "method", "version", "headers")


def proofs(named: Mapping[str, str]) -> Iterator[str]:
    """Signatures and tokens among headers, or what a query says."""
    for name, value in named.items():
        if any(word in name.lower() for word in _PROVES) and not name.endswith(_OTHERWISE):
            yield value.rpartition("Signature=")[2]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What proved who asks, of every call."""
    heard: list[str] = []
    ordinary = http.Http._exchange

    def exchange(client: Any, pool: Any, call: Any, signed: Any, deadline: Any) -> Any:
        heard.extend(proofs(signed))
        heard.extend(proofs(dict(call.query)))
        return ordinary(client, pool, call, signed, deadline)

    monkeypatch.setattr(http.Http, "_exchange", exchange)
    return heard


@pytest.fixture
def log_folder(config_file: Path) -> Path:
    with config_file.open("a") as file:
        file.write('[log]\nfile = "station.log"\nlevel = "debug"\n')
    return config_file.parent / "state"


def secrets_of(cloud: CloudSimulator) -> list[str]:
    devices = [device.secret for device in cloud.world.devices.values()]
    rows = [row for batch in cloud.world.batches.values() for row in batch.rows()]
    made = [one.device_secret for row in rows for one in (row.primary, *row.channels)]
    products = [product.product_secret for product in cloud.world.products.values()]
    assert devices or made
    return [cloud.living_secret, cloud.iotda_sk, cloud.aliyun_sk, *devices, *made, *products]


def require_told_and_kept(folder: Path, cloud: CloudSimulator, sent: list[str]) -> None:
    assert any(", request " in line for line in lines(folder)), lines(folder)
    assert sent
    assert leaked(folder, *filter(None, [*secrets_of(cloud), *sent])) == []


def test_registering_devices_of_huaweis_platform_whose_answer_is_lost(
    cloud: CloudSimulator, iotda: Iotda, station: Station, tmp_path: Path, log_folder: Path, sent: list[str]
) -> None:
    names = tmp_path / "names.txt"
    names.write_text("SN0001\nSN0002\nSN0003\n")
    cloud.add_faults("path=*/devices method=POST nth=2 do=drop-after")
    asked = "batch", "register", "--product", "camera", "--names", names, "--yes", "--cloud", "iotda"
    assert station(*asked)[0] == Exit.OK
    assert station("product", "show", "nothing", "--cloud", "iotda")[0] == Exit.CLOUD
    require_told_and_kept(log_folder, cloud, sent)


def test_generating_and_pulling_of_alibabas_platform(
    cloud: CloudSimulator, station: Station, log_folder: Path, sent: list[str]
) -> None:
    product = cloud.add_product("Fan").product_key
    here = "--cloud", "aliyun-iot"
    assert station("batch", "generate", "--yes", "--product", product, "--amount", 3, *here)[0] == Exit.OK
    (batch,) = cloud.world.batches
    assert station("pull", batch)[0] == Exit.OK
    assert station("pull", "999999", "--wait", 0, *here)[0] != Exit.OK
    require_told_and_kept(log_folder, cloud, sent)
