# SPDX-License-Identifier: GPL-3.0-or-later
"""A station whose ledger has something of everything, and what commands are given to work on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.cloud.iotda.client import Iotda
from station.codes import Code
from station.errors import OutcomeUnknown
from station.intake import journalled, register
from station.ledger import odd
from station.ledger.foretold import WARY
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import BoardUid, Certificate, Identity, IdentityKind, Provider, Secret
from station.people.pins import set_pin
from station.secrets.keys import open_vault
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station

PIN = "246810"
WHY = ("--reason", "as the test says")


def fill(cloud: CloudSimulator, iotda: Iotda, station: Station, folder: Path) -> dict[str, str]:
    """What stands in braces in the tables of commands."""
    state = folder / "state"
    product = cloud.add_product("Fan").product_key
    made = station("batch", "generate", "--yes", "--product", product, "--amount", 2, "--json")[1]
    batch = json.loads(made)["batch"]
    with Ledger(state / "ledger.db", open_vault(state / "station.key")) as ledger:
        for who in ("Li", "Zhao"):
            set_pin(ledger, who, Secret(PIN))
        words = {"batch": batch, "product": product, "folder": str(folder)}
        words |= {"request": _unknown_request(iotda, ledger), "registered": _given_up(cloud, iotda, ledger)}
        _fill(ledger)
        ledger.locks.lock("slot-9", Code.E602, "three in a row")
    files = {
        "csv": "ProductKey,DeviceName,DeviceSecret\na1Cam,new1,0123456789abcdef0123456789abcdef\n",
        "names": "fan-0001\n",
        "profile": 'name = "nvr"\ntarget = "agent"\nproducts = ["a1Nvr"]\nidentity = "nvr-members"\n'
        "short_sets = true\n",
        "product_file": '{"name": "x", "device_type": "x", "protocol_type": "MQTT", "data_format": "json",'
        ' "service_capabilities": []}',
        "new_pin": "a long new passphrase",
        "pin_file": PIN,
    }
    for name, text in files.items():
        known = {"csv": "new.csv", "product_file": "product.json", "profile": "nvr.toml"}
        words[name] = str(folder / known.get(name, f"{name}.txt"))
        Path(words[name]).write_text(text)
        Path(words[name]).chmod(0o600)
    return words


def filled(arguments: tuple[str, ...], words: dict[str, str]) -> list[str]:
    pin = ["--supervisor", "Li", "--pin-file", words["pin_file"]]
    return [part for one in arguments for part in (pin if one == "{pin}" else [one.format(**words)])]


def _unknown_request(cloud: Iotda, ledger: Ledger) -> str:
    def lost(_request: str) -> object:
        raise OutcomeUnknown("no answer", means="nobody knows", do="look")

    about: dict[str, Any] = {
        "cloud": cloud,
        "operation": "generate",
        "product_key": "a1Lost",
        "detail": {},
    }
    with pytest.raises(OutcomeUnknown):
        journalled.make(ledger, **about, send=lost, outcome=lambda _made: ("", ""))
    return ledger.requests.all()[0].request_id


def _given_up(cloud: CloudSimulator, iotda: Iotda, ledger: Ledger) -> str:
    planned = register.plan(ledger, iotda, "camera", ["SN0000"])
    cloud.add_faults(
        "path=*/devices method=POST nth=1 do=drop-after; path=*/devices/* method=GET quirk=iotda-without:description"
    )
    assert register.register(ledger, iotda, planned).unsettled
    cloud.clear_faults()
    register.give_up(ledger, planned)
    return planned


def _fill(ledger: Ledger) -> None:
    """cam1 in dispute, cam2 and cam4 READY, cam3 in doubt with a stranger, held1 withheld, an odd item, and nvr1, which
    waits for a retired camera.
    """

    def page(*names: str, status: int = 0, secret: str = "s") -> list[Identity]:
        return [
            Identity(
                primary=Certificate(
                    product_key="a1Cam", device_name=name, device_secret=Secret(f"{secret}-{name}"), cloud_status=status
                )
            )
            for name in names
        ]

    first = BatchKey(provider=Provider.LIVING, batch_id="file", product_key="a1Cam")
    ledger.receive(first, page("cam3"))
    claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid("5a00000000000003"), "slot-1")
    ledger.begin(claim.attempt)
    ledger.doubt(claim.attempt, Code.E301, "unplugged", stranger="5a00000000000077")
    ledger.receive(first, page("cam1", "cam2", "cam4"))
    ledger.receive(first, page("held1", status=1))
    second = BatchKey(provider=Provider.LIVING, batch_id="other", product_key="a1Cam")
    ledger.receive(second, page("cam1", secret="t"))
    item = odd.OddItem(item="a1Cam/odd", place="page 1", why="no secret", raw="{}", seen_at="")
    ledger.odd.record(Provider.LIVING, "file", [item])
    camera = Certificate(product_key="a1Ipc", device_name="ipc1", device_secret=Secret("s-ipc1"))
    nvr = Certificate(product_key="a1Nvr", device_name="nvr1", device_secret=Secret("s-nvr1"))
    of_sets = BatchKey(provider=Provider.LIVING, batch_id="sets", product_key="a1Nvr")
    ledger.receive(of_sets, [Identity(primary=nvr, channels=(camera,), kind=IdentityKind.SET)])
    opened = ledger.reserve(["a1Ipc"], IdentityKind.MEMBER, BoardUid("5a00000000000004"), "slot-1")
    ledger.release(opened.attempt, "nothing was sent")
    ledger.retire(camera.name, "scrap", by="Li")
    ledger.facts.set(WARY, "2026-01-01", event="not every witness was heard")
    assert ledger.strangers.open()
