# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal outside the state folder: what it tells, what it tolerates, and that nothing is begun without one."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import re
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import station
from station.codes import Code
from station.errors import ConfigError, IntegrityAlarm, LedgerFault, NeedsPerson, NoCertificates
from station.ledger import audit, recovery
from station.ledger.believed import Although
from station.ledger.foretold import WARY
from station.ledger.locks import STATION
from station.ledger.machine import marks, same
from station.ledger.opening import OpeningNotice, SkippedLines, Surroundings, lock_copy, open_ledger
from station.ledger.outside import content_may_be_out
from station.ledger.recovery import recover
from station.ledger.store import Ledger
from station.ledger.trouble import Trouble
from station.ledger.witness import Journal
from station.ledger.witness_lines import DECISIONS, Line, decode, encode
from station.model import CertName, IdentityKind, State
from station.rules import Known
from station.secrets.vault import Vault
from tests.ledger.forging import forge
from tests.ledger.ledger_samples import BATCH, PC, bound, evidence, named, single, uid
from tests.raw import disk_fails
from tests.waiting import PATIENCE_S

VAULT = Vault(bytes(range(32)))
HEADER = b'{"witness": 1}\n'
Open = Callable[[], Ledger]


def set_back(folder: Path) -> None:
    """The state folder is the copy that was made of it earlier."""
    shutil.rmtree(folder / "state")
    shutil.copytree(folder / "copy", folder / "state")


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    return Surroundings(home=tmp_path / "home" / "witness", further=(tmp_path / "stick" / "w",), machine=PC)


@pytest.fixture
def reopen(tmp_path: Path, around: Surroundings) -> Iterator[Open]:
    opened: list[Ledger] = []

    def again() -> Ledger:
        for ledger in opened:
            ledger.close()
        opened.append(open_ledger(tmp_path / "state" / "ledger.db", VAULT, around))
        return opened[-1]

    yield again
    for ledger in opened:
        ledger.close()


def write(ledger: Ledger, board: int) -> CertName:
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), "1")
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    return claim.identity.name


def journal(around: Surroundings) -> Path:
    (file,) = around.home.glob("*.witness")
    return file


def test_a_line_is_there_before_the_first_byte_could_leave_and_says_no_secret(
    reopen: Open, around: Surroundings
) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    assert uid(1) not in journal(around).read_text()  # never before the commit that marries
    ledger.begin(claim.attempt)
    told = journal(around).read_text()
    assert told.count(uid(1)) == 1
    assert "cam1" not in told
    assert claim.identity.primary.device_secret.reveal() not in told
    assert stat.S_IMODE(journal(around).stat().st_mode) == 0o600
    ledger.doubt(claim.attempt, Code.E203, "x")
    ledger.resume(claim.attempt.identity_id, claim.attempt.number, uid(1), "1")
    assert journal(around).read_text().count(uid(1)) == 2


def test_what_a_station_left_in_hand_is_in_doubt_from_the_next_opening_on(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    ledger.begin(ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1").attempt)
    ledger.close()
    said: list[OpeningNotice] = []
    with open_ledger(ledger.path, VAULT, around, say=said.append) as again:
        assert bound(again, uid(1)).state is State.IN_DOUBT
    (known,) = said
    assert isinstance(known, Known)
    assert known.board_uid == uid(1)


def test_no_board_is_begun_where_no_witness_can_be_told(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    write(ledger, 1)
    shutil.rmtree(around.home)
    with pytest.raises(LedgerFault, match="no witness") as refused:
        ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "1")
    assert refused.value.code == "E328"
    assert named(ledger, CertName("a1Camera", "cam2")).state is State.READY


def test_a_witness_that_fails_after_the_commit_leaves_doubt_without_a_byte(
    reopen: Open, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk of every witness is full, as /dev/full is: the line cannot be written, and so nothing else is."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    real = os.write
    monkeypatch.setattr(
        os, "write", lambda handle, data: _full() if b"[1," in data or data == b"\n" else real(handle, data)
    )
    with pytest.raises(LedgerFault) as refused:
        ledger.begin(claim.attempt)
    assert refused.value.code == "E328"
    assert bound(ledger, uid(1)).state is State.IN_DOUBT
    with pytest.raises(LedgerFault):  # and not one identity after the other goes into doubt
        ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "1")
    monkeypatch.undo()
    write(ledger, 2)


def _full() -> int:
    raise OSError(28, "No space left on device")


def test_no_board_is_begun_where_another_server_may_answer_since_it_was_asked(
    reopen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2"), single("cam3")])
    reserved, doubted = (ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(n), str(n)).attempt for n in (1, 2))
    ledger.begin(doubted)
    ledger.doubt(doubted, Code.E311, "unplugged")
    counts = ledger.stock.by_state()
    reached = itertools.count(1)
    monkeypatch.setattr(type(ledger.book.connection), "joins", property(lambda _: next(reached)))
    for step in (
        lambda: ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(3), "3"),
        lambda: ledger.begin(reserved),
        lambda: ledger.resume(doubted.identity_id, doubted.number, uid(2), "2"),
    ):
        with pytest.raises(LedgerFault, match="reached anew"):
            step()
    monkeypatch.undo()
    assert ledger.stock.by_state() == counts


def test_an_absent_witness_is_told_everything_when_it_is_there(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(4)])
    write(ledger, 1)
    around.further[0].parent.mkdir()
    write(ledger, 2)  # it has come while the station ran
    (stick,) = around.further[0].glob("*.witness")
    assert [uid(n) in stick.read_text() for n in (1, 2)] == [True, True]
    around.further[0].parent.rename(around.further[0].parent.with_name("pulled"))
    write(ledger, 3)
    around.further[0].parent.with_name("pulled").rename(around.further[0].parent)
    write(ledger, 4)
    assert [uid(n) in stick.read_text() for n in (1, 2, 3, 4)] == [True] * 4


