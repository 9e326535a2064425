# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a profile's [console] table into a `ConsoleSpec`; all faults at once, each with its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from station.codes import Code
from station.errors import ConfigError
from station.model import Method
from station.patterns import Pattern, pattern
from station.targets.console.forms import CHECKING
from station.targets.console.spec import (
    CHECK_OF,
    CHECK_VALUE,
    HASHES,
    REQUIRED_FIELDS,
    SECRETS,
    Accept,
    AnswerCheck,
    Ask,
    Busy,
    ConsoleAnswer,
    ConsoleSpec,
    Echo,
    Escape,
    Field,
    Form,
    Read,
    Restart,
    Speech,
    Uid,
    Write,
)
from station.targets.console.template import fields_in, named_in, template_faults
from station.targets.console.text import GROUP_PLACE
from station.targets.console.toml_table import SOME, ProfileTable


def parse_console(options: Mapping[str, object]) -> ConsoleSpec:
    """ConfigError E112 that lists every fault of the table."""
    faults: list[str] = []
    table = ProfileTable(options, "console", faults)
    table.baud, table.line_end = table.positive("baud", 115200), _line_end(table)
    table.check = _check(table)
    spec = ConsoleSpec(
        probe=_ask(table.table("probe")),
        setup=tuple(_setup(setup) for setup in table.tables("setup")),
        uid=_uid(table.table("uid")),
        write=tuple(_write(step) for step in table.tables("write")),
        read=tuple(_read(step) for step in table.tables("read")),
        restart=_restart(table.table("restart")) if table.has("restart") else None,
        errors=tuple(table.patterns("errors")),
        end=table.pattern_or_none("end"),
        busy=_busy(table.table("busy")) if table.has("busy") else None,
        escape=_escape(table.table("escape")) if table.has("escape") else None,
        baud=table.baud,
        line_end=table.line_end,
        echo=Echo(_choice(table, "echo", Echo)),
        max_line=table.positive("max_line", 255),
        max_length=table.by_field("max_length", int),
        forbidden=table.get("forbidden", str, ""),
        accept=Accept(_choice(table, "accept", Accept)),
        charset=_charset(table),
        timeout_s=table.seconds("timeout_s", 3.0),
    )
    if not table.need("persistent", bool, True):  # noqa: FBT003 - the default for a missing key
        table.fault("persistent", "is false: a board that forgets its identity can never be proved")
    table.done()
    _check_whole(spec, faults)
    if faults:
        raise ConfigError("; ".join(dict.fromkeys(faults)), do="correct the profile's [console] table", code=Code.E112)
    return spec


def _ask(table: ProfileTable) -> Ask:
    ask = Ask(line=table.plain_line("line"), success=table.pattern("success"), check=_check(table))
    table.done()
    return ask


def _setup(table: ProfileTable) -> Ask:
    ask = Ask(
        line=table.plain_line("line"),
        success=table.pattern("success"),
        ready=table.pattern_or_none("ready"),
        password_file=table.get("password_file", str, ""),
        answers=tuple(_answer(answer, plain=True) for answer in table.tables("answers")),
        then=_speech(table),
        check=_check(table),
    )
    if ask.password_file and not ask.password_file.startswith(("/", "~")):
        table.fault("password_file", "must be a full path, or begin with ~/: who starts the station may be anywhere")
    if (ask.ready is None) != (not ask.password_file):
        table.fault("password_file", "and “ready” belong together")
    table.done()
    return ask


def _write(table: ProfileTable) -> Write:
    step = Write(
        line=table.template("line"),
        success=table.pattern("success"),
        ready=table.pattern_or_none("ready"),
        data=table.template("data", needed=False),
        answers=tuple(_answer(answer) for answer in table.tables("answers")),
        then=_speech(table),
        check=_check(table),
    )
    if (step.ready is None) != (not step.data):
        table.fault("data", "and “ready” belong together")
    table.done()
    return step


def _answer(table: ProfileTable, *, plain: bool = False) -> ConsoleAnswer:
    answer = ConsoleAnswer(
        when=table.pattern("when"), line=table.plain_line("line") if plain else table.template("line")
    )
    table.done()
    return answer


def _check(step: ProfileTable) -> AnswerCheck | None:
    """Its own, or that of the whole table."""
    if not step.has("check"):
        return step.check
    table = step.table("check")
    check = AnswerCheck(pattern=table.pattern("pattern", groups=SOME), form=table.get("form", str, ""))
    if not {CHECK_OF, CHECK_VALUE} <= check.pattern.names:
        table.fault("pattern", "must have a (group) named “of” and one named “check”")
    if check.form not in CHECKING:
        table.fault("form", f"must be one of {', '.join(CHECKING)}")
    table.done()
    return check


def _speech(step: ProfileTable) -> Speech | None:
    if not step.has("then"):
        return None
    table = step.table("then")
    if not table.has("baud") and not table.has("line_end"):
        step.fault("then", "must say a baud, a line_end or both")
    speech = Speech(baud=table.positive("baud", step.baud), line_end=_line_end(table, step.line_end))
    table.done()
    return speech


def _escape(table: ProfileTable) -> Escape:
    escape = Escape(
        text=table.get("text", str, ""), guard_s=table.seconds("guard_s", 1.0), break_s=table.get("break_s", float, 0.0)
    )
    if bool(escape.text) == bool(escape.break_s):
        table.faults.append(f"{table.where}: give exactly one of: text, break_s")
    if not 0 <= escape.break_s <= 5:
        table.fault("break_s", "must be at most 5 seconds")
    if not escape.text.isascii():
        table.fault("text", "must be ASCII")
    table.done()
    return escape


