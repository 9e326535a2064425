# SPDX-License-Identifier: GPL-3.0-or-later
"""WITHHELD → READY: a supervisor's word with a reason, after the cloud was asked, never for what was on a board."""

from __future__ import annotations

import dataclasses
import gzip
import itertools
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from station.codes import Exit
from station.desk.searching import find
from station.errors import ConfigError, NeedsPerson
from station.ledger import taking_over
from station.ledger.cloud_said import IN_USE
from station.ledger.matters import MatterKind
from station.ledger.store import Ledger
from station.model import CertName, Identity, IdentityKind, Provider, State
from station.rules import WayBack, way_back
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, nvr_set, single, uid

FILE = dataclasses.replace(BATCH, batch_id="sha256-of-a-file", source="batch.csv")
CAM = CertName("a1Camera", "cam")


def state(ledger: Ledger, name: CertName = CAM) -> State:
    known = ledger.named(name)
    assert known
    return known.state


def pulled(ledger: Ledger, *identities: Identity) -> None:
    ledger.receive(BATCH, identities, withhold_unsaid=True, from_cloud=True)


def used(name: str = "cam") -> Identity:
    return single(name, cloud_status=1)


def let_back(ledger: Ledger, name: CertName = CAM) -> None:
    ledger.withheld.let_back(name, "the label was on the wrong shelf", by="Li Wei")


def refusal(ledger: Ledger, name: CertName = CAM) -> str:
    with pytest.raises(NeedsPerson) as caught:
        let_back(ledger, name)
    assert caught.value.exit is Exit.PERSON_NEEDED
    assert state(ledger, name) is State.WITHHELD
    return caught.value.code