@pytest.mark.parametrize("end", [b"[1,", b"garbage\n", b"\0" * 100, b'[1,"x"] 00\n', b"\xff\xfe\n"])
def test_a_torn_or_foreign_line_is_skipped_and_said(reopen: Open, around: Surroundings, end: bytes) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    write(ledger, 1)
    with journal(around).open("ab") as file:
        file.write(end)
    write(ledger, 2)
    last = journal(around).read_bytes().splitlines()[-1]
    assert readable(decode(VAULT, journal(around).stem, last)).board_uid == uid(2)
    said: list[OpeningNotice] = []
    ledger.close()
    with open_ledger(ledger.path, VAULT, around, say=said.append) as again:
        assert again.locks.held() == {}
    assert said == [SkippedLines(1)]


def test_a_changed_line_is_no_word_of_the_witness(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    write(ledger, 1)
    journal(around).write_text(journal(around).read_text().replace(uid(1), uid(9)))
    said: list[OpeningNotice] = []
    ledger.close()
    with open_ledger(ledger.path, VAULT, around, say=said.append) as again:
        assert again.locks.held() == {}
    assert said == [SkippedLines(1)]


@given(st.binary(max_size=300))
def test_no_bytes_are_taken_for_a_line(raw: bytes) -> None:
    assert decode(VAULT, "id", raw) is None


@given(st.integers(0, 2**40), st.text(max_size=40), st.integers(0, 400))
def test_a_line_comes_back_as_it_was_and_not_when_a_byte_is_changed(seq: int, text: str, at: int) -> None:
    line = Line(seq=seq, head="ab" * 32, name="cd" * 16, kind="single", board_uid=text)
    raw = encode(VAULT, "id", line)
    assert raw.endswith(b"\n")
    assert raw.count(b"\n") == 1
    assert decode(VAULT, "id", raw[:-1]) == line
    assert decode(Vault(bytes(32)), "id", raw[:-1]) is None
    assert decode(VAULT, "other", raw[:-1]) is None
    bent = bytearray(raw[:-1])
    bent[at % len(bent)] ^= 1
    assert decode(VAULT, "id", bytes(bent)) is None


def test_a_line_that_a_killed_process_left_out_is_told_at_the_next_opening(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(3)])
    for board in (1, 2, 3):
        write(ledger, board)
    lines = journal(around).read_text().splitlines(keepends=True)
    journal(around).write_text("".join(line for line in lines if uid(2) not in line))
    reopen()
    told = journal(around).read_text()
    assert [told.count(uid(n)) for n in (1, 2, 3)] == [1, 1, 1]


def test_a_stranger_is_told_with_the_doubt_and_no_other_doubt_is(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    for board, stranger in ((1, uid(8)), (2, "")):
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), "1")
        ledger.begin(claim.attempt)
        ledger.doubt(claim.attempt, Code.E209, "another board", stranger=stranger)
    lines = [
        readable(decode(VAULT, journal(around).stem, raw)) for raw in journal(around).read_bytes().splitlines()[1:]
    ]
    assert [(line.kind, line.board_uid) for line in lines] == [
        ("single", uid(1)),
        ("stranger", uid(8)),
        ("single", uid(2)),
    ]
    assert lines[0].name == lines[1].name


