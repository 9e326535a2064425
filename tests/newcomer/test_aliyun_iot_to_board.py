# SPDX-License-Identifier: GPL-3.0-or-later
"""From Alibaba Cloud IoT Platform to a board, by the command line alone: one secret a device, and one a product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.simulate.agent_board import read_identity
from tests.newcomer.newcomer_home import Home

UIDS = {"device": "5a0000000000a001", "product": "5a0000000000a002"}


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A station whose only cloud is the IoT Platform."""
    here = Home(tmp_path_factory.mktemp("line"))
    here.ok("init", "--file", "station.toml", "--state-dir", "state")
    printed = here.start(str(here.bin / "station"), "simulate", "cloud", "--secrets", "state")
    process = here.started[-1]
    assert process.stdout
    while "access_key" not in printed.partition("[cloud.aliyun_iot]")[2]:
        printed += process.stdout.readline()
    settings = here.folder / "station.toml"
    own = printed[printed.index("[cloud.aliyun_iot]") :]
    settings.write_text(settings.read_text() + '[cloud]\nprovider = "aliyun-iot"\n' + own)
    yield here
    here.leave()


@pytest.mark.parametrize("secret", UIDS)
def test_from_the_cloud_to_the_board(line: Home, secret: str) -> None:
    [fan] = [str(p["product_key"]) for p in line.lines("product", "list", "--json") if p["name"] == "Fan"]
    batch = str(line.lines("batch", "generate", "--yes", "--product", fan, "--amount", "3", "--json")[-1]["batch"])
    pulled = line.lines("pull", batch, "--json", *(["--with-product-secret"] if secret == "product" else []))[-1]
    assert (pulled["held"], pulled["new"], pulled["complete"]) == (3, 3, True)
    for row in line.lines("batch", "list", "--json") if secret == "product" else []:
        if row["event"] == "received":  # what was pulled without it is first in the queue
            line.ok("pull", str(row["batch"]), "--with-product-secret")
    line.ok("profile", "new", secret, "--like", "agent", "--product", fan)
    profile = line.folder / "profiles" / f"{secret}.toml"
    text = re.sub(r"^(product_secret|provider) = .*\n", "", profile.read_text(), flags=re.MULTILINE)
    profile.write_text(f'provider = "aliyun-iot"\nsecret = "{secret}"\n{text}')
    line.ok("profile", "check", secret)
    link = f"tty{secret}"
    line.start(str(line.bin / "station"), "simulate", "board", "--uid", UIDS[secret], "--link", link)
    first, again = (line.lines("flash", "--profile", secret, "--port", link, "--json") for _ in range(2))
    assert [first[-2]["state"], again[-2]["state"]] == ["PASS", "ALREADY_DONE"]

    [held] = read_identity(Path(line.folder, link).with_suffix(".flash")) or []
    assert (held.product_key, len(held.device_name)) == (fan, 20)
    lengths = (len(held.device_secret), len(held.product_secret or ""))
    assert lengths == {"device": (32, 0), "product": (0, 16)}[secret]
    shown = line.station("show", held.device_name)
    assert "CONSUMED" in shown.stdout
    for text in (shown.stdout, str(first), str(again), str(pulled)):
        assert (held.product_secret or held.device_secret).reveal() not in text
