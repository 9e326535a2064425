# SPDX-License-Identifier: GPL-3.0-or-later
"""What the search screen and `station history` find: a certificate, its board and the whole history of both, with what
the cloud said of it; or several to choose from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from station.codes import Code
from station.desk.desk import CertificateRow, Found
from station.desk.stays import past_stay
from station.errors import ConfigError
from station.ledger.certificates import labelled_uid
from station.ledger.cloud_said import IN_USE, NOT_SAID, CloudWord
from station.ledger.proof import KEY
from station.ledger.values import AuditLine, CertRow
from station.ledger.view import View
from station.meant import perhaps
from station.model import BoardUid, IdentityKind, State
from station.report.shift import unix
from station.words.past import PastLine

_CHOICES = 100


def find(ledger: View, text: str) -> Found:
    """A uid, label or serial number first: the board's history, of every identity it ever had. Then names, then their
    beginnings."""
    rows = _one_an_identity(ledger.certificates.search(text, limit=_CHOICES))
    uid = next((board for board in _boards(ledger, text) if _is_known(ledger, board, rows)), None)
    of_board = uid is not None
    if not of_board and len(rows) != 1:
        return Found(certificates=tuple(map(as_row, rows)))
    board = uid if of_board else rows[0].board_uid
    words = ledger.cloud_said.of(row.identity_id for row in rows)
    certificates = tuple(replace(as_row(row), cloud=_last_word(row, words[row.identity_id])) for row in rows)
    lines = [*_lines(ledger, rows, board), *_answers(rows, words)]
    return Found(certificates=certificates, uid=board or "", lines=tuple(sorted(lines, key=lambda line: line.at)))


def unknown(ledger: View, text: str) -> ConfigError:
    """E116 for what the ledger knows nothing of, with the certificate that was perhaps meant."""
    meant = perhaps(text.strip().rpartition("/")[2], alike(ledger, text))
    return ConfigError(f"the ledger knows nothing of {text}{meant}", do="look it up: station certs", code=Code.E116)


def alike(ledger: View, text: str) -> list[str]:
    """Names that begin as this one does, as far as any does; none where less than its first half is theirs."""
    name = text.strip().rpartition("/")[2]
    beginnings = (name[:length] for length in range(len(name) - 1, len(name) // 2, -1))
    found = (ledger.certificates.search(beginning, limit=_CHOICES) for beginning in beginnings)
    return [row.name.device_name for row in next(filter(None, found), [])]


def _boards(ledger: View, text: str) -> Iterator[BoardUid]:
    if by_label := labelled_uid(text):
        yield by_label
    if by_serial := ledger.serials.board_of(text.strip().upper()):
        yield by_serial


def _is_known(ledger: View, board: BoardUid, rows: list[CertRow]) -> bool:
    return any(row.board_uid == board for row in rows) or bool(ledger.visits.of_board(board))


def as_row(row: CertRow) -> CertificateRow:
    """A line of the browser."""
    in_set = row.kind is not IdentityKind.SINGLE
    return CertificateRow(
        name=str(row.name),
        state=row.state,
        batch=row.batch_id,
        uid=row.board_uid or "",
        set_name=row.set_name if in_set else "",
    )


def _one_an_identity(rows: list[CertRow]) -> list[CertRow]:
    """A board with an NVR and its cameras is found once."""
    first: dict[int, CertRow] = {}
    for row in rows:
        first.setdefault(row.identity_id, row)
    return list(first.values())


def _lines(ledger: View, rows: list[CertRow], board: BoardUid | None) -> list[PastLine]:
    moves = {line.seq: line for row in rows for line in ledger.audit.history(identity_id=row.identity_id)}
    if board:
        moves |= {line.seq: line for line in ledger.audit.history(uid=board)}
    others = {line.identity_id: line.name for line in moves.values() if line.identity_id}
    names = others | {row.identity_id: str(row.name) for row in rows}
    alone = len(others) < 2  # of a board: it had others before
    lines = [_moved(line, names, alone=alone) for line in moves.values()]
    # Another bench of the line keeps its wires on its own PC.
    folder = None if ledger.bench else ledger.path.parent
    stays = ledger.visits.of_board(board) if board else []
    return lines + [past_stay(visit, names.get(visit.identity_id or 0, ""), folder) for visit in stays]


def _answers(rows: list[CertRow], words: Mapping[int, Sequence[CloudWord]]) -> list[PastLine]:
    """Each time the cloud was asked again."""
    several = len(rows) > 1
    return [
        PastLine(
            at=unix(word.at),
            who=word.actor,
            event=word.event,
            name=str(word.name) if several or len({w.name for w in words[row.identity_id]}) > 1 else "",
            details=(("status", str(word.status)),) if word.event == IN_USE else (),
            certificate=str(word.name),
        )
        for row in rows
        for word in words[row.identity_id]
        if word.at
    ]


def _last_word(row: CertRow, words: Sequence[CloudWord]) -> str:
    """A silence takes no word back that it is in use."""
    heard = [word.event for word in words if word.name == row.name]
    said = [event for event in heard if event != NOT_SAID]
    return IN_USE if said[-1:] == [IN_USE] else (heard or [""])[-1]


def _moved(line: AuditLine, names: Mapping[int, str], *, alone: bool) -> PastLine:
    name = names.get(line.identity_id or 0, "")
    return moved(line, "" if alone else name)._replace(certificate=name)


def moved(line: AuditLine, name: str = "") -> PastLine:
    """A line of the audit, as people read it."""
    details: dict[str, object] = json.loads(line.detail or "{}")
    details.pop(KEY, None)  # for verify, not for people
    return PastLine(
        at=unix(line.at),
        who=line.actor,
        event=line.event,
        name=name,
        before=State(line.from_state) if line.from_state else None,
        after=State(line.to_state) if line.to_state else None,
        slot=line.slot,
        uid=line.board_uid,
        attempt=line.attempt or 0,
        details=tuple((key, _spelled(value)) for key, value in details.items()),
    )


def _spelled(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
