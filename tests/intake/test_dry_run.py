# SPDX-License-Identifier: GPL-3.0-or-later
"""`--dry-run` says what would be done and changes nothing: not a byte of the station's files, nothing in the cloud."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from station.cli import cli
from station.cloud.iotda.client import Iotda
from station.codes import Code, Exit
from station.intake import register
from station.ledger.foretold import WARY
from station.ledger.locks import STATION
from station.ledger.outbox import Delivered, Held
from station.ledger.store import Ledger
from station.ledger.trouble import Trouble
from station.ledger.values import VisitRow
from station.model import BoardUid, CertName, IdentityKind
from station.secrets.keys import open_vault
from station.simulate.cloud import CloudSimulator
from tests.intake.filled_station import WHY, fill, filled
from tests.intake.intake_contents import Station
from tests.ledger.ledger_samples import evidence

IOTDA = ("--cloud", "iotda")
DONE = {
    "retire": (("cam2", *WHY), "a1Cam/cam2 is RETIRED"),
    "rework": (("camera_SN0001", *WHY), "put board 5a00000000000005 into any slot: it gets a new identity"),
    "rework --device freeze": (("camera_SN0001", *WHY), "would: freeze camera/camera_SN0001 in the cloud"),
    "set short": (("nvr1", *WHY, "--profile", "{profile}"), "a1Nvr/nvr1 may be flashed without a1Ipc/ipc1"),
    "set end": (("nvr1", *WHY), "a1Nvr/nvr1 and 0 of its cameras are RETIRED"),
    "conflict keep": (("held", "cam1", *WHY), "cam1: what is held is kept"),
    "stranger settle": (("5a00000000000077", "--as", "wiped", *WHY), "5a00000000000077"),
    "vouch": (("cam3", *WHY), "cam3"),
    "release": (("--batch", "{wary}", *WHY), "E621"),
    "unlock": (("slot-9", *WHY), "slot-9"),
    "serial correct": (("5a00000000000005", "SN1", *WHY), "5a00000000000005"),
    "supervisor remove": (("Zhao",), "Zhao"),
    "recover --over": (WHY, "what comes in"),
    "outbox skip": (("mes", "1", *WHY), "event 1 is not sent to mes"),
    "import": (("{csv}",), "1 would be new"),
    "product create": (("{product_file}", *IOTDA), "nothing was sent"),
    "batch generate": (("--product", "{product}", "--amount", "2"), "nothing was sent"),
    "batch generate-nvr": (("--product", "{recorder}", "--amount", "2"), "nothing was sent"),
    "batch upload-names": (("{names}", "--product", "{product}"), "nothing was sent"),
    "batch register": (("--product", "camera", "--names", "{names}", *IOTDA), "would register 1 devices"),
    "batch orphans --remove": (("{registered}", *IOTDA), "would: remove 0 devices in the cloud"),
    "batch freeze": (("camera_SN0002", *WHY, *IOTDA), "would: freeze"),
    "batch unfreeze": (("camera_SN0002", *WHY, *IOTDA), "would"),
    "batch delete": (("camera_SN0002", *WHY, *IOTDA), "would"),
    "batch reset-secret": (("camera_SN0000", "--product", "camera", *IOTDA), "new secret"),
    "batch settle": (("{request}", "--nothing-made"), "is settled"),
    "ledger copy": (("{ledger}", "{folder}/other.db"), "rows"),
    "restore": (("{backup}",), "locked"),
    "doctor --fix": ((), "would: chmod"),
}
ELSEWHERE = {
    "adopt": "as `recover`",
    "key export": "tests/cli/test_line_key.py",
    "key import": "tests/cli/test_line_key.py",
    "key move": "tests/cli/test_line_key.py",
    "service install": "tests/service",
    "service remove": "tests/service",
}


def options(group: click.Group, path: str = "") -> Iterator[tuple[str, set[str]]]:
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from options(found, f"{path}{name} ")
        else:
            yield f"{path}{name}", {option for one in found.params for option in one.opts}


def test_every_command_that_asks_or_wants_a_pin_can_be_tried() -> None:
    found = dict(options(cli))
    dry = {name for name, has in found.items() if "--dry-run" in has}
    final = {name for name, has in found.items() if has & {"--yes", "--confirm", "--pin-file"}}
    not_tried = {"flash", "pull", "batch pull", "conflict show", "supervisor set-pin"}
    assert final - dry <= not_tried
    assert dry == {name.partition(" --")[0] for name in DONE} | ELSEWHERE.keys()


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes; without the empty log, and its index, that SQLite puts beside a file it has open."""
    found = {str(path): path for path in folder.rglob("*") if not path.name.endswith("-shm")}
    now = {name: (path.stat().st_mode, path.read_bytes() if path.is_file() else b"") for name, path in found.items()}
    return {name: one for name, one in now.items() if one[1] or not name.endswith("-wal")}


