# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices to be registered with a secret of our own making: sealed here before the cloud hears of them.

PLANNED → DONE once the cloud has the device and its certificate is in the queue; PLANNED → TAKEN when a person gives it
up, and back when a person wants it after all. `mark` goes to the cloud with the registration and tells later whose it
is; `why` is what a person must look at before it is settled, `ours` that its secret was reset to the one sealed here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from station.ledger import audit, proof
from station.ledger.auditing import Audit
from station.ledger.believed import Although
from station.ledger.book import Book
from station.ledger.meta import PUT, Facts
from station.ledger.receiving import receive
from station.ledger.transaction import Row, Transaction
from station.ledger.values import BatchKey
from station.model import Certificate, CertName, Identity, IdentityKind, Provider, Secret

_ACCOUNT = "account_of:"
_READ_TOGETHER = 100  # identities
_INSERT = (
    "INSERT INTO registrations (batch_id, identity, channel, kind, product_key, device_name, node_id, gateway_id, mark,"
    " secret, changed_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One device to register. `gateway_id` "" = connected directly. `ours`: the cloud has it, with our secret."""

    certificate: Certificate
    gateway_id: str
    mark: str
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One identity's devices, the primary first."""

    number: int
    identity: Identity
    devices: tuple[Registration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A device that nobody waits for any more; `mark` went out with its registration, if that was sent."""

    name: CertName
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBatch:
    """What is left of a batch: `devices` planned, of which `fresh` are not waiting for a person. `product_key`: of the
    first.
    """

    product_key: str
    devices: int
    fresh: int


class Registrations:
    """Planned, done and given up."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def plan(
        self, batch_id: str, identities: Sequence[Identity], *, gateway_id: str = "", account: str | None = None
    ) -> int:
        """Seal the secrets of what is not planned or known yet; on disk when it returns; how many identities. A set's
        cameras hang under its NVR, anything else under `gateway_id`. `account`: where they are to be registered."""
        with self._book.write() as db:
            last = (
                db.execute("SELECT max(identity) FROM registrations WHERE batch_id = ?", (batch_id,)).fetchone()[0] or 0
            )
            new = [identity for identity in identities if not any(_is_known(db, member.name) for member in identity)]
            for number, identity in enumerate(new, last + 1):
                for channel, member in enumerate(identity):
                    parent = gateway_id if channel == 0 else identity.primary.device_name
                    sealed = self._book.vault.seal(member.device_secret, row=row_of(member.name))
                    names = (*_key(member.name), member.node_id, parent, secrets.token_hex(16))
                    db.execute(_INSERT, (batch_id, number, channel, identity.kind, *names, sealed, audit.now()))
            if new:
                detail: dict[str, object] = {"batch": batch_id, "identities": len(new)}
                if account is not None:
                    fact = (_ACCOUNT + batch_id, account)
                    db.execute(PUT, fact)
                    detail |= proof.of_row("meta", fact[0], fact)
                audit.append(db, "registration planned", actor=self._book.actor, detail=detail)
        return len(new)

    def account_of(self, batch_id: str) -> str | None:
        """Where its devices are registered; None where nobody noted it."""
        return Facts(self._book).get(_ACCOUNT + batch_id)

    def planned(self, batch_id: str) -> list[Planned]:
        """What is still to do of a batch, in order, with secrets."""
        return list(self.planned_in_turn(batch_id))

    def planned_in_turn(self, batch_id: str) -> Iterator[Planned]:
        """The same, read from the ledger a part at a time: a large batch is never all in memory."""
        sql = (
            "SELECT * FROM registrations WHERE batch_id = ? AND state = 'PLANNED' AND identity IN (SELECT DISTINCT"
            " identity FROM registrations WHERE batch_id = ? AND state = 'PLANNED' AND identity > ? ORDER BY identity"
            " LIMIT ?) ORDER BY identity, channel"
        )
        last = 0
        while True:
            with self._book.read() as db:
                rows = db.execute(sql, (batch_id, batch_id, last, _READ_TOGETHER)).fetchall()
            if not rows:
                return
            for number, members in groupby(rows, key=lambda row: int(row["identity"])):
                last = number
                yield self._planned(number, list(members))

    def left(self, batch_id: str) -> int:
        """Identities still to do."""
        sql = "SELECT count(DISTINCT identity) FROM registrations WHERE batch_id = ? AND state = 'PLANNED'"
        with self._book.read() as db:
            return int(db.execute(sql, (batch_id,)).fetchone()[0])

    def _planned(self, number: int, rows: list[Row]) -> Planned:
        devices = []
        for row in rows:
            name = CertName(row["product_key"], row["device_name"])
            secret: Secret = self._book.vault.open(row["secret"], row=row_of(name))
            certificate = Certificate(
                provider=Provider.IOTDA,
                product_key=name.product_key,
                device_name=name.device_name,
                device_secret=secret,
                node_id=row["node_id"],
            )
            devices.append(
                Registration(
                    certificate=certificate, gateway_id=row["gateway_id"], mark=row["mark"], ours=bool(row["ours"])
                )
            )
        primary, *channels = (device.certificate for device in devices)
        identity = Identity(primary=primary, channels=tuple(channels), kind=IdentityKind(rows[0]["kind"]))
        return Planned(number=number, identity=identity, devices=tuple(devices))

    def finish(self, batch: BatchKey, items: Sequence[Planned]) -> int:
        """The cloud has all their devices: into the queue, and the plan's copy of the secrets is destroyed. How many
        came in: what a person has given up meanwhile stays out."""
        with self._book.write() as db:
            wanted = [item for item in items if _is_planned(db, batch.batch_id, item)]
            receive(db, self._book.sealer, batch, [item.identity for item in wanted], actor=self._book.actor)
            _close(db, batch.batch_id, wanted, "DONE")
        return len(wanted)

    def give_up(self, batch_id: str, item: Planned, why: str) -> bool:
        """A person's word: nothing of this identity enters the queue, and its secrets are destroyed. Whether it was
        still planned: what came into the queue meanwhile stays there."""
        with self._book.write() as db:
            if not _is_planned(db, batch_id, item):
                return False
            _close(db, batch_id, [item], "TAKEN")
        Audit(self._book).note("registration given up", name=str(item.identity.name), why=why)
        return True

    def doubt(self, batch_id: str, item: Planned, name: CertName, why: str) -> None:
        """It stays planned until a person has looked at `name`, one of its devices."""
        with self._book.write() as db:
            db.execute(
                "UPDATE registrations SET why = ?, changed_at = ? WHERE batch_id = ? AND identity = ?",
                (f"{name}: {why}", audit.now(), batch_id, item.number),
            )
            audit.append(db, "registration unsettled", actor=self._book.actor, detail={"name": str(name), "why": why})

    def open_batches(self) -> dict[str, OpenBatch]:
        """Batches with devices left to register."""
        sql = (
            "SELECT batch_id, min(product_key) AS product, count(*) AS devices, count(*) - count(why) AS fresh"
            " FROM registrations WHERE state = 'PLANNED' GROUP BY 1"
        )
        with self._book.read() as db:
            return {
                row["batch_id"]: OpenBatch(product_key=row["product"], devices=row["devices"], fresh=row["fresh"])
                for row in db.execute(sql)
            }

    def waiting(self, batch_id: str) -> list[str]:
        """What a person must look at before it is settled, a line for each identity."""
        sql = (
            "SELECT DISTINCT identity, why FROM registrations"
            " WHERE batch_id = ? AND state = 'PLANNED' AND why IS NOT NULL ORDER BY identity"
        )
        with self._book.read() as db:
            return [row["why"] for row in db.execute(sql, (batch_id,))]

    def plan_of(self, name: CertName) -> tuple[str, str] | None:
        """Batch and state of the registration of this name, None when it was never planned."""
        with self._book.read() as db:
            row = db.execute(
                "SELECT batch_id, state FROM registrations WHERE (product_key, device_name) = (?,?)", _key(name)
            ).fetchone()
        return (row["batch_id"], row["state"]) if row else None

    def given_up(self, batch_id: str) -> list[GivenUp]:
        """What of a batch was given up and may be in the cloud, cameras before their NVR."""
        sql = (
            "SELECT * FROM registrations WHERE batch_id = ? AND state = 'TAKEN' ORDER BY identity, channel = 0, channel"
        )
        with self._book.read() as db:
            return [
                GivenUp(name=CertName(row["product_key"], row["device_name"]), mark=row["mark"])
                for row in db.execute(sql, (batch_id,))
            ]

    def plan_again(self, certificate: Certificate) -> None:
        """A single device that was given up is planned once more, in its batch, with the secret of `certificate`.
        Nothing happens to a member of a set: a set is registered whole.
        """
        name = certificate.name
        sealed = self._book.vault.seal(certificate.device_secret, row=row_of(name))
        with self._book.write() as db:
            db.execute(
                "UPDATE registrations SET state = 'PLANNED', secret = ?, why = NULL, ours = 0, changed_at = ?"
                " WHERE (product_key, device_name) = (?,?) AND state = 'TAKEN' AND kind = 'single'",
                (sealed, audit.now(), *_key(name)),
            )
            audit.append(
                db, "registration planned", actor=self._book.actor, detail={"name": str(name), "why": "wanted again"}
            )

    def became_ours(self, name: CertName, *, by: str) -> None:
        """The cloud has given the device the secret that is sealed here."""
        with self._book.write(Although.SENT) as db:
            db.execute(
                "UPDATE registrations SET ours = 1, why = NULL, changed_at = ?"
                " WHERE (product_key, device_name) = (?,?)",
                (audit.now(), *_key(name)),
            )
            audit.append(db, "secret reset", actor=self._book.actor, detail={"name": str(name), "by": by})


def _is_planned(db: Transaction, batch_id: str, item: Planned) -> bool:
    sql = "SELECT 1 FROM registrations WHERE batch_id = ? AND identity = ? AND state = 'PLANNED'"
    return db.execute(sql, (batch_id, item.number)).fetchone() is not None


def _close(db: Transaction, batch_id: str, items: Sequence[Planned], state: str) -> None:
    db.executemany(
        "UPDATE registrations SET state = ?, secret = NULL, changed_at = ?"
        " WHERE batch_id = ? AND identity = ? AND state = 'PLANNED'",
        [(state, audit.now(), batch_id, item.number) for item in items],
    )


def _is_known(db: Transaction, name: CertName) -> bool:
    return any(
        db.execute(f"SELECT 1 FROM {table} WHERE (product_key, device_name) = (?,?)", _key(name)).fetchone()
        for table in ("registrations", "certificates")
    )


def _key(name: CertName) -> tuple[str, str]:
    return name.product_key, name.device_name


def row_of(name: CertName) -> str:
    return f"{name} registration"
