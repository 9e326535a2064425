# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import or a pull says of names that came with other content than the ledger holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.cli.output import say

if TYPE_CHECKING:
    from station.ledger.values import Receipt
    from station.words.command_words import ImportWords
    from station.words.language import Words

_SHOWN = 10


def tell_disputes(receipt: Receipt, words: Words) -> None:
    """On stderr: what is in dispute, what of it is on boards already, and how a person decides."""
    text = words.commands.importing
    shared = {one.name for one in receipt.shared}
    differing = [name for name in receipt.conflicts if name not in shared]
    for name in differing[:_SHOWN]:
        say((text.disputed_on_board if name in receipt.on_boards else text.disputed).format(name=name))
    _tell_more(len(differing), text)
    for one in receipt.shared[:_SHOWN]:
        say(text.shared.format(name=one.name, holder=one.holder, arrived=one.arrived))
    _tell_more(len(receipt.shared), text)
    if receipt.conflicts:
        say(text.decide)
    if receipt.settled:
        say(text.decided_against.format(number=receipt.settled))


def _tell_more(number: int, text: ImportWords) -> None:
    if number > _SHOWN:
        say(text.more.format(number=number - _SHOWN))
