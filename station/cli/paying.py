# SPDX-License-Identifier: GPL-3.0-or-later
"""Before something is made that costs money: is the amount meant, and what would be sent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from station.cli.asking import ask_number, require_yes
from station.cli.output import print_json, print_told
from station.codes import Code
from station.errors import UsageError

if TYPE_CHECKING:
    from station.cli.context import Context
    from station.cloud.capabilities import Products
    from station.ledger.store import Ledger


def require_paid_on_purpose(ctx: Context, amount: int, confirmed: int | None, what: str) -> None:
    """As `require_on_purpose`."""
    asked = f"{what} are generated; they cost money and cannot be given back"
    require_on_purpose(ctx, amount, confirmed, asked)


def require_on_purpose(ctx: Context, amount: int, confirmed: int | None, asked: str) -> None:
    """Of any amount a person says so, or --yes, or the amount itself; 0 for one that is not known yet. UsageError as
    `require_meant`; otherwise as `require_yes`."""
    require_meant(ctx, amount, confirmed)
    is_confirmed = amount > 0 and confirmed == amount
    if not is_confirmed and amount <= _ask_above(ctx):
        require_yes(asked)


def require_meant(ctx: Context, amount: int, confirmed: int | None) -> None:
    """A large amount is typed again, on the terminal or behind --confirm-amount: a digit too many costs as much as is
    there. UsageError when it is not.
    """
    limit = _ask_above(ctx)
    if amount <= limit or confirmed == amount:
        return
    if confirmed is None and sys.stdin.isatty():
        confirmed = ask_number(f"{amount} cost money and cannot be given back. Type the number again")
    if confirmed != amount:
        raise UsageError(
            f"{amount} is above cloud.ask_above = {limit}",
            means="nothing was sent",
            do=f"if it is meant: --confirm-amount {amount}",
            code=Code.E121,
        )


def _ask_above(ctx: Context) -> int:
    return int(ctx.config.number("cloud.ask_above"))


def tell_only(ledger: Ledger, cloud: Products, product_key: str, words: str, *, as_json: bool) -> None:
    """What would be asked for, after the checks that cost nothing: is the product there, is anything unsettled."""
    from station.intake.journalled import require_settled

    require_settled(ledger, product_key)
    product = cloud.product(product_key)
    if as_json:
        print_json({"event": "dry-run", "product_key": product_key, "state": product.state, "would": words})
    else:
        print_told(f"would {words} of product {product_key} ({product.name}, {product.state}); nothing was sent")
