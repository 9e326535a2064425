# SPDX-License-Identifier: GPL-3.0-or-later
"""The production engineer's batch, typed as its page has it: what is on the boards is what the cloud made, each once,
and results, MES, labels, report and ledger tell the same of each. `make test` reads a smaller number where 500 stands.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.simulate.agent_board import read_identity
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import of_cloud
from tests.paper.test_report_page import Read
from tests.raw import raw
from tests.readme.pages import DOCS, STORY, blocks
from tests.readme.reading import reader

BATCH, PRINTER = "124604", "9100"
SAID = 500
NUMBERS = re.compile(rf"\b({PRINTER}|{SAID})\b")


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def on_boards(folder: Path) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """uid, and what its flash holds."""
    for store in folder.glob("*.flash"):
        (held,) = read_identity(store) or []
        yield store.stem, (held.product_key, held.device_name, held.device_secret.reveal())


@pytest.mark.timeout(600)  # of 500 boards, each through a flash command of its own ports, on a busy PC too
@pytest.mark.parametrize("boards", [40, pytest.param(SAID, marks=pytest.mark.campaign)])
def test_a_batch_of_500_is_one_story_from_the_cloud_to_the_answer(tmp_path: Path, boards: int) -> None:
    began, put = time.monotonic(), {PRINTER: free_port(), f"{SAID}": f"{boards}"}
    with reader(tmp_path) as engineer:
        for block in blocks(DOCS / "headless.md"):
            if block.section.startswith(STORY):
                engineer.reads(block._replace(text=NUMBERS.sub(lambda found: put[found[0]], block.text)))
    require_one_story(tmp_path, dict(on_boards(tmp_path)), boards)
    print(f"{boards} boards on eight ports, and all that is told of them: {time.monotonic() - began:.1f} s")


def require_one_story(folder: Path, held: dict[str, tuple[str, str, str]], boards: int) -> None:
    assert sorted((one,) for one in held.values()) == of_cloud(CloudSimulator(folder / "cloud.json"), BATCH)
    assert len({secret for _, _, secret in held.values()}) == len(held) == boards
    *stays, summary = lines(folder / "results.jsonl")
    for stay in stays:
        assert stay.pop("operator") is None
    assert lines(folder / "line" / "mes.jsonl") == sorted(stays, key=lambda stay: int(stay["number"]))
    assert {stay["uid"]: (stay["product"], stay["device"]) for stay in stays} == {u: c[:2] for u, c in held.items()}
    assert {(stay["outcome"], stay["batch"], stay["order"]) for stay in stays} == {("PASS", BATCH, "WO-4711")}
    assert {stay["slot"].partition("-")[0] for stay in stays} == {f"ttyLINE{number}" for number in range(1, 9)}
    assert (len(stays), summary["passed"]) == (boards, boards)
    page = (folder / "batch.html").read_text("utf-8")
    figures = (report := Read(page)).figures
    assert {int(figures[name]) for name in ("received", "boards", "passed")} == {boards}
    assert sum(int(row[2]) for row in report.table("slots")) == boards
    with raw(folder / "line" / "state" / "ledger.db") as db:
        rows = db.execute("SELECT state, board_uid FROM identities").fetchall()
        printed = db.execute("SELECT count(*) FROM audit WHERE event = 'label printed'").fetchone()[0]
    assert len(list((folder / "labels").glob("label-*.png"))) == printed > 0
    assert sorted(map(tuple, rows)) == sorted(("CONSUMED", uid) for uid in held)
    told = page + "".join((folder / name).read_text() for name in ("results.jsonl", "line/mes.jsonl"))
    assert [secret for _, _, secret in held.values() if secret in told] == []
