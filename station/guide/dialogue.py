# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide, step by step, whoever asks: language, key, supervisor, where certificates come from, product and profile,
slots, first batch, ready. It asks for what is missing and nothing else; a step that fails is told and asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from station.errors import StationError, defect
from station.guide.asker import Asker, FormLine, Left, Phrase, Pick, tell_error
from station.guide.first_batch import ask_first_batch, pull, pull_phrase
from station.guide.guide import Guide
from station.guide.making import KeptBy
from station.guide.product import ask_product
from station.guide.sources import ask_source
from station.guide.steps import Step
from station.guide.where_boards_are import ask_slots
from station.model import Language, Secret
from station.people.pins import UNNAMED
from station.words.language import Words

_NAME, _WORD, _AGAIN = "name", "word", "again"


def walk(asker: Asker, guide: Guide, spoken: Language, *, said: bool, opens: bool = True) -> None:
    """To the end, or `Left`. `spoken` so far, and whether somebody said so; `opens`: the bench is opened at the
    end."""
    language = spoken if said else None
    while True:
        step = guide.missing()
        try:
            if step in (Step.LANGUAGE, Step.KEY):
                language = language or _ask_language(asker, spoken)
                guide.step = Step.KEY
                if not _ask_key(asker, guide, language) and not said:
                    language = None
            elif step is Step.READY:
                if _ask_ready(asker, guide, opens=opens):
                    return
            else:
                _STEPS[step](asker, guide)
        except Left:
            raise
        except StationError as error:
            _stop_at(asker, error)
        except Exception as error:  # what is made already must not be out of reach
            _stop_at(asker, defect(error))


def _stop_at(asker: Asker, error: StationError) -> None:
    """A person reads it before the step is asked again, also where it failed before it asked anything."""
    tell_error(asker, error)
    asker.choose(lambda words: words.guide.failed, (Pick(value=True, said=lambda words: words.guide.try_again),))


def _ask_language(asker: Asker, spoken: Language) -> Language:
    """What is spoken here stands first."""
    while True:
        choices = [Pick(value=one, said=_called(one)) for one in sorted(Language, key=lambda one: one is not spoken)]
        language = asker.choose(lambda words: words.guide.language, choices)
        if language is not None:
            asker.speak(language)
            return language


def _called(language: Language) -> Callable[[Words], str]:
    return lambda _: language.called


def _ask_key(asker: Asker, guide: Guide, language: Language) -> bool:
    """And the bench's name: it goes into the audit from the first line on. False: the person wants to go back."""
    choices = [Pick(value=kept_by, said=_said(kept_by), about=_about(kept_by)) for kept_by in KeptBy]
    present = guide.key_there()
    kept_by = present or asker.choose(lambda words: words.guide.key, choices)
    if kept_by is None:
        return False
    name = FormLine(key=_NAME, label=lambda words: words.guide.bench_name, value="bench-1")
    word = FormLine(key=_WORD, label=lambda words: words.guide.key_phrase, secret=True)
    again = FormLine(key=_AGAIN, label=lambda words: words.guide.again, secret=True)
    words_asked = (word,) if present else (word, again)
    filled = asker.fill(lambda words: words.guide.bench, (name, *(words_asked if kept_by is KeptBy.PASSPHRASE else ())))
    if filled is None or not _same(asker, filled.secrets.get(_WORD), filled.secrets.get(_AGAIN)):
        return True
    passphrase = filled.secrets.get(_WORD)
    guide.begin(name=filled.texts[_NAME], language=language, kept_by=kept_by, passphrase=passphrase)
    if present is None:
        key = guide.config.key_path
        asker.tell(lambda words: words.guide.back_up.format(key=key))
    return True


def _said(kept_by: KeptBy) -> Callable[[Words], str]:
    return lambda words: words.guide.kept_by[kept_by]


def _about(kept_by: KeptBy) -> Callable[[Words], str]:
    return lambda words: words.guide.about_kept_by[kept_by]


def _ask_supervisor(asker: Asker, guide: Guide) -> None:
    fields = (
        FormLine(key=_NAME, label=lambda words: words.guide.supervisor_name, value=UNNAMED),
        FormLine(key=_WORD, label=lambda words: words.guide.pin, secret=True),
        FormLine(key=_AGAIN, label=lambda words: words.guide.again, secret=True),
    )
    filled = asker.fill(lambda words: words.guide.supervisor, fields)
    if filled and _same(asker, filled.secrets[_WORD], filled.secrets[_AGAIN]):
        guide.first_supervisor(filled.texts[_NAME], filled.secrets[_WORD])


def _same(asker: Asker, one: Secret | None, again: Secret | None) -> bool:
    """What is typed unseen is typed twice."""
    if again is None or (one is not None and one.reveal() == again.reveal()):
        return True
    asker.tell(lambda words: words.guide.not_the_same, bad=True)
    return False


def _ask_ready(asker: Asker, guide: Guide, *, opens: bool) -> bool:
    """Whether it is at its end. The slots can still be changed: a port that was mistyped is noticed late; and what came
    of a batch before its pull was stopped or killed is enough to begin with, and not all of it. What is for no board of
    this profile is enough for nothing."""
    go = _do(guide.finish, lambda words: words.guide.open_bench if opens else words.guide.done)
    slots = _do(partial(ask_slots, asker, guide), lambda words: words.guide.change_slots)
    if (error := guide.nothing_fits()) is not None:
        tell_error(asker, error)
    rest = (_do(partial(pull, asker, guide, batch.batch_id), pull_phrase(batch)) for batch in guide.asked_batches())
    chosen = asker.choose(lambda words: words.guide.ready, (go, slots, *rest))
    if chosen is not None:
        chosen()
    return chosen is go.value


def _do(value: Callable[[], None], said: Phrase) -> Pick[Callable[[], None]]:
    return Pick(value=value, said=said)


_STEPS: dict[Step, Callable[[Asker, Guide], None]] = {
    Step.SUPERVISOR: _ask_supervisor,
    Step.SOURCE: ask_source,
    Step.PROFILE: ask_product,
    Step.SLOTS: ask_slots,
    Step.BATCH: ask_first_batch,
}
