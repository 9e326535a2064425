# SPDX-License-Identifier: GPL-3.0-or-later
"""Why nothing comes next, in words: what is there waits for something, is for another profile, or there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from station.codes import Code
from station.errors import NoCertificates
from station.ledger.claiming import ALL, next_in_line, next_ready, openable_set
from station.ledger.fitting import of_batches
from station.ledger.left_out import left_out
from station.ledger.transaction import Transaction
from station.ledger.values import Takes
from station.ledger.waiting import waits_for_cameras
from station.model import IdentityKind

_MODES = {IdentityKind.SINGLE: "single", IdentityKind.SET: "nvr-set", IdentityKind.MEMBER: "nvr-members"}
"""A profile's word for each kind."""
_ANY = ALL.channels


def no_stock(db: Transaction, products: Sequence[str], kind: IdentityKind, takes: Takes) -> NoCertificates:
    """E500. An NVR waits for its cameras; what came without productSecret waits for that. READY identities of another
    kind, or sets of other numbers of cameras, point at a profile that asks for the wrong one. Where it takes of certain
    batches alone, all this is asked of them.
    """
    of = _of_batches(db, takes)
    any_of_them = replace(ALL, batches=takes.batches)
    if takes.product_secret and (bare := _without_secret(db, products, kind, takes)):
        return bare
    if takes.channels != _ANY and (others := _sets_of_other_sizes(db, products, kind, any_of_them)):
        least, most = takes.channels
        return NoCertificates(
            f"no READY set of {least if least == most else f'{least} to {most}'} cameras{of} is left for"
            f" {', '.join(products)}; {others}",
            means="the board was not touched, and these sets are left alone",
            do="pull their batches again, which fills sets whose cameras came later; or correct the profile's channels",
        )
    if kind is IdentityKind.MEMBER and (waiting := _waits(db, products, takes)):
        return waiting
    in_stock = (
        mode for other, mode in _MODES.items() if other != kind and next_ready(db, products, other, any_of_them)
    )
    mode = next(in_stock, "")
    do = "pull another batch: station pull BATCH --product " + (products[0] if products else "PRODUCT")
    if mode:
        do = f'those in stock need identity = "{mode}" in the profile; or {do}'
    elif of and next_in_line(db, products, kind, replace(takes, batches=())):
        do = f"other batches have some: leave --batch out, or name another one; or {do}"
    elif batch := _withheld_by_a_recovery(db, products, takes):
        do = f"a supervisor: station release --batch {batch} --reason …, once its boards were looked for; or {do}"
    return NoCertificates(
        f"no READY {kind} identity{of} is left for {', '.join(products)}", means="the board was not touched", do=do
    )


def _of_batches(db: Transaction, takes: Takes) -> str:
    """In words, by what a person calls it."""
    if not takes.batches:
        return ""
    row = db.execute("SELECT batch_id FROM batches WHERE id = ?", (takes.batches[0],)).fetchone()
    return f" of batch {row['batch_id']}"


def _withheld_by_a_recovery(db: Transaction, products: Sequence[str], takes: Takes) -> str:
    """The oldest batch that a recovery holds back: it need not be paid for again."""
    places = ",".join("?" * len(products))
    row = db.execute(
        "SELECT b.batch_id FROM identities i JOIN batches b ON b.id = i.batch WHERE i.state = 'WITHHELD'"
        f" AND i.code = ? AND i.product_key IN ({places}){of_batches('i', takes)} ORDER BY i.id LIMIT 1",
        (Code.E615, *products),
    ).fetchone()
    return str(row["batch_id"]) if row else ""


def _waits(db: Transaction, products: Sequence[str], takes: Takes) -> NoCertificates | None:
    if waiting := waits_for_cameras(db, products, takes):
        return waiting
    return None if takes.short_sets else _short_sets_refused(db, products, takes)


def _short_sets_refused(db: Transaction, products: Sequence[str], takes: Takes) -> NoCertificates | None:
    """An NVR that a supervisor let out without cameras, and this profile does not."""
    places = ",".join("?" * len(products))
    row = db.execute(
        "SELECT n.device_name AS nvr, x.device_name AS camera FROM identities i"
        " JOIN certificates n ON n.identity = i.id JOIN identities c ON c.set_of = i.id AND c.channel > 0"
        " JOIN certificates x ON x.identity = c.id WHERE i.state = 'READY' AND i.kind = 'nvr-member' AND i.channel = 0"
        f" AND i.product_key IN ({places}) AND {left_out('c')}{of_batches('i', takes)}"
        " ORDER BY i.id, c.channel LIMIT 1",
        tuple(products),
    ).fetchone()
    if row is None:
        return None
    return NoCertificates(
        f"NVR {row['nvr']} may go out without {row['camera']}, by a supervisor's word, and this profile takes whole"
        " sets only",
        means="the board was not touched",
        do=f"write short_sets = true into the profile, or end the set (station set end {row['nvr']} --reason …)",
    )


def _without_secret(
    db: Transaction, products: Sequence[str], kind: IdentityKind, takes: Takes
) -> NoCertificates | None:
    """What would come next if this profile's boards did without productSecret."""
    found = next_in_line(db, products, kind, replace(takes, product_secret=False))
    if found is None:
        return None
    row = db.execute(
        "SELECT c.device_name, b.batch_id, b.source FROM certificates c JOIN identities i ON i.id = c.identity"
        " JOIN batches b ON b.id = i.batch WHERE i.id = ? AND c.product_secret IS NULL ORDER BY c.channel LIMIT 1",
        (found,),
    ).fetchone()
    pull = f"station pull {row['batch_id']} --with-product-secret, or "
    return NoCertificates(
        f"this profile writes productSecret, and what is left{_of_batches(db, takes)} for {', '.join(products)} came"
        f" without: {row['device_name']} of batch {row['batch_id']} is the first",
        means="the board was not touched; these certificates wait in their place",
        do=f"{pull if row['source'] == 'cloud' else ''}import a file that has it",
    )


def _sets_of_other_sizes(db: Transaction, products: Sequence[str], kind: IdentityKind, takes: Takes) -> str:
    """The oldest set that would fit but for its number of cameras, in words."""
    members = kind is IdentityKind.MEMBER
    found = openable_set(db, products, takes) if members else next_ready(db, products, kind, takes)
    if found is None:
        return ""
    row = db.execute(
        "SELECT i.size, c.device_name FROM identities i JOIN certificates c ON c.identity = i.id AND c.channel = 0"
        " WHERE i.id = ?",
        (found,),
    ).fetchone()
    return f"{row['device_name']} has {row['size'] - 1}"
