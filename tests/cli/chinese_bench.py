# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench that speaks Chinese and has something of everything to tell of: stock, boards that are done, failed and in
doubt, locks, a dispute, a stranger, a set, requests to a cloud, a receiver that refuses. Its commands run in this
process.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from station.cli import _run
from station.codes import Code
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, VisitRow
from station.model import IdentityKind, Provider
from station.rules import Outcome
from station.secrets.keys import create_key, open_vault
from station.simulate.cloud import CloudSimulator
from tests.cli.cli_shell import Done
from tests.intake.clouds_toml import clouds_env, clouds_toml
from tests.ledger import open_matters
from tests.ledger.ledger_samples import evidence, one_in_each_state, single, uid

PIN = "482915"
DONE = uid(20)
_SETTINGS = """[bench]
state_dir = "{folder}/state"
language = "zh"
profile = "cam"
[cloud]
env_file = "{folder}/secrets.env"
provider = "living"
[outbox.mes]
command = ["false"]
[andon.wall]
file = "{folder}/andon.jsonl"
[[slot]]
name = "1"
path = "socket://127.0.0.1:9"
"""
_PROFILE = """name = "cam"
target = "agent"
products = ["a1Camera"]
[label]
height_mm = 40
lines = ["{device}"]
"""


class ChineseBench:
    def __init__(self, folder: Path, cloud: CloudSimulator) -> None:
        self.folder, self.cloud = folder, cloud
        self.pin = self.private("pin", PIN)

    def __call__(self, *arguments: str) -> Done:
        out, err = io.StringIO(), io.StringIO()
        command = ["station", "--config", str(self.folder / "station.toml"), *arguments]
        with patch("sys.argv", command), redirect_stdout(out), redirect_stderr(err):
            code = _run()
        return Done(int(code), out.getvalue(), err.getvalue())

    def private(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)


@contextmanager
def chinese_bench(folder: Path) -> Iterator[ChineseBench]:
    with CloudSimulator(seed="chinese") as cloud:
        bench = ChineseBench(folder, cloud)
        (folder / "state").mkdir(mode=0o700)
        create_key(folder / "state" / "station.key")
        bench.private("secrets.env", clouds_env(cloud))
        (folder / "station.toml").write_text(_SETTINGS.format(folder=folder) + clouds_toml(cloud))
        (folder / "profiles").mkdir()
        (folder / "profiles" / "cam.toml").write_text(_PROFILE)
        with Ledger(folder / "state" / "ledger.db", open_vault(folder / "state" / "station.key")) as ledger:
            _happened(ledger)
        yield bench


def _happened(ledger: Ledger) -> None:
    one_in_each_state(ledger)
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, DONE, "1")
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    nvr = ledger.reserve(["a1Nvr"], IdentityKind.SET, uid(30), "1")
    ledger.begin(nvr.attempt)
    ledger.consume(nvr.attempt, evidence(nvr))
    ledger.serials.give(DONE, "SN-0001", "1")
    stay = VisitRow(at=1_764_000_000.0, slot="1", outcome=Outcome.PASS, board_uid=DONE, seconds=2.5)
    stay = replace(stay, identity_id=claim.attempt.identity_id, details={"profile": "cam"})
    ledger.visits.record(stay)
    failed = replace(stay, outcome=Outcome.FAIL, code=Code.E203, what="the board does not answer", board_uid=uid(21))
    ledger.visits.record(replace(failed, identity_id=None))
    key = BatchKey(provider=Provider.LIVING, batch_id="77", product_key="a1Cam")
    ledger.receive(key, [single(f"cam{n}", product="a1Cam") for n in range(1, 4)])
    open_matters.stranger(ledger)
    open_matters.locked(ledger)
    ledger.locks.lock(STATION, Code.E701, f"clone: board {DONE} carries a1Cam/cam2, which belongs to board {uid(22)}")
    ledger.locks.unlock(STATION, "更换探针", by="李伟")
    open_matters.disputed(ledger)
    open_matters.set_aside(ledger)
    open_matters.no_known_outcome(ledger)
    open_matters.registration_waits(ledger)
