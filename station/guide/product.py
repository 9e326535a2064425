# SPDX-License-Identifier: GPL-3.0-or-later
"""Which product, and how its boards are talked to."""

from __future__ import annotations

from collections.abc import Callable

from station.desk.desk import ProductRow
from station.guide.asker import Asker, FormLine, Phrase, Pick, tell_error
from station.guide.given_up import unless_given_up
from station.guide.guide import Guide
from station.profiles.shipped import shipped_names
from station.words.language import Words
from station.words.profile_words import boards_for

_KEY, _TYPED = "key", ProductRow(product_key="")


def ask_product(asker: Asker, guide: Guide) -> None:
    """Also anew, when the profile was not the boards'."""
    product = _ask_product(asker, guide)
    if product is None:
        return
    own = [Pick(value=(True, name), said=_name(name)) for name in guide.own_profiles(product.product_key)]
    shipped = [Pick(value=(False, name), said=_shipped(name)) for name in shipped_names()]
    chosen = asker.choose(lambda words: words.guide.profile.format(product=product.product_key), (*own, *shipped))
    if chosen is None:
        return
    is_own, name = chosen
    if is_own:
        guide.use_profile(name)
    else:
        name = guide.make_profile(product.product_key, product.name, like=name)
    asker.tell(lambda words: words.guide.profile_used.format(name=name))


def _ask_product(asker: Asker, guide: Guide) -> ProductRow | None:
    stock = asker.wait(lambda words: words.office.asking_cloud, unless_given_up(guide.products))
    stock = stock or guide.products_here()
    if stock.trouble is not None:
        tell_error(asker, stock.trouble)
    rows = [Pick(value=row, said=_name(f"{row.product_key:16} {row.name} {row.kind}")) for row in stock.rows]
    typed = Pick(value=_TYPED, said=lambda words: words.guide.type_product)
    chosen = asker.choose(lambda words: words.guide.product, (*rows, typed))
    if chosen is not _TYPED:
        return chosen
    filled = asker.fill(
        lambda words: words.guide.product, (FormLine(key=_KEY, label=lambda words: words.guide.product_key),)
    )
    return ProductRow(product_key=filled.texts[_KEY]) if filled else None


def _shipped(name: str) -> Phrase:
    return lambda words: f"{name:20} {boards_for(name, words)}"


def _name(text: str) -> Callable[[Words], str]:
    return lambda _: text.rstrip()
