# SPDX-License-Identifier: GPL-3.0-or-later
"""From station.toml to a working client, with every kind of authentication; what is missing is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.codes import Exit
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station


@pytest.mark.parametrize("auth", ["auto", "plain", "derived"])
def test_iotda_with_an_access_key(station: Station, auth: str) -> None:
    assert station("--set", f"cloud.iotda.auth={auth}", "product", "list", "--cloud", "iotda")[0] == Exit.OK


def test_iotda_with_an_iam_user(cloud: CloudSimulator, station: Station, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(cloud.iam_password + "\n")
    password.chmod(0o600)
    settings = {
        "auth": "token",
        "access_key": cloud.iam_user,
        "secret_file": password,
        "iam_url": cloud.url,
        "iam_domain": cloud.iam_domain,
    }
    options = [word for key, value in settings.items() for word in ("--set", f"cloud.iotda.{key}={value}")]
    assert station(*options, "product", "list", "--cloud", "iotda")[0] == Exit.OK
    assert cloud.requests[0].path == "/v3/auth/tokens"


@pytest.mark.parametrize("key", ["url", "project_id", "access_key", "region"])
def test_a_missing_setting_is_named_before_anything_is_sent(cloud: CloudSimulator, station: Station, key: str) -> None:
    code, _, err = station("--set", f"cloud.iotda.{key}=", "product", "list", "--cloud", "iotda")
    assert code == Exit.USAGE
    assert f"cloud.iotda.{key}" in err
    assert cloud.requests == []


def test_a_secret_others_can_read_is_refused(station: Station, config_file: Path) -> None:
    secrets = config_file.parent / "state" / "secrets.env"
    secrets.chmod(0o644)
    code, _, err = station("product", "list")
    assert code == Exit.USAGE
    assert "chmod 600" in err


def test_plain_http_to_another_machine_is_refused(cloud: CloudSimulator, station: Station) -> None:
    code, _, err = station("--set", "cloud.living.url=http://10.0.0.9", "product", "list")
    assert code == Exit.USAGE
    assert "https://" in err


def test_the_provider_of_the_configuration_is_the_default(station: Station) -> None:
    code, out, _ = station("--set", "cloud.provider=iotda", "product", "list", "--json")
    assert (code, [json.loads(line) for line in out.splitlines()]) == (Exit.OK, [])


@pytest.mark.parametrize(
    ("quirk", "settings", "advice"),
    [
        ("plain-only", ["cloud.iotda.auth=derived"], "derived"),
        ("derived-only", ["cloud.iotda.auth=plain"], "derived"),
        ("instance-required", ["cloud.iotda.instance_id="], "instance_id"),
        ("", ["cloud.iotda.access_key=nobody"], "5 minutes"),
    ],
)
def test_what_iotda_refuses_is_told_with_its_code_and_a_hint(
    cloud: CloudSimulator, station: Station, quirk: str, settings: Any, advice: str
) -> None:
    if quirk:
        cloud.add_faults(f"quirk={quirk}")
    options = [word for setting in settings for word in ("--set", setting)]
    code, _, err = station(*options, "product", "list", "--cloud", "iotda")
    assert code == Exit.CLOUD
    assert "request id" in err
    assert any(known in err for known in ("APIGW.", "IOTDA."))
    assert advice in err.partition("  do: ")[2]
    assert len(cloud.requests) == 1
