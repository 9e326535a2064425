# SPDX-License-Identifier: GPL-3.0-or-later
"""Where certificates come from: a cloud's account, tried on the spot, or a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from station.cloud.clouds import CLOUDS
from station.errors import StationError
from station.guide.accounts import AccountWish, asked_for
from station.guide.asker import Asker, Filled, FormLine, Phrase, Pick, tell_error
from station.guide.given_up import unless_given_up
from station.guide.guide import Guide
from station.intake.importing import ImportReport
from station.model import Provider
from station.words.language import Words

_SECRET, _FILE = "secret", "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """`provider` None: a file."""

    provider: Provider | None


def ask_source(asker: Asker, guide: Guide) -> None:
    clouds = [Pick(value=_Source(provider=provider), said=called(provider)) for provider in CLOUDS]
    file = Pick(value=_Source(provider=None), said=lambda words: words.guide.a_file)
    chosen = asker.choose(lambda words: words.guide.source, (*clouds, file))
    if chosen is None:
        return
    if chosen.provider is None:
        ask_file(asker, guide)
    else:
        _ask_account(asker, guide, chosen.provider)


def ask_file(asker: Asker, guide: Guide) -> None:
    """What was typed is there again when it was wrong, and when the file is given up while it is read: nothing of it
    has come in then. It comes in whole: nobody is offered to stop it on its way.
    """
    typed = ""
    while filled := asker.fill(lambda words: words.guide.a_file, (_file_line(typed),)):
        typed = filled.texts[_FILE]
        try:
            report = _taken_in(asker, guide, Path(typed).expanduser())
        except StationError as error:
            tell_error(asker, error)
        else:
            if report is not None:
                asker.tell(_came(report))
                return


def _came(report: ImportReport) -> Phrase:
    return lambda words: words.guide.came.format(number=report.identities, new=report.receipt.new)


def _file_line(typed: str) -> FormLine:
    return FormLine(key=_FILE, label=lambda words: words.guide.file, value=typed)


def _taken_in(asker: Asker, guide: Guide, file: Path) -> ImportReport | None:
    contents = asker.wait(lambda words: words.guide.reading, unless_given_up(lambda: guide.read_file(file)))
    if contents is None:
        return None
    return asker.wait(lambda words: words.guide.taking_in, lambda _: guide.take_in(file, contents), firm=True)


def _ask_account(asker: Asker, guide: Guide, provider: Provider) -> None:
    """What was typed is there again when it was wrong; only the secret is typed anew. A cloud that does not answer may
    be kept untried: the network of a new bench often comes last."""
    cloud = called(provider)
    before: dict[str, str] = {}
    while True:
        fields = _fields(guide, provider, before)
        filled = asker.fill(lambda words: words.guide.account.format(cloud=cloud(words)), fields)
        if filled is None:
            return
        before = dict(filled.texts)
        if _kept(asker, guide, _wish(provider, filled)):
            return


def _fields(guide: Guide, provider: Provider, before: dict[str, str]) -> tuple[FormLine, ...]:
    account = CLOUDS[provider].account
    settings = (
        FormLine(key=name, label=_setting(f"{account.section}.{name}"), value=before.get(name, present), may_lack=lacks)
        for name, present, lacks in asked_for(guide.config, provider)
    )
    return (*settings, FormLine(key=_SECRET, label=_setting(account.secret_file), secret=True))


def _wish(provider: Provider, filled: Filled) -> AccountWish:
    return AccountWish(provider=provider, values=filled.texts, secret=filled.secrets[_SECRET])


def _kept(asker: Asker, guide: Guide, wish: AccountWish) -> bool:
    cloud = called(wish.provider)
    try:
        has_answered = asker.wait(
            lambda words: words.guide.trying.format(cloud=cloud(words)),
            unless_given_up(lambda: guide.try_account(wish)),
        )
    except StationError as error:
        tell_error(asker, error)
        again = Pick(value=False, said=lambda words: words.guide.type_again)
        untried = Pick(value=True, said=lambda words: words.guide.keep_untried)
        if not asker.choose(lambda words: words.guide.no_answer.format(cloud=cloud(words)), (again, untried)):
            return False
        guide.keep_account(wish, tried=False)
    else:
        if not has_answered:
            return False
        guide.keep_account(wish, tried=True)
        asker.tell(lambda words: words.guide.answered.format(cloud=cloud(words)))
    return True


def _setting(key: str) -> Callable[[Words], str]:
    return lambda words: words.guide.settings.get(key, key)


def called(provider: Provider) -> Callable[[Words], str]:
    """A cloud, as people call it; by its title where no language has another word for it."""
    return lambda words: words.guide.clouds.get(provider, CLOUDS[provider].title)
