# SPDX-License-Identifier: GPL-3.0-or-later
"""The first certificates: ordered in the cloud, fetched from a batch that is there, or from a file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from station.codes import Code
from station.desk.desk import Batch
from station.events import Notice
from station.guide.asker import Asker, FormLine, Pick
from station.guide.guide import Guide
from station.guide.ordering import ask_for_order
from station.guide.sources import ask_file
from station.people.pins import UNNAMED
from station.words.language import Words
from station.words.run_lines import RunLines
from station.words.told import headline

_NUMBER = "number"


class _Do(StrEnum):
    PULL = "pull"
    ORDER = "order"
    NUMBER = "number"
    FILE = "file"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    do: _Do
    batch: str = ""


def ask_first_batch(asker: Asker, guide: Guide) -> None:
    wish = asker.choose(lambda words: words.guide.batch, _choices(guide))
    match wish.do if wish else None:
        case _Do.PULL if wish:
            pull(asker, guide, wish.batch)
        case _Do.ORDER:
            products, people = guide.profile_products(), guide.supervisors()
            who = people[0] if len(people) == 1 else _who(asker)
            for batch in ask_for_order(asker, guide, product_key=products[0], supervisor=who) if who else ():
                pull(asker, guide, batch)
        case _Do.NUMBER:
            field = FormLine(key=_NUMBER, label=lambda words: words.office.batch)
            if filled := asker.fill(lambda words: words.office.which_batch, (field,)):
                pull(asker, guide, filled.texts[_NUMBER])
        case _Do.FILE:
            ask_file(asker, guide)
        case _Do.LATER:
            guide.wait_for_batches()


def _choices(guide: Guide) -> list[Pick[_Wish]]:
    asked = [
        Pick(value=_Wish(do=_Do.PULL, batch=batch.batch_id), said=pull_phrase(batch)) for batch in guide.asked_batches()
    ]
    order = [Pick(value=_Wish(do=_Do.ORDER), said=lambda words: words.guide.order)] if guide.offers() else []
    return [
        *asked,
        *order,
        Pick(value=_Wish(do=_Do.NUMBER), said=lambda words: words.guide.batch_made_elsewhere),
        Pick(value=_Wish(do=_Do.FILE), said=lambda words: words.guide.a_file),
        Pick(value=_Wish(do=_Do.LATER), said=lambda words: words.guide.later),
    ]


def pull_phrase(batch: Batch) -> Callable[[Words], str]:
    return lambda words: words.guide.pull_batch.format(batch=batch.batch_id, number=batch.total or "?")


def _who(asker: Asker) -> str:
    name = FormLine(key=_NUMBER, label=lambda words: words.guide.supervisor_name, value=UNNAMED)
    filled = asker.fill(lambda words: words.guide.pin_to_order, (name,))
    return filled.texts[_NUMBER] if filled else ""


def pull(asker: Asker, guide: Guide, batch_id: str) -> None:
    """As much of it as comes before it is stopped."""
    seen: list[Batch] = []

    def title(words: Words) -> str:
        here = f"{seen[-1].pulled} / {seen[-1].total or '?'}" if seen else ""
        why = headline(seen[-1].lacks, words) if seen and seen[-1].lacks else ""
        return "  ".join(filter(None, (words.guide.pulling.format(batch=batch_id), here, why)))

    def work(given_up: threading.Event) -> Batch:
        return guide.pull(batch_id, given_up, seen.append)

    batch, trouble = asker.wait(title, work), guide.pull_trouble
    if trouble is not None:
        asker.tell(lambda words: _told(trouble, words), bad=True)
    else:
        here = batch.pulled if batch.pulled == batch.total else f"{batch.pulled} / {batch.total or '?'}"
        asker.tell(lambda words: words.guide.pulled.format(batch=batch_id, number=here))


def _told(trouble: Notice, words: Words) -> str:
    """A batch that is not all here is pulled again from here, by no command."""
    if trouble.code is not Code.E405:
        return RunLines(words).event(trouble)
    told = RunLines(words).event(replace(trouble, do=""))
    return told if not words.native else f"{told} → {words.codes[trouble.code].do}"