def _read(table: ProfileTable) -> Read:
    by = next((method for method in HASHES if table.has(method)), None)
    step = Read(
        line=table.plain_line("line"),
        done=table.pattern("done"),
        absent=table.pattern_or_none("absent"),
        fields=table.field_patterns("fields"),
        form=Form(_choice(table, "form", Form)),
        hashed=table.pattern(by, groups=1) if by else None,
        by=by or Method.SHA256,
        partial=table.pattern_or_none("partial", groups=SOME),
        of=table.template("of", needed=False),
        check=_check(table),
    )
    if [bool(step.fields), step.hashed is not None, step.partial is not None].count(True) != 1:
        table.fault("fields", "or a hash (sha256, sha1, md5) or “partial” is needed, and only one of them")
    if (step.hashed is None and step.partial is None) == bool(step.of):
        table.fault("of", "and a hash (sha256, sha1, md5) or “partial” belong together")
    table.done()
    return step


def _uid(table: ProfileTable) -> Uid:
    ask = None
    if table.has("line") or table.has("pattern"):
        success = table.pattern("pattern", groups=SOME)
        ask = Ask(line=table.plain_line("line"), success=success, check=_check(table))
    joined = table.get("joined", str, "")
    if joined and not (ask and _names_each_group(joined, ask.success.groups)):
        table.fault("joined", "must name each (group) of “pattern” once, by its number in braces")
    uid = Uid(
        ask=ask,
        joined=joined,
        marker=table.pattern_or_none("marker", groups=1),
        label=table.get("label", bool, False),
    )
    if [uid.ask is not None, uid.marker is not None, uid.label].count(True) != 1:
        table.faults.append(f"{table.where}: give exactly one of: line and pattern, marker, label = true")
    table.done()
    return uid


def _names_each_group(joined: str, groups: int) -> bool:
    between = GROUP_PLACE.split(joined)  # text, number, text, …
    return sorted(map(int, between[1::2])) == [*range(1, groups + 1)] and not set("".join(between[::2])) & {"{", "}"}


def _busy(table: ProfileTable) -> Busy:
    busy = Busy(
        answer=table.pattern("answer"),
        again_s=table.seconds("again_s", 0.2),
        at_most_s=table.seconds("at_most_s", 5.0),
    )
    table.done()
    return busy


def _restart(table: ProfileTable) -> Restart:
    restart = Restart(
        line=table.plain_line("line") if table.has("line") else "",
        modem=table.get("modem", str, ""),
        operator=table.get("operator", bool, False),
        boot=table.pattern_or_none("boot"),
        boot_s=table.seconds("boot_s", 10.0),
        wait_s=table.seconds("wait_s", 0.0) if table.has("wait_s") else 0.0,
    )
    if [bool(restart.line), bool(restart.modem), restart.operator].count(True) != 1:
        table.faults.append(f"{table.where}: give exactly one of: line, modem, operator = true")
    if restart.modem not in ("", "dtr", "rts"):
        table.fault("modem", "must be “dtr” or “rts”")
    if restart.operator and restart.boot is None:
        table.fault("boot", "is needed: nothing else shows that the operator did it")
    table.done()
    return restart


def _choice(table: ProfileTable, key: str, choices: type[Echo] | type[Form] | type[Accept]) -> str:
    first = next(iter(choices)).value
    value = table.get(key, str, first)
    if value not in [choice.value for choice in choices]:
        table.fault(key, f"must be one of {', '.join(choices)}")
        return first
    return value


def _line_end(table: ProfileTable, default: str = "\r") -> str:
    end = table.get("line_end", str, default)
    if end not in ("\r", "\n", "\r\n"):
        table.fault("line_end", "must be \\r, \\n or both")
    return end


def _charset(table: ProfileTable) -> Pattern | None:
    source = table.get("charset", str, "")
    if not source:
        return None
    try:
        return pattern(f"[{source}]*")
    except ValueError as error:
        table.fault("charset", f"is not a set of characters: {error}")
        return None


def _check_whole(spec: ConsoleSpec, faults: list[str]) -> None:
    """What only shows when the parts are put together."""
    written = _union([template for step in spec.write for template in step.templates])
    read = _named([step.of for step in spec.read]) | {name for step in spec.read for name in step.fields}
    faults += [f"console.write never sends {name}" for name in sorted(REQUIRED_FIELDS - written)]
    if not SECRETS & written:
        faults.append("console.write never sends deviceSecret")
    faults += [f"console.read never shows {name}: it could not be proved" for name in sorted(written - read)]
    faults += [f"console.read shows {name}, which is never written" for name in sorted(read - written)]
    if spec.uid.marker is not None and spec.restart is None:
        faults.append("console.uid.marker needs [console.restart]")
    _check_accepted(spec, faults)


def _check_accepted(spec: ConsoleSpec, faults: list[str]) -> None:
    """What counts as proof is what the reading can prove, said by whoever wrote the profile where that is less."""
    if any(step.hashed and _union([step.of]) != _named([step.of]) for step in spec.read):
        faults.append("console.read has a hash of less than the value, which is no proof of it: use “partial”")
    if spec.method is Method.PARTIAL and spec.accept is not Accept.PARTIAL:
        faults.append('console.read.partial proves a part only: say accept = "partial" if that is enough')
    if spec.method is not Method.READBACK and spec.accept is Accept.FULL:
        faults.append('console.accept is "full", and console.read does not show every byte')


def _named(templates: Sequence[str]) -> frozenset[Field]:
    known = [template for template in templates if not template_faults(template)]
    return frozenset[Any]().union(*map(named_in, known))


def _union(templates: Sequence[str]) -> frozenset[Field]:
    known = [template for template in templates if not template_faults(template)]
    return frozenset[Any]().union(*map(fields_in, known))
