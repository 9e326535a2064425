# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates to rows and back: secrets sealed for their own row, content fingerprinted for comparison."""

from __future__ import annotations

import json
from dataclasses import dataclass

from station.codes import Code
from station.errors import LedgerFault
from station.ledger import proof
from station.ledger.standing import Standing
from station.ledger.transaction import Row, Transaction
from station.model import Certificate, CertName, Identity, IdentityKind, Provider, Secret
from station.secrets.vault import Vault

_INSERT = (
    "INSERT INTO certificates (id, identity, channel, product_key, device_name, iot_id, device_id, node_id,"
    " cloud_status, content, secret, product_secret) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
)


@dataclass(frozen=True, slots=True)
class Sealer:
    """A vault that knows the rows."""

    vault: Vault

    def content(self, certificate: Certificate) -> bytes:
        """16 bytes that tell whether two certificates are the same: what a board would hold, productSecret aside.
        iotId, deviceId and productSecret come with one source and not with another.
        """
        secret = certificate.device_secret.reveal()
        fields = [certificate.provider, certificate.product_key, certificate.device_name, secret]
        return bytes.fromhex(self.vault.fingerprint(json.dumps(fields))[:32])

    def arrangement(self, identity: Identity) -> bytes:
        """16 bytes that tell whether two identities carry the same certificates in the same order."""
        contents = [self.content(certificate).hex() for certificate in identity]
        return bytes.fromhex(self.vault.fingerprint(json.dumps(["arrangement", identity.kind, contents]))[:32])

    def insert(self, db: Transaction, identity_id: int, certificates: list[tuple[int, Certificate, bytes]]) -> None:
        """`certificates`: (channel, certificate, its `content`). They are numbered without a gap, which lines prove."""
        first = proof.last_certificate(db) + 1
        db.executemany(
            _INSERT,
            (
                (
                    number,
                    identity_id,
                    channel,
                    c.product_key,
                    c.device_name,
                    c.iot_id,
                    c.device_id,
                    c.node_id,
                    c.cloud_status,
                    content,
                    *self._sealed(c),
                )
                for number, (channel, c, content) in enumerate(certificates, first)
            ),
        )

    def replace(
        self,
        db: Transaction,
        certificate_id: int,
        certificate: Certificate,
        content: bytes,
    ) -> None:
        """Another content in a certificate's place, by a person's choice; the schema asks for it to be recorded."""
        c = certificate
        db.execute(
            "UPDATE certificates SET iot_id = ?, device_id = ?, node_id = ?, cloud_status = ?, content = ?, secret = ?,"
            " product_secret = ? WHERE id = ?",
            (
                c.iot_id,
                c.device_id,
                c.node_id,
                c.cloud_status,
                content,
                *self._sealed(c),
                certificate_id,
            ),
        )

    def dress(self, db: Transaction, identity_id: int, certificate: Certificate) -> bool:
        """Give a held certificate its product's secret, where it came without and is in nobody's hands; whether it was.
        One in doubt too: a recovery forgot what its board was given, and nothing but the whole is read back equal."""
        if not certificate.product_secret:
            return False
        sealed = self.vault.seal(certificate.product_secret, row=row_of(certificate.name, "product_secret"))
        return bool(
            db.execute(
                "UPDATE certificates SET product_secret = ? WHERE product_secret IS NULL AND secret IS NOT NULL"
                " AND (identity, product_key, device_name) = (?,?,?)"
                " AND (SELECT state FROM identities WHERE id = identity) IN ('READY', 'WITHHELD', 'IN_DOUBT')",
                (sealed, identity_id, *(certificate.product_key, certificate.device_name)),
            ).rowcount
        )

    def _sealed(self, c: Certificate) -> tuple[bytes, bytes | None]:
        """deviceSecret and productSecret as the row of this certificate keeps them."""
        product = c.product_secret
        return (
            self.vault.seal(c.device_secret, row=row_of(c.name, "secret")),
            self.vault.seal(product, row=row_of(c.name, "product_secret")) if product else None,
        )

    def identity(self, standing: Standing) -> Identity:
        """The identity with its secrets. LedgerFault E324 when they were destroyed."""
        provider, kind = Provider(standing.row["provider"]), IdentityKind(standing.row["kind"])
        certificates = [self._open(provider, row) for row in standing.sealed]
        return Identity(primary=certificates[0], channels=tuple(certificates[1:]), kind=kind)

    def _open(self, provider: Provider, row: Row) -> Certificate:
        name = CertName(row["product_key"], row["device_name"])
        if row["secret"] is None:
            raise LedgerFault(f"the secret of {name} was destroyed after flashing", code=Code.E324)
        product_secret: Secret | None = None
        if row["product_secret"] is not None:
            product_secret = self.vault.open(row["product_secret"], row=row_of(name, "product_secret"))
        return Certificate(
            product_key=name.product_key,
            device_name=name.device_name,
            device_secret=self.vault.open(row["secret"], row=row_of(name, "secret")),
            provider=provider,
            product_secret=product_secret,
            iot_id=row["iot_id"],
            device_id=row["device_id"],
            node_id=row["node_id"],
            cloud_status=row["cloud_status"],
        )


def destroy(db: Transaction, identity_id: int) -> None:
    """Forget the sealed secrets; `secure_delete` overwrites the bytes in the file."""
    db.execute("UPDATE certificates SET secret = NULL, product_secret = NULL WHERE identity = ?", (identity_id,))


def row_of(name: CertName, column: str) -> str:
    return f"{name} {column}"
