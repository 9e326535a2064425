# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cloud is asked: the one that is named, else the configured one where it can, else the only one that can."""

from pathlib import Path
from typing import Any

import pytest

from station.cloud.clouds import CLOUDS, able, get_cloud, require_making
from station.config.settings import load
from station.errors import UsageError
from station.model import Provider


@pytest.fixture
def config(tmp_path: Path) -> Any:
    def configured(provider: str) -> Any:
        path = tmp_path / "station.toml"
        path.write_text(f'[cloud]\nprovider = "{provider}"\n', "utf-8")
        return load(path)

    return configured


def test_every_provider_has_a_line() -> None:
    assert set(CLOUDS) == set(Provider)


@pytest.mark.parametrize("named", ["", *Provider])
@pytest.mark.parametrize("configured", Provider)
def test_the_named_cloud_comes_before_the_configured_one(config: Any, named: Any, configured: Any) -> None:
    assert get_cloud(config(configured), named).provider == (named or configured)


@pytest.mark.parametrize("configured", Provider)
def test_the_only_one_that_can_is_asked(config: Any, configured: Any) -> None:
    assert (
        able(config(configured), "", lambda cloud: cloud.registration, "register")
        is CLOUDS[Provider.IOTDA].registration
    )
    assert able(config(configured), "", lambda cloud: cloud.sets, "make") is CLOUDS[Provider.LIVING].sets


def test_a_named_cloud_that_cannot_says_which_one_can(config: Any) -> None:
    with pytest.raises(UsageError, match="Living Link does not register") as error:
        able(config("iotda"), "living", lambda cloud: cloud.registration, "register")
    assert error.value.do == "name the cloud: --cloud iotda"


def test_of_several_that_can_none_is_guessed(config: Any) -> None:
    with pytest.raises(UsageError, match="does not make") as error:
        able(config("iotda"), "", lambda cloud: cloud.batches, "make")
    assert error.value.do == "name the cloud: --cloud living, --cloud aliyun-iot"


def test_a_product_is_made_in_no_cloud_that_was_not_meant(config: Any) -> None:
    with pytest.raises(UsageError, match="IoTDA only"):
        require_making(config("living"))
    assert require_making(config("living"), "iotda").check({}).faults