def test_a_files_certificate_comes_back_by_a_supervisors_word_which_the_audit_keeps(ledger: Ledger) -> None:
    ledger.receive(FILE, [used()])
    let_back(ledger)
    assert state(ledger) is State.READY
    with ledger.book.read() as db:
        row = db.execute("SELECT event, detail FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    assert row["event"] == "let back"
    assert json.loads(row["detail"]) == {"why": "the label was on the wrong shelf", "by": "Li Wei"}
    assert ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1").identity.name == CAM
    ledger.audit.verify()


def test_a_clouds_certificate_comes_back_once_the_cloud_says_that_it_is_inactive(ledger: Ledger) -> None:
    pulled(ledger, used())
    assert refusal(ledger) == "E621"
    pulled(ledger, used())
    assert refusal(ledger) == "E620"  # the cloud still says that it is in use
    pulled(ledger, single("cam"))
    let_back(ledger)
    assert state(ledger) is State.READY


def test_a_cloud_that_does_not_say_leaves_it_to_the_supervisor(ledger: Ledger) -> None:
    pulled(ledger, single("cam", cloud_status=-1))
    assert refusal(ledger) == "E621"
    pulled(ledger, single("cam", cloud_status=-1))
    let_back(ledger)
    assert state(ledger) is State.READY


@pytest.mark.parametrize("said", [[], [1], [1, -1]])
def test_a_silence_takes_no_word_back_that_it_is_in_use(ledger: Ledger, said: list[int]) -> None:
    """As a page of sets, which has no status, after the cloud was asked about each by its name."""
    pulled(ledger, used())
    for status in (*said, -1):
        pulled(ledger, single("cam", cloud_status=status))
    assert refusal(ledger) == "E620"
    assert find(ledger, "cam").certificates[0].cloud == IN_USE
    pulled(ledger, single("cam"))
    let_back(ledger)
    assert state(ledger) is State.READY


def test_a_silence_takes_no_word_back_of_what_came_unsaid(ledger: Ledger) -> None:
    for status in (-1, 1, -1):
        pulled(ledger, single("cam", cloud_status=status))
    assert refusal(ledger) == "E620"


def test_what_the_cloud_said_before_it_was_withheld_again_counts_no_more(ledger: Ledger) -> None:
    pulled(ledger, used())
    pulled(ledger, single("cam"))
    let_back(ledger)
    pulled(ledger, used())  # came into use meanwhile; the same page is an answer too
    assert refusal(ledger) == "E620"
    ledger.receive(BATCH, [single("cam")])  # a file of the same content is no answer of the cloud
    assert refusal(ledger) == "E620"


def test_each_certificate_of_a_set_must_be_inactive(ledger: Ledger) -> None:
    fresh = nvr_set("nvr", 2)
    camera = dataclasses.replace(fresh.channels[1], cloud_status=1)
    busy = dataclasses.replace(fresh, channels=(fresh.channels[0], camera))
    name = CertName("a1Nvr", "nvr")
    pulled(ledger, busy)
    pulled(ledger, busy)
    assert refusal(ledger, name) == "E620"
    pulled(ledger, fresh)
    let_back(ledger, name)
    assert state(ledger, name) is State.READY


def test_what_was_found_on_a_board_never_comes_back(ledger: Ledger) -> None:
    ledger.receive(FILE, [single("cam"), used("cam2")])
    for name in (CAM, CertName("a1Camera", "cam2")):
        known = ledger.named(name)
        assert known
        ledger.found_on_board(known, uid(7))
        ledger.found_on_board(known, uid(8))  # seen again: it is known
        assert refusal(ledger, name) == "E620"
    with ledger.book.read() as db:
        assert [tuple(row) for row in db.execute("SELECT * FROM found_on_boards")] == [(1, uid(7)), (2, uid(7))]
    ledger.audit.verify()


@pytest.mark.parametrize("name", ["cam", "nobody"])
def test_what_is_not_withheld_is_an_error_that_says_so(ledger: Ledger, name: str) -> None:
    ledger.receive(FILE, [single("cam")])
    with pytest.raises(ConfigError) as caught:
        let_back(ledger, CertName("a1Camera", name))
    assert caught.value.code == "E116"


def test_a_batch_comes_back_but_for_what_may_not(ledger: Ledger) -> None:
    pulled(ledger, *(used(f"cam{n}") for n in range(5)))
    pulled(ledger, *(single(f"cam{n}") for n in range(3)), used("cam3"))
    known = ledger.named(CertName("a1Camera", "cam0"))
    assert known
    ledger.found_on_board(known, uid(7))
    done = ledger.withheld.let_batch_back("4711", "audit of the shelf", by="Li Wei")
    assert done.back == 2
    assert done.stay == {WayBack.ON_A_BOARD: 1, WayBack.IN_USE: 1, WayBack.ASK_FIRST: 1}
    assert [row.device_name for row in ledger.withheld.names(Provider.LIVING, "4711")] == ["cam3", "cam4"]
    ledger.audit.verify()


def test_a_batch_of_which_none_may_says_why(ledger: Ledger) -> None:
    pulled(ledger, used())
    with pytest.raises(NeedsPerson) as caught:
        ledger.withheld.let_batch_back("4711", "please", by="Li Wei")
    assert caught.value.code == "E621"
    with pytest.raises(ConfigError, match="nothing withheld"):
        ledger.withheld.let_batch_back("another", "please", by="Li Wei")


def test_the_rule_opens_only_where_nothing_is_in_the_way() -> None:
    facts = ("on_a_board", "disputed", "from_cloud", "asked", "in_use")
    for known in State:
        for values in itertools.product([False, True], repeat=len(facts)):
            case = dict(zip(facts, values, strict=True))
            inactive = not case["from_cloud"] or (case["asked"] and not case["in_use"])
            good = not case["on_a_board"] and not case["disputed"] and inactive
            assert (way_back(known, **case) is WayBack.OPEN) == (good and known is State.WITHHELD)


# -- whoever writes: each statement is raw SQL -------------------------------------------------------------------------

Forge = Callable[..., str]


@pytest.fixture
def forge(ledger: Ledger) -> Forge:
    """WITHHELD → READY by hand, with an audit line as given; what the database answers, "" when it agrees."""

    def try_it(
        setting: str = "", *, event: str = "let back", detail: str = '{"why": "x", "by": "Li Wei"}', row: int = 1
    ) -> str:
        raw = sqlite3.connect(ledger.path, isolation_level=None, timeout=10)
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute("BEGIN IMMEDIATE")
        try:
            if setting:
                raw.execute(setting)
            raw.execute(
                "INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid,"
                " detail, previous, hash) SELECT (SELECT max(seq) FROM audit) + 1, '', ?, 'me', id, version + 1, state,"
                " 'READY', attempt, board_uid, ?, '', 'x' FROM identities WHERE id = ?",
                (event, detail, row),
            )
            raw.execute("UPDATE identities SET state = 'READY', version = version + 1 WHERE id = ?", (row,))
        except sqlite3.IntegrityError as error:
            return str(error)
        finally:
            raw.execute("ROLLBACK")
            raw.close()
        return ""

    return try_it


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        ("released", '{"why": "x", "by": "Li Wei"}'),
        ("let back", "{}"),
        ("let back", '{"why": "x"}'),
        ("let back", '{"by": "Li Wei"}'),
        ("let back", '{"why": "  ", "by": "Li Wei"}'),
        ("let back", '{"why": "x", "by": ""}'),
    ],
)
@pytest.mark.sqlite
def test_no_identity_comes_back_without_a_supervisor_and_a_reason(
    ledger: Ledger, forge: Forge, event: str, detail: str
) -> None:
    ledger.receive(FILE, [used()])
    assert forge() == ""
    assert "supervisor" in forge(event=event, detail=detail)


