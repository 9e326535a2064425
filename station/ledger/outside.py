# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be on a board although this ledger does not say so, after it was set back. Whoever would take another
identity for such a board, destroy such a content, or cut such a device off in the cloud asks here first.
"""

from __future__ import annotations

from station.ledger import believed, spellings
from station.ledger.book import Book
from station.ledger.foretold import OVER_AT, RECOVERED_AT, WARY, WITHHELD, last_content, told_of
from station.ledger.taking_over import is_what_was_written
from station.ledger.transaction import Transaction
from station.ledger.witness_lines import MARRIAGES, RETIRED, STRANGER, name_mark
from station.model import BoardUid, CertName, State
from station.rules import Known

_KINDS = ",".join(f"'{kind}'" for kind in sorted(MARRIAGES))
_LAST_ON_BOARD = (
    f"SELECT name FROM foretold f WHERE kind IN ({_KINDS}) AND board_uid IN {spellings.ANY_SPELLING} AND NOT EXISTS"
    f" (SELECT 1 FROM foretold r WHERE r.name = f.name AND r.kind LIKE '{RETIRED} %') ORDER BY seq DESC LIMIT 1"
)
_LAST_LINE = (
    "SELECT a.event, i.changed_at FROM certificates c JOIN identities i ON i.id = c.identity LEFT JOIN audit a"
    " ON a.identity = i.id AND a.version = i.version WHERE (c.product_key, c.device_name) = (?,?)"
)


class Outside:
    """What is not to be given out or cut off lightly."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def require_believed(self) -> None:
        """NeedsPerson E614 while only a recovery lets this ledger go on."""
        with self._book.read() as db:
            believed.require_believed(db)

    def device_may_be_out(self, name: CertName) -> bool:
        """Whether a board may carry the secret that the cloud has for this name. That it never logged in proves
        nothing: a flashed board may still lie in its box. Of what was given up before a recovery nobody knows, until a
        supervisor says that its lost time is settled."""
        with self._book.read() as db:
            if not believed.believed(db):
                return True
            told = (name_mark(self._book.vault, name), STRANGER)
            if db.execute(f"SELECT 1 FROM foretold WHERE name = ? AND kind IN ({_KINDS}, ?)", told).fetchone():
                return True
            if _meta(db, WARY):
                return True
            key = (name.product_key, name.device_name)
            if db.execute("SELECT 1 FROM certificates WHERE (product_key, device_name) = (?,?)", key).fetchone():
                return True
            if _meta(db, OVER_AT) > _meta(db, RECOVERED_AT):
                return False
            sql = "SELECT 1 FROM registrations WHERE (product_key, device_name) = (?,?) AND changed_at < ?"
            return db.execute(sql, (*key, _meta(db, RECOVERED_AT))).fetchone() is not None

    def carries_unknown(self, uid: BoardUid) -> bool:
        """Whether a witness married this board, last, to a certificate that is not here and was not retired, or is here
        with other contents. Asking goes through all names."""
        with self._book.read() as db:
            last = db.execute(_LAST_ON_BOARD, {"uid": uid}).fetchone()
            if last is None:
                return False
            for row in db.execute("SELECT product_key, device_name, identity FROM certificates"):
                mark = name_mark(self._book.vault, CertName(row["product_key"], row["device_name"]))
                if mark == last["name"]:
                    return self._is_otherwise(db, mark, row["identity"])
        return True

    def carries_otherwise(self, uid: BoardUid, carried: Known) -> bool:
        """Whether a witness says that other contents of this name were written to this board than are here."""
        mark = name_mark(self._book.vault, carried.name)
        with self._book.read() as db:
            last = db.execute(_LAST_ON_BOARD, {"uid": uid}).fetchone()
            return last is not None and last["name"] == mark and self._is_otherwise(db, mark, carried.identity_id)

    def _is_otherwise(self, db: Transaction, mark: str, identity_id: int) -> bool:
        state = db.execute("SELECT state FROM identities WHERE id = ?", (identity_id,)).fetchone()["state"]
        told = told_of(db, mark)
        if state != State.WITHHELD or not last_content(told):
            return False
        return not is_what_was_written(db, self._book.vault, identity_id, told)


def content_may_be_out(db: Transaction, name: CertName) -> bool:
    """Whether what is held of a name may be on a board that a set-back ledger forgot: withheld by the recovery, or
    withheld already then, and nobody has said anything of it since."""
    row = db.execute(_LAST_LINE, (name.product_key, name.device_name)).fetchone()
    if row["event"] == WITHHELD:
        return True
    return bool(row["changed_at"] < _meta(db, RECOVERED_AT))


def _meta(db: Transaction, key: str) -> str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row["value"]) if row else ""