def there(cloud: CloudSimulator) -> str:
    world = cloud.world
    return str((world.products, world.batches, world.iotda_products, world.devices, world.records))


@pytest.fixture
def words(cloud: CloudSimulator, iotda: Iotda, station: Station, config_file: Path, tmp_path: Path) -> dict[str, str]:
    """What the table says in braces, of a station with something of everything."""
    state = config_file.parent / "state"
    words = fill(cloud, iotda, station, tmp_path)
    words["recorder"] = cloud.add_product("Recorder", channels=4).product_key
    words["ledger"], words["backup"] = str(state / "ledger.db"), str(tmp_path / "backup")
    with Ledger(state / "ledger.db", open_vault(state / "station.key")) as ledger:
        ledger.facts.set(WARY, "", event="recovery over")
        register.register(ledger, iotda, register.plan(ledger, iotda, "camera", ["SN0001", "SN0002"]))
        claim = ledger.reserve(["camera"], IdentityKind.SINGLE, BoardUid("5a00000000000005"), "slot-1")
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))
        ledger.facts.set(WARY, "2026-01-01", event="not every witness was heard")
        words["wary"] = register.plan(ledger, iotda, "camera", ["SN0003"])
        register.register(ledger, iotda, words["wary"])
        ledger.retire(CertName("camera", "camera_SN0002"), "scrap", by="Li")
        ledger.outbox.begin("mes", 0.0)
        ledger.visits.record(VisitRow(at=1.0, slot="1", outcome="PASS", board_uid=claim.attempt.board_uid))
        ledger.outbox.keep("mes", Delivered(settled=1, held={1: (Held.REFUSED, "too old")}), "")
    assert station("backup", words["backup"])[0] == Exit.OK
    state.chmod(0o755)
    return words


def test_nothing_is_changed_and_it_is_said_what_would_be(
    cloud: CloudSimulator, station: Station, words: dict[str, str], tmp_path: Path
) -> None:
    before, made = files(tmp_path), there(cloud)
    for command, (arguments, said) in DONE.items():
        code, out, err = station(*command.split(), "--dry-run", *filled(arguments, words))
        assert code in (Exit.OK, Exit.PERSON_NEEDED), f"{command}: exit {code}\n{out}{err}"
        assert said in out + err, f"{command} says\n{out}{err}"
        assert files(tmp_path) == before, command
        assert there(cloud) == made, command


def test_a_recovery_is_tried_with_its_numbers_and_no_witness_hears_of_it(
    station: Station, words: dict[str, str], tmp_path: Path
) -> None:
    state, witness = tmp_path / "state", Path(os.environ["XDG_STATE_HOME"])
    with Ledger(state / "ledger.db", open_vault(state / "station.key")) as ledger:
        ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: board x was written")
    station("status")
    before = files(tmp_path) | files(witness)
    assert "E614" in station("retire", "cam2", "--dry-run", *WHY)[2]
    code, _, tried = station("recover", "--dry-run", *WHY)
    assert files(tmp_path) | files(witness) == before
    done, _, err = station("recover", "--yes", *filled((*WHY, "{pin}"), words))
    told = [line for line in tried.splitlines() if not line.startswith(("dry run", "it would ask"))]
    assert (code, told) == (done, err.splitlines())
    assert any("identities withheld" in line for line in told)
