# SPDX-License-Identifier: GPL-3.0-or-later
"""The device of a scrapped board is frozen or deleted in IoTDA, named twice; nobody else's and no good board's is."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.cloud.iotda.client import Iotda
from station.codes import Exit
from station.ledger.store import Ledger
from station.model import BoardUid, Evidence, IdentityKind, Method
from station.secrets.keys import open_vault
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import Station


@pytest.fixture
def scrapped(cloud: CloudSimulator, iotda: Iotda, station: Station, tmp_path: Path, pin: Path) -> str:
    """One of two registered devices is retired; the other stays in stock."""
    names = tmp_path / "names"
    names.write_text("SN0001\nSN0002\n")
    assert station("batch", "register", "--yes", "--product", "camera", "--names", names)[0] == Exit.OK
    assert station("retire", "camera_SN0001", "--yes", "--reason", "scrap", "--pin-file", pin)[0] == Exit.OK
    return "camera_SN0001"


def test_frozen_let_go_and_deleted_named_twice_each_time(
    cloud: CloudSimulator, station: Station, scrapped: str, pin: Path
) -> None:
    devices = cloud.world.devices
    why = ("--reason", "burnt", "--pin-file", pin)
    code, _, err = station("batch", "freeze", scrapped, *why)
    assert (code, f"--confirm {scrapped}" in err) == (Exit.USAGE, True)
    assert station("batch", "delete", scrapped, *why, "--confirm", "camera_SN0002")[0] == Exit.USAGE
    assert devices[scrapped].status == "INACTIVE"
    meant = (*why, "--confirm", scrapped)
    assert [station("batch", "freeze", scrapped, *meant)[0] for _ in range(2)] == [Exit.OK, Exit.OK]
    assert devices[scrapped].status == "FROZEN"
    assert station("batch", "unfreeze", scrapped, *meant)[0] == Exit.OK
    assert devices[scrapped].status == "INACTIVE"
    cloud.add_faults("path=*/devices/* method=DELETE nth=1 do=drop-after")
    assert station("batch", "delete", scrapped, *meant)[0] == Exit.OK
    assert set(devices) == {"camera_SN0002"}
    code, _, err = station("batch", "delete", scrapped, *meant)
    assert (code, "any more" in err) == (Exit.OK, True)


@pytest.mark.usefixtures("scrapped")
def test_what_is_not_retired_is_left_alone(cloud: CloudSimulator, station: Station, pin: Path) -> None:
    for word in ("freeze", "delete"):
        code, _, err = station(
            "batch", word, "camera_SN0002", "--reason", "burnt", "--confirm", "camera_SN0002", "--pin-file", pin
        )
        assert (code, "is READY" in err) == (Exit.USAGE, True)
    assert cloud.world.devices["camera_SN0002"].status == "INACTIVE"


def test_a_wrong_pin_sends_nothing(cloud: CloudSimulator, station: Station, scrapped: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("111222")
    wrong.chmod(0o600)
    arguments = ("batch", "delete", scrapped, "--reason", "x", "--confirm", scrapped, "--pin-file", wrong)
    assert station(*arguments)[0] == Exit.PERSON_NEEDED
    assert scrapped in cloud.world.devices


def test_a_reworked_boards_device_goes_along_where_the_cloud_can(
    cloud: CloudSimulator, iotda: Iotda, station: Station, tmp_path: Path, pin: Path
) -> None:
    names = tmp_path / "names"
    names.write_text("SN0001\n")
    assert station("batch", "register", "--yes", "--product", "camera", "--names", names)[0] == Exit.OK
    living = cloud.add_product("Fan").product_key
    made = station("batch", "generate", "--yes", "--product", living, "--amount", 1, "--json")[1]
    assert station("pull", made.split('"batch": "')[1].split('"')[0])[0] == Exit.OK
    with Ledger(tmp_path / "state" / "ledger.db", open_vault(tmp_path / "state" / "station.key")) as ledger:
        for product, uid in (("camera", "5a00000000000001"), (living, "5a00000000000002")):
            claim = ledger.reserve([product], IdentityKind.SINGLE, BoardUid(uid), "1")
            ledger.begin(claim.attempt)
            digest, board = claim.identity.digest(), claim.attempt.board_uid
            proved = Evidence(
                expected=digest, read=digest, uid_before=board, uid_after=board, method=Method.PROOF, after_reset=True
            )
            ledger.consume(claim.attempt, proved)
    why = ("--reason", "new radio chip", "--yes", "--pin-file", pin, "--device", "delete")
    code, _, err = station("rework", "5a00000000000002", *why)
    assert (code, "E121" in err) == (Exit.USAGE, True)
    assert "CONSUMED" in station("show", "5a00000000000002")[1]
    assert station("rework", "5a00000000000001", *why)[0] == Exit.OK
    assert cloud.world.devices == {}
    told = station("history", "camera_SN0001")[1]
    assert "rework: new radio chip" in told
    assert "device delete done" in station("audit", "log")[1]
