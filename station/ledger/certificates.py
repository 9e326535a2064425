# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and what became of them: a page, what is in doubt, what a scan or a name finds."""

from __future__ import annotations

from collections.abc import Sequence

from station.codes import Code
from station.label import NotALabel, board_on
from station.ledger.book import Book
from station.ledger.dialect import unindexed
from station.ledger.spellings import ANY_SPELLING
from station.ledger.transaction import Row
from station.ledger.values import CertColumn, CertRow, Sort
from station.model import BoardUid, CertName, IdentityKind, State

_SET_NAME = (
    "(SELECT n.device_name FROM certificates n WHERE i.kind <> 'single' AND n.channel = 0"
    " AND n.identity = coalesce(i.set_of, i.id))"
)
_CERTS = (
    "SELECT i.id, c.product_key, c.device_name, c.channel, i.kind, i.state, b.batch_id, i.attempt, i.board_uid, i.slot,"
    f" i.changed_at, i.reason, i.code, {_SET_NAME} AS set_name"
    " FROM certificates c JOIN identities i ON i.id = c.identity JOIN batches b ON b.id = i.batch"
)

_FIND = f"""{_CERTS} WHERE c.id IN (
    SELECT id FROM certificates WHERE device_name = :name AND (:product = '' OR product_key = :product)
    UNION SELECT f.id FROM identities o JOIN certificates f ON f.identity = o.id WHERE o.board_uid IN {ANY_SPELLING}
    UNION SELECT f.id FROM serials n LEFT JOIN spellings p ON p.uid = n.board_uid
      JOIN identities o ON o.board_uid IN (n.board_uid, p.spelling) JOIN certificates f ON f.identity = o.id
      WHERE n.serial = upper(:text)
    UNION SELECT f.id FROM strangers s JOIN certificates f ON f.identity = s.identity WHERE s.board_uid = :uid
    UNION SELECT id FROM certificates WHERE node_id = :text AND node_id <> ''
    UNION SELECT id FROM certificates WHERE iot_id = :text AND iot_id <> ''
) ORDER BY c.id LIMIT :limit"""
_LAST_SHOWN = "FROM certificates WHERE product_key = :key AND device_name = :name"
_BEHIND_CERTIFICATE = f"c.id > (SELECT id {_LAST_SHOWN})"
_BEHIND_IDENTITY = (  # the first half is what the index can begin at
    f"i.id >= (SELECT identity {_LAST_SHOWN}) AND (i.id, c.channel) > (SELECT identity, channel {_LAST_SHOWN})"
)
_SHOWN = {
    CertColumn.NAME: "c.product_key || '/' || c.device_name",
    CertColumn.STATE: "i.state",
    CertColumn.BOARD: "coalesce(i.board_uid, '')",
    CertColumn.SET: f"coalesce({_SET_NAME}, '')",
    CertColumn.BATCH: "b.batch_id",
}
"""SQL: what a column shows."""
_FITS = "(lower(c.device_name) LIKE :within ESCAPE '~' OR i.board_uid BETWEEN :uid AND :uid_end)"
_LAST = "\U0010ffff"
"""Sorts after every character: what begins with x lies between x and x + _LAST."""


def name_of(table: str) -> str:
    """SQL: the name of this table's `identity`: "PRODUCT/DEVICE" of its first certificate, '' where it has none."""
    return (
        "coalesce((SELECT n.product_key || '/' || n.device_name FROM certificates n"
        f" WHERE n.identity = {table}.identity ORDER BY n.channel LIMIT 1), '')"
    )