@pytest.mark.sqlite
def test_no_clouds_identity_comes_back_unasked(ledger: Ledger, forge: Forge) -> None:
    pulled(ledger, used())
    assert "cloud is asked" in forge()
    pulled(ledger, used())
    assert "cloud is asked" in forge()
    pulled(ledger, single("cam"))
    assert forge() == ""


@pytest.mark.sqlite
def test_no_identity_comes_back_from_a_board(ledger: Ledger, forge: Forge) -> None:
    ledger.receive(FILE, [used()])
    assert forge() == ""
    known = ledger.named(CAM)
    assert known
    ledger.found_on_board(known, uid(7))
    assert "never comes back" in forge()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO cloud_answers VALUES (1, 1, 0)",  # line 1 tells something else
        "INSERT INTO cloud_answers VALUES (1, 99, 0)",
        "INSERT OR REPLACE INTO cloud_answers SELECT certificate, line, 0 FROM cloud_answers",
        "UPDATE cloud_answers SET status = 0",
        "DELETE FROM cloud_answers",
        "INSERT INTO found_on_boards VALUES (1, 'ab99')",  # the audit does not say so
        "INSERT OR REPLACE INTO found_on_boards VALUES (2, 'ab99')",
        "UPDATE found_on_boards SET board_uid = 'ab99'",
        "DELETE FROM found_on_boards",
    ],
)
@pytest.mark.sqlite
def test_what_is_in_the_way_cannot_be_written_away(ledger: Ledger, forge: Forge, statement: str) -> None:
    pulled(ledger, used(), used("cam2"))
    pulled(ledger, used())
    known = ledger.named(CertName("a1Camera", "cam2"))
    assert known
    ledger.found_on_board(known, uid(7))
    assert forge(statement) not in ("", forge())


def test_what_an_earlier_station_found_on_a_board_stays(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch(0o600)
    path.write_bytes(gzip.decompress((Path(__file__).parent / "fixtures" / "version-3.db.gz").read_bytes()))
    with sqlite3.connect(path) as raw:
        raw.execute(
            "INSERT INTO visits SELECT 99, 0, '1', 'ab99', 'ALARM', 'E705', 'board ab99 carries a1Camera/used, which"
            " this ledger never sent to a board', NULL, NULL, 0, '', '{}'"
        )
    raw.close()
    with Ledger(path, Vault(bytes(range(32)))) as ledger:
        assert refusal(ledger, CertName("a1Camera", "cam6")) == "E620"  # its reason says so
        assert refusal(ledger, CertName("a1Camera", "used")) == "E620"  # only the alarm's visit does
        assert refusal(ledger, CertName("a1Camera", "cam7")) == "E619"  # disputed, on no board
        ledger.audit.verify()


def test_who_is_told_what_a_recovery_withheld_is_told_to_ask_the_cloud_first_where_that_is_needed(
    ledger: Ledger,
) -> None:
    pulled(ledger, single("cam", cloud_status=0))
    ledger.receive(FILE, [single("other")])
    with ledger.book.write() as db:
        assert taking_over.withhold_ready(db, "station", limit=9) == 2
    of_file, of_cloud = sorted(matter.do for matter in ledger.matters.open() if matter.kind is MatterKind.WITHHELD)
    assert f"; station pull {BATCH.batch_id} --recheck, then a supervisor: station release --batch" in of_cloud
    assert "--recheck" not in of_file
    ledger.withheld.record_statuses(BATCH.batch_id, {CAM: 0})
    assert not any("--recheck" in matter.do for matter in ledger.matters.open())
    ledger.withheld.let_batch_back(BATCH.batch_id, "looked at", by="Li Wei")