def test_a_stranger_that_the_disk_did_not_take_is_told_once_it_does(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    ledger.begin(claim.attempt)
    disk_fails(ledger)
    with pytest.raises(LedgerFault):
        ledger.doubt(claim.attempt, Code.E209, "another board answers", stranger=uid(8))
    assert uid(8) not in journal(around).read_text()
    disk_fails(ledger, fails=False)
    ledger.recover()
    assert journal(around).read_text().count(uid(8)) == 1


def test_what_is_seen_on_another_board_is_told_at_once(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    ledger.begin(claim.attempt)
    ledger.doubt(claim.attempt, Code.E203, "x")
    for name in (single("cam1").name, single("cam2").name):
        known = ledger.named(name)
        assert known is not None
        if known.state is State.IN_DOUBT:
            ledger.carried_elsewhere(known, uid(8), "1")
        else:
            ledger.found_on_board(known, uid(9))
    told = journal(around).read_text()
    assert [told.count(uid(board)) for board in (8, 9)] == [1, 1]


def test_what_the_cloud_calls_in_use_by_now_is_told_at_once_however_it_was_asked(
    reopen: Open, around: Surroundings
) -> None:
    def decided() -> list[str]:
        lines = journal(around).read_bytes().splitlines()[1:]
        kinds = [readable(decode(VAULT, journal(around).stem, raw)).kind for raw in lines]
        return [kind for kind in kinds if kind in DECISIONS]

    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    ledger.hear(BATCH.batch_id, {CertName("a1Camera", "cam1"): 1})
    assert decided() == ["doubted single"]
    ledger.receive(BATCH, [single("cam2", cloud_status=1)])
    assert decided() == ["doubted single"] * 2


def test_a_stranger_without_its_marriage_keeps_the_identity_from_every_other_board(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    """The line before it is damaged: it went to a board that nobody can name."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    ledger.close()
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    ledger = reopen()
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    ledger.begin(claim.attempt)
    ledger.doubt(claim.attempt, Code.E209, "another board", stranger=uid(8))
    ledger.close()
    journal(around).write_text(journal(around).read_text().replace(uid(1), uid(9)))
    set_back(tmp_path)
    ledger = reopen()
    recover(ledger, around, "test", by="boss")
    (one,) = ledger.strangers.open()
    assert (one.uid, one.name, one.married_to) == (uid(8), claim.identity.name, None)
    with pytest.raises(NeedsPerson, match="never comes back"):
        ledger.withheld.let_back(claim.identity.name, "test", by="boss")
    ledger.audit.verify()


def test_a_later_version_s_line_is_one_of_the_chain_and_its_kind_is_not_guessed(
    reopen: Open, around: Surroundings
) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    write(ledger, 1)
    name = journal(around).stem
    text = json.dumps([2, name, 999, "ab" * 32, "cd" * 16, "marked", uid(7), "more"], separators=(",", ":"))
    with journal(around).open("a") as file:
        file.write(f"{text} {VAULT.witness_mark(text)}\n")
    ledger = reopen()
    assert ledger.locks.held()[STATION].code == "E702"
    done = recover(ledger, around, "test", by="boss")
    assert (done.told, done.witnessed, done.in_doubt) == (1, False, 0)
    assert ledger.bound_to(uid(7)) is None


def _append(place: Path, board: int) -> None:
    ours = Journal(place, VAULT, "id")
    ours.make(HEADER)
    for n in range(200):
        ours.append(Line(seq=n, head=f"{board}{n}", name="n", kind="single", board_uid=str(board)))


def test_processes_append_to_one_journal_and_no_line_is_lost(tmp_path: Path) -> None:
    writers = [multiprocessing.Process(target=_append, args=(tmp_path / "w", board)) for board in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    whole = Journal(tmp_path / "w", VAULT, "id")
    whole.open(whole=True)
    assert len({line.head for line in whole.read()}) == 600
    assert whole.damaged == 0


def test_a_line_that_is_still_being_written_waits_for_its_end(tmp_path: Path) -> None:
    ours = Journal(tmp_path / "w", VAULT, "id")
    ours.make(HEADER)
    line = Line(seq=1, head="ab" * 32, name="n", kind="single", board_uid=uid(1))
    raw = encode(VAULT, "id", line)
    for piece, heard in ((raw[:20], []), (raw[20:], [line])):
        with ours.path.open("ab") as another:
            another.write(piece)
        assert ours.read() == heard
    assert ours.damaged == 0


def test_a_disk_that_takes_a_part_of_a_line_has_not_heard_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Journal(tmp_path / "w", VAULT, "id")
    ours.make(HEADER)
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:-3]))
    with pytest.raises(OSError, match="a part of a line"):
        ours.append(Line(seq=1, head="ab" * 32, name="n", kind="single", board_uid=uid(1)))


def test_another_bench_that_writes_to_the_same_witness_stops_this_one_at_the_next_board(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2"), single("cam3")])
    write(ledger, 1)
    shutil.copytree(tmp_path / "state", tmp_path / "clone")
    with open_ledger(tmp_path / "clone" / "ledger.db", VAULT, around) as clone:
        write(clone, 2)
    for _ in range(2):  # and not only the first slot that asks
        with pytest.raises(IntegrityAlarm) as found:
            ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(3), "1")
        assert found.value.code == "E702"


def test_of_two_copies_at_work_at_the_same_moment_the_later_one_sends_no_byte(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    """Both had looked before either of them had told anything."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    ledger.close()
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    ledger = reopen()
    with open_ledger(tmp_path / "copy" / "ledger.db", VAULT, around) as copy:
        ours = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
        theirs = copy.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "1")
        copy.begin(theirs.attempt)
        with pytest.raises(IntegrityAlarm, match="older than what is known"):
            ledger.begin(ours.attempt)
        assert bound(ledger, uid(1)).state is State.IN_DOUBT


def test_the_file_at_the_path_must_be_the_one_that_is_open(reopen: Open, tmp_path: Path) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    shutil.copy(ledger.path, tmp_path / "copy")
    (tmp_path / "copy").rename(ledger.path)
    for step in (
        lambda: ledger.begin(claim.attempt),
        lambda: ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "1"),
    ):
        with pytest.raises(IntegrityAlarm, match="removed or replaced"):
            step()


def test_only_a_recovery_ends_the_lock_also_for_raw_sql(reopen: Open) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    ledger.locks.lock(STATION, Code.E701, "clone")
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
    ledger.locks.lock(STATION, Code.E705, "another alarm")
    assert ledger.locks.held()[STATION].code == "E702"
    with pytest.raises(NeedsPerson, match="no unlock ends this"):
        ledger.locks.unlock(STATION, "looked at", by="boss")
    with pytest.raises(IntegrityAlarm, match="older than"):
        ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    raw = sqlite3.connect(ledger.path, isolation_level=None)
    for sql in (
        "DELETE FROM locks",
        "UPDATE locks SET code = 'E603'",
        "UPDATE locks SET scope = 'x'",
        "INSERT OR REPLACE INTO locks VALUES ('', '', 'E603', '', '')",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="only a recovery"):
            raw.execute(sql)


@pytest.mark.parametrize("before", ["READY", "WITHHELD"])
def test_raw_sql_marries_nothing_without_a_witness_or_the_board(reopen: Open, before: str) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    raw = sqlite3.connect(ledger.path, isolation_level=None)

    def line(version: int, event: str, a: str, b: str, attempt: int, board: str | None) -> None:
        raw.execute(
            "INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid,"
            " detail, previous, hash) SELECT max(seq) + 1, '', ?, '', 1, ?, ?, ?, ?, ?, '{}', '', 'h' || max(seq)"
            " FROM audit",
            (event, version, a, b, attempt, board),
        )

    if before == "WITHHELD":
        line(1, "withheld", "READY", "WITHHELD", 0, None)
        raw.execute("UPDATE identities SET state = 'WITHHELD', version = 1")
    version = raw.execute("SELECT version FROM identities").fetchone()[0] + 1
    line(version, "in doubt", before, "IN_DOUBT", 1, "aa01")
    with pytest.raises(sqlite3.IntegrityError, match="I10"):
        raw.execute("UPDATE identities SET state='IN_DOUBT', version=version+1, attempt=1, board_uid='aa01'")


def test_a_board_that_two_identities_are_said_to_be_on_waits_for_a_person(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    """Rework after the copy: the board had one identity, that was retired, and then another. An older station has not
    told its witness of the first one's end."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2"), single("cam3")])
    ledger.close()
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    ledger = reopen()
    first = write(ledger, 1)
    ledger.retire(first, "rework", by="boss")
    second = write(ledger, 1)
    ledger.close()
    _forget(journal(around), *DECISIONS)
    set_back(tmp_path)
    ledger = reopen()
    done = recover(ledger, around, "test", by="boss")
    assert (bound(ledger, uid(1)).name, named(ledger, first).state) == (second, State.WITHHELD)
    assert len(done.open) == 1
    assert str(first) in done.open[0]
    with pytest.raises(NeedsPerson, match="never comes back") as refused:
        ledger.withheld.let_back(first, "test", by="boss")
    for said in (done.open[0], refused.value.do):
        assert f"station retire {first} --reason" in said
    ledger.audit.verify()


def test_of_two_identities_on_a_board_the_one_that_the_copy_knows_is_the_older(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    """It is the one to retire, by whatever text, and the board keeps what it carries."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    first = write(ledger, 1)
    ledger.close()
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    ledger = reopen()
    ledger.retire(first, "rework", by="boss")
    second = write(ledger, 1)
    ledger.close()
    _forget(journal(around), *DECISIONS)
    set_back(tmp_path)
    ledger = reopen()
    done = recover(ledger, around, "test", by="boss")
    with pytest.raises(NeedsPerson, match="never comes back") as refused:
        ledger.withheld.let_back(second, "test", by="boss")
    for said in (done.open[0], refused.value.do):
        assert f"station retire {first} --reason" in said
    ledger.retire(first, "rework", by="boss")
    carried = ledger.named(second)
    assert carried is not None
    assert ledger.learning.may_learn(carried, uid(1))


def _forget(file: Path, *kinds: str) -> None:
    """As a station wrote it that tells its witness of fewer things."""
    header, *lines = file.read_bytes().splitlines(keepends=True)
    kept = [raw for raw in lines if readable(decode(VAULT, file.stem, raw.rstrip())).kind not in kinds]
    file.write_bytes(b"".join([header, *kept]))


def test_decisions_that_an_older_station_did_not_tell_are_told_at_the_next_opening(
    reopen: Open, around: Surroundings
) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2"), single("cam3")])
    ledger.retire(write(ledger, 1), "scrap", by="boss")
    ledger.found_on_board(named(ledger, CertName("a1Camera", "cam2")), uid(5))
    write(ledger, 2)
    ledger.close()
    whole = set(journal(around).read_bytes().splitlines())
    _forget(journal(around), *DECISIONS)
    assert len(whole) == len(journal(around).read_bytes().splitlines()) + 2
    assert reopen().locks.held() == {}
    assert set(journal(around).read_bytes().splitlines()) == whole


def test_nothing_a_witness_tells_is_taken_over_while_a_board_is_in_hand(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    """Of what is reserved just now nothing could be believed, and what is heard once is not heard again."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    ledger.close()
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    name = write(reopen(), 1)
    reopen().close()
    set_back(tmp_path)
    with Ledger(tmp_path / "state" / "ledger.db", VAULT) as slot:
        claim = slot.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "1")
        assert claim.identity.name == name
        ledger = reopen()
        with pytest.raises(NeedsPerson, match="a board in hand"):
            recover(ledger, around, "test", by="boss")
        slot.release(claim.attempt, "ended")
    assert recover(ledger, around, "test", by="boss").told == 1
    assert bound(ledger, uid(1)).name == name
    ledger.audit.verify()


def test_an_identity_that_is_said_to_be_on_two_boards_goes_nowhere_any_more(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    """A cloned disk, its witness with it, whose machine nobody could tell: both have written the same identity."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    ledger.close()
    for folder in ("state", "home"):
        shutil.copytree(tmp_path / folder, tmp_path / "clone" / folder)
    name = write(reopen(), 1)
    reopen().close()
    cloned = Surroundings(home=tmp_path / "clone" / "home" / "witness", machine=PC)
    with open_ledger(tmp_path / "clone" / "state" / "ledger.db", VAULT, cloned) as clone:
        assert write(clone, 2) == name
    around.further[0].parent.mkdir()
    (tmp_path / "clone" / "home" / "witness").rename(around.further[0])
    ledger = reopen()
    assert ledger.locks.held()[STATION].code == "E702"
    done = recover(ledger, around, "test", by="boss")
    assert len(done.open) == 1
    assert f"CONSUMED on board {uid(1)}" in done.open[0]


def test_what_the_witnesses_dispute_is_withheld_for_good(reopen: Open, around: Surroundings, tmp_path: Path) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    ledger.close()
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    write(reopen(), 1)
    reopen().close()
    told = journal(around).read_bytes().splitlines()
    line = readable(decode(VAULT, journal(around).stem, told[-1]))
    other = Line(seq=line.seq, head="ab" * 32, name=line.name, kind=line.kind, board_uid=uid(2))
    with journal(around).open("ab") as file:
        file.write(encode(VAULT, journal(around).stem, other))
    set_back(tmp_path)
    ledger = reopen()
    done = recover(ledger, around, "test", by="boss")
    assert "several boards" in done.open[0]
    assert (ledger.bound_to(uid(1)), ledger.bound_to(uid(2))) == (None, None)
    with ledger.book.read() as db:
        assert db.execute("SELECT count(*) FROM found_on_boards").fetchone()[0] == 1


def test_an_older_copy_is_told_from_a_recovered_ledger_where_no_board_was_lost(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    """The witness was lost, everything READY is withheld since; the copy calls it READY again."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    write(ledger, 1)
    ledger.close()
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    shutil.rmtree(around.home)
    recover(reopen(), around, "test", by="boss")
    reopen().close()
    set_back(tmp_path)
    assert reopen().locks.held()[STATION].code == "E702"


def test_a_recovery_withholds_all_that_was_ready_also_what_comes_meanwhile(
    reopen: Open, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("late")])
    late = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "slot-1").attempt
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(1010)])
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")

    def come_in(ledger: Ledger, _around: Surroundings, **_although: object) -> None:
        ledger.release(late, "no first byte was sent")

    monkeypatch.setattr(recovery, "remember_machine", come_in)
    done = recover(ledger, around, "test", by="boss")
    assert done.withheld == 1010
    with ledger.book.read() as db:
        assert {row[0] for row in db.execute("SELECT state FROM identities")} == {"WITHHELD"}


def test_a_sound_ledger_is_not_recovered_and_a_broken_chain_neither(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    write(ledger, 1)
    with pytest.raises(ConfigError, match="nothing is to be recovered"):
        recover(ledger, around, "test", by="boss")
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
    forge(ledger.path, "UPDATE audit SET actor = 'someone' WHERE seq = 3")
    with pytest.raises(IntegrityAlarm, match="chain is broken"):
        recover(ledger, around, "test", by="boss")
    assert ledger.locks.held()[STATION].code == "E702"


def _flip_the_first_bit_of_a_line(home: Path, file: Path) -> None:
    head, line = file.read_bytes().split(b"\n", 1)
    file.write_bytes(head + b"\n" + bytes([line[0] ^ 0x20]) + line[1:])


@pytest.mark.parametrize(
    "lose",
    [
        lambda home, file: shutil.rmtree(home),
        lambda home, file: file.write_bytes(file.read_bytes() + b"garbage\n"),
        lambda home, file: file.write_bytes(file.read_bytes()[:-20]),
        _flip_the_first_bit_of_a_line,
        lambda home, file: shutil.rmtree(home.parents[1] / "stick"),
    ],
    ids=["gone", "garbage", "torn", "flipped", "one of two away"],
)
def test_after_a_recovery_that_heard_not_every_witness_whole_what_comes_in_is_withheld(
    reopen: Open, around: Surroundings, tmp_path: Path, lose: Callable[[Path, Path], object]
) -> None:
    (tmp_path / "stick").mkdir()
    ledger = reopen()
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(3)])
    write(ledger, 1)
    write(ledger, 2)  # a journal that lost its last line still has another
    lose(around.home, journal(around))
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
    assert not recover(ledger, around, "test", by="boss").witnessed
    ledger.receive(BATCH, [single("late")])
    recovery.settled(ledger, "each board was looked at", by="boss")
    ledger.receive(BATCH, [single("later")])
    states = [named(ledger, CertName("a1Camera", name)).state for name in ("late", "later")]
    assert states == [State.WITHHELD, State.READY]


def _flip_in_the_header(file: Path, before: bytes) -> None:
    data = bytearray(file.read_bytes())
    data[data.index(before) - 1] ^= 0x01
    file.write_bytes(data)


@pytest.mark.parametrize("before", [b'"ledger"', b'", "path"', b'"}'], ids=["no JSON", "its id", "the key's id"])
def test_a_ledger_that_was_here_before_is_heard_although_the_first_line_of_its_witness_is_damaged(
    reopen: Open, around: Surroundings, before: bytes
) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    write(ledger, 1)
    ledger.close()
    shutil.rmtree(ledger.path.parent)
    _flip_in_the_header(journal(around), before)
    again = reopen()
    assert again.locks.held()[STATION].code == "E702"
    recover(again, around, "test", by="boss")
    again.receive(BATCH, [single("cam1"), single("cam2")])
    assert named(again, CertName("a1Camera", "cam1")).board_uid == uid(1)


def test_a_witness_is_not_told_once_more_what_it_told_a_recovery(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(3)])
    ledger.close()
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    ledger = reopen()
    write(ledger, 1)
    write(ledger, 2)
    ledger.close()
    set_back(tmp_path)
    assert recover(reopen(), around, "test", by="boss").told == 2
    lines = journal(around).read_bytes().splitlines()
    assert len(lines) == len(set(lines))


def test_a_copy_whose_lock_is_not_in_its_file_takes_no_ledgers_place(reopen: Open, tmp_path: Path) -> None:
    """It is the file alone that is put there."""
    reopen().close()
    path = tmp_path / "state" / "ledger.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM meta").fetchall()
        with pytest.raises(LedgerFault, match="could not be brought into"):
            lock_copy(path, VAULT, "x")
    lock_copy(path, VAULT, "x")
    assert not path.with_name("ledger.db-wal").exists()


def test_a_lost_witness_is_missed_beside_the_one_of_a_ledger_that_was_here_before(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    """Who speaks at a place does not speak for everybody."""
    (tmp_path / "stick").mkdir()
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    write(ledger, 1)
    (older,) = around.further[0].glob("*.witness")
    ledger.close()
    shutil.rmtree(ledger.path.parent)
    again = reopen()
    recover(again, around, "test", by="boss")
    again.receive(BATCH, [single("cam2")])
    again.facts.set(WARY, "", event="recovery over")
    write(again, 2)
    (younger,) = set(around.further[0].glob("*.witness")) - {older}
    younger.unlink()
    again.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
    assert not recover(again, around, "test", by="boss").witnessed


def test_what_one_slot_finds_is_not_forgotten_while_another_one_looks(
    reopen: Open, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second had read on before the first had said what it found."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    write(ledger, 1)
    assert ledger.watch is not None
    watch, witness = ledger.watch, ledger.watch.witness
    read, first_has_read, second_is_done = witness.read, threading.Event(), threading.Event()
    strange = Line(seq=99, head="ab" * 32, name="n", kind="single", board_uid=uid(9))

    def slow() -> list[tuple[Journal, Line]]:
        heard = read()
        if heard and not first_has_read.is_set():
            first_has_read.set()
            second_is_done.wait(0.5)
        return heard

    other = Journal(around.home, VAULT, witness.id)
    other.open()
    other.append(strange)
    monkeypatch.setattr(witness, "read", slow)
    found: list[IntegrityAlarm] = []

    def look() -> None:
        try:
            watch.look()
        except IntegrityAlarm as alarm:
            found.append(alarm)

    first = threading.Thread(target=look)
    first.start()
    first_has_read.wait(PATIENCE_S)
    second = threading.Thread(target=look)
    second.start()
    second.join(0.2)
    second_is_done.set()
    for one in (first, second):
        one.join()
    other.close()
    assert len(found) == 2


def test_what_comes_in_after_a_recovery_that_heard_every_witness_is_ready(
    reopen: Open, around: Surroundings, tmp_path: Path
) -> None:
    (tmp_path / "stick").mkdir()
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    write(ledger, 1)
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
    assert recover(ledger, around, "test", by="boss").witnessed
    ledger.receive(BATCH, [single("late")])
    assert named(ledger, CertName("a1Camera", "late")).state is State.READY


def test_who_finds_no_stock_after_a_recovery_is_told_of_what_it_withheld(reopen: Open, around: Surroundings) -> None:
    """Another batch would be paid for while this one lies here."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
    recover(ledger, around, "test", by="boss")
    with pytest.raises(NoCertificates) as refused:
        ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    assert f"station release --batch {BATCH.batch_id}" in refused.value.do


def test_which_recovery_was_settled_is_told_from_the_next_one_whatever_the_clock_says(
    reopen: Open, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    with monkeypatch.context() as ahead:
        ahead.setattr(audit, "now", lambda: "2099-01-01T00:00:00.000000+00:00")
        ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
        recover(ledger, around, "test", by="boss")
        recovery.settled(ledger, "each board was looked at", by="boss")
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
    recover(ledger, around, "test", by="boss")
    with ledger.book.read() as db:
        assert content_may_be_out(db, CertName("a1Camera", "cam1"))
    ledger.facts.set(WARY, "", event="recovery over", although=Although.RECOVERY)
    recovery.settled(ledger, "and again", by="boss")
    with pytest.raises(ConfigError, match="nothing is held back"):
        recovery.settled(ledger, "and again", by="boss")


def test_only_after_a_recovery_is_what_is_withheld_learned_from_its_board(reopen: Open, around: Surroundings) -> None:
    def may_be_on(board: int) -> bool:
        return ledger.learning.may_learn(named(ledger, CertName("a1Camera", "cam1")), uid(board))

    ledger = reopen()
    ledger.receive(BATCH, [single("cam1", cloud_status=1)])
    assert not may_be_on(1)
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
    recover(ledger, around, "test", by="boss")
    assert may_be_on(1)
    ledger.found_on_board(named(ledger, CertName("a1Camera", "cam1")), uid(9))
    assert (may_be_on(1), may_be_on(9)) == (False, True)


def test_no_recovery_while_a_board_is_in_hand(reopen: Open, around: Surroundings) -> None:
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    ledger.locks.lock(STATION, Code.E702, f"{Trouble.WITNESS}: x")
    with pytest.raises(NeedsPerson, match="in hand"):
        recover(ledger, around, "test", by="boss")
    assert ledger.locks.held()[STATION].code == "E702"
    ledger.release(claim.attempt, "test")
    assert recover(ledger, around, "test", by="boss").told == 0


def test_no_recovery_ends_while_a_board_has_come_into_hand(
    reopen: Open, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every witness is lost, and nothing is locked for it: a station that looked before that goes on."""
    ledger = reopen()
    ledger.receive(BATCH, [single("cam1")])
    shutil.rmtree(around.home)
    ledger = reopen()

    def reserve(ledger: Ledger, _around: Surroundings, **_although: object) -> None:
        ledger.receive(BATCH, [single("late")])
        with Ledger(ledger.path, VAULT) as slot:
            slot.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")

    monkeypatch.setattr(recovery, "remember_machine", reserve)
    with pytest.raises(NeedsPerson, match="in hand"):
        recover(ledger, around, "test", by="boss")
    assert named(ledger, CertName("a1Camera", "late")).state is State.RESERVED


@pytest.mark.parametrize(
    ("changed", "is_same"),
    [
        ((), True),
        (("cards",), True),
        (("disks",), True),
        (("board", "cards", "disks"), False),  # a cloned image
        (("board", "cards"), False),  # its disk in another PC
        (("cards", "disks"), False),
        (("machine-id",), True),  # the system was installed anew
    ],
)
@pytest.mark.parametrize("hidden", [(), ("board",), ("machine-id",)])
def test_the_machine_is_known_by_more_than_half(
    changed: tuple[str, ...], is_same: bool, hidden: tuple[str, ...]
) -> None:
    here = {part: frozenset({"other"}) if part in changed else values for part, values in PC.items()}
    seen = {part: values for part, values in here.items() if part not in hidden}
    if hidden == ("board",) and changed == ("board", "cards"):
        is_same = True  # nothing that is left tells it from an exchanged network card
    if hidden == ("machine-id",) and changed in (("cards",), ("disks",)):
        is_same = True
    assert same(marks(VAULT, PC), marks(VAULT, seen)) is is_same


def test_nothing_opens_a_ledger_but_the_place_that_looks_at_it() -> None:
    sources = Path(station.__file__).parent
    opens = {
        file.relative_to(sources).as_posix()
        for file in sources.rglob("*.py")
        if re.search(
            r"(?<!class )\b(Ledger|(Line)?Connection)\((?!.*read_only=True)(?!sqlite3)", file.read_text("utf-8")
        )
    }
    of_a_test = "testing/targets.py"  # one that is made for a test of a target, with a key of its own
    half = "ledger/sqlite/copy_into.py"  # what nobody else can open
    assert opens == {"ledger/opening.py", "ledger/store.py", "ledger/where.py", half, of_a_test}


def readable(line: Line | None) -> Line:
    assert line is not None
    return line