class HeldCertificates:
    """No answer holds a secret."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def page(
        self,
        *,
        state: State | None = None,
        product_key: str = "",
        batch_id: str = "",
        limit: int = 100,
        after: int = 0,
        behind: CertName | None = None,
        text: str = "",
        sort: Sort | None = None,
    ) -> list[CertRow]:
        """A page of certificates in the order they arrived, or as `sort` has it; `after` is the offset.

        `behind`: the last one of the page before. Pages that begin there show each certificate once, whatever comes
        into or leaves the filter meanwhile. `text`: only those that have it in their deviceName, in whatever case, or
        whose board's uid begins with it. Only what is sorted costs more in a larger ledger: 0.1 s of 50,000.
        """
        order, is_behind = _order(sort, by_identity=bool(batch_id or state))
        wanted = _conditions(state, product_key, batch_id, text)
        if behind is not None:
            wanted += [is_behind]
        where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
        values = {
            "batch": batch_id,
            "state": state,
            "product": product_key,
            "limit": limit,
            "after": after,
            "key": behind and behind.product_key,
            "name": behind and behind.device_name,
            "last": sort and sort.last,
            **_fitting(text),
        }
        with self._book.read() as db:
            sql = f"{_CERTS}{where} ORDER BY {order} LIMIT :limit OFFSET :after"
            return [_cert(row) for row in db.execute(sql, values)]

    def unsettled(self, states: Sequence[State] = (State.IN_DOUBT,)) -> list[CertRow]:
        """The primary certificate of each identity in these states: what is on the main screen until resolved (I11)."""
        places = ",".join("?" * len(states))
        sql = f"{_CERTS} WHERE c.channel = i.channel AND i.state IN ({places}) ORDER BY i.changed_at"
        with self._book.read() as db:
            return [_cert(row) for row in db.execute(sql, tuple(states))]

    def in_hand(self) -> list[CertRow]:
        """Likewise what this bench has RESERVED and WRITING: of others' the last line is in their chains."""
        sql = f"{_CERTS} WHERE c.channel = i.channel AND i.state IN ('RESERVED', 'WRITING')"
        bench = self._book.connection.bench
        with self._book.read() as db:
            if not bench:
                return [_cert(row) for row in db.execute(sql)]
            own = (
                " AND EXISTS (SELECT 1 FROM audit a WHERE a.identity = i.id AND a.version = i.version AND a.chain = ?)"
            )
            return [_cert(row) for row in db.execute(sql + own, (bench,))]

    def search(self, text: str, *, limit: int = 50) -> list[CertRow]:
        """Certificates by deviceName, `productKey/deviceName`, uid, label, serial number (of the board that has it, or
        had it), node id or iotId; else by the name's beginning."""
        text = text.strip()
        _, _, behind_uid = text.partition(" ")
        product, _, name = (behind_uid or text).rpartition("/")
        uid = labelled_uid(text) or text
        with self._book.read() as db:
            rows = db.execute(
                _FIND, {"name": name, "product": product, "uid": uid, "text": text, "limit": limit}
            ).fetchall()
            if not rows and text:
                beginning = f"{_CERTS} WHERE c.device_name >= ? AND c.device_name < ? ORDER BY c.device_name LIMIT ?"
                rows = db.execute(beginning, (name, name + _LAST, limit)).fetchall()
            return [_cert(row) for row in rows]


def _order(sort: Sort | None, *, by_identity: bool) -> tuple[str, str]:
    """Of a page, and what is behind the last one of the page before. `by_identity`: as the index of what is asked for
    has it, so that a million rows are not sorted."""
    if sort is None:
        return ("i.id, c.channel", _BEHIND_IDENTITY) if by_identity else ("c.id", _BEHIND_CERTIFICATE)
    shown = _SHOWN[sort.by]
    way, further = (" DESC", "<") if sort.backwards else ("", ">")
    return f"{shown}{way}, c.id", f"({shown} {further} :last OR ({shown} = :last AND {_BEHIND_CERTIFICATE}))"


def _conditions(state: State | None, product_key: str, batch_id: str, text: str) -> list[str]:
    """Of a page; which of them an index serves is said, not guessed."""
    filters = {
        "i.batch IN (SELECT id FROM batches WHERE batch_id = :batch)": batch_id,
        f"{unindexed('i.state') if batch_id else 'i.state'} = :state": state,  # a batch is smaller
        f"{unindexed('c.product_key') if batch_id or state else 'c.product_key'} = :product": product_key,
        _FITS: text,
    }
    return [condition for condition, value in filters.items() if value]


def _fitting(text: str) -> dict[str, str]:
    """The places of `_FITS`. A uid is kept without its colons and dashes."""
    if not text:
        return {}
    wanted = text.strip().lower()
    plain = wanted.replace("~", "~~").replace("%", "~%").replace("_", "~_")
    uid = wanted.replace(":", "").replace("-", "")
    return {"within": f"%{plain}%", "uid": uid, "uid_end": uid + _LAST}


def labelled_uid(text: str) -> BoardUid | None:
    """The board uid that a label says, in whatever spelling."""
    try:
        return board_on(text)
    except NotALabel:
        return None


def _cert(r: Row) -> CertRow:
    return CertRow(
        identity_id=r["id"],
        name=CertName(r["product_key"], r["device_name"]),
        channel=r["channel"],
        kind=IdentityKind(r["kind"]),
        state=State(r["state"]),
        batch_id=r["batch_id"],
        attempt=r["attempt"],
        board_uid=BoardUid.stored(r["board_uid"]) if r["board_uid"] else None,
        changed_at=r["changed_at"],
        reason=r["reason"] or "",
        code=Code.of(r["code"]),
        slot=r["slot"] or "",
        set_name=r["set_name"] or "",
    )
