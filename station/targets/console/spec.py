# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile's [console] table as typed values: how a vendor's own console is talked to. No I/O.

    [console]
    baud = 115200
    line_end = "\\r"                 # sent behind every line; send one character where either ends a line
    echo = "paced"                   # "none" · "plain" · "paced": wait for the echo every few bytes (no flow control)
    max_line = 127                   # bytes the board takes in one line, without its end
    forbidden = " ;"                 # characters a value must not have in this syntax; only printable ASCII ever passes
    charset = "A-Za-z0-9_-"          # or: the only characters it may have
    accept = "digest"                # the weakest proof that counts: "full" (every byte), "digest", "partial"
    persistent = true                # what is written survives a power cycle; without that nothing can be proved
    timeout_s = 3.0                  # for one answer
    max_length = { productKey = 20, deviceName = 32, deviceSecret = 64, productSecret = 64 }
    probe = { line = "AT", success = '^OK$' }            # asked until the board answers
    setup = [{ line = "ATE0", success = '^OK$' }]        # after each start of the board; where it asks for a password:
    # { line = "CFG", ready = '^Password:', password_file = "~/factory.pin", success = '^OK$' }: what is in that 0600
    # file is given with a line end, once: a wrong one is not tried again
    # there and in each write: answers = [{ when = '^Overwrite\\? ', line = "y" }] for what the board may ask before
    # `success`, each once; then = { baud = 921600, line_end = "\\n" } for how it is spoken to from then on
    escape = { text = "+++", guard_s = 1.0 }    # where the probe is not answered: silence, this without a line end,
                                     # silence; or { break_s = 0.3 }, a break on the line
    errors = { '^ERROR$' = "the board refuses the command" }                   # pattern = what it means, in words
    end = '^(OK|ERROR)$'             # what ends every answer (a final word, a prompt): no line is sent before it came;
                                     # without it, 30 ms of silence end an answer
    busy = { answer = '^busy', again_s = 0.2, at_most_s = 5.0 }    # “not now, ask again”: the line is said again
    check = { pattern = '^(?P<of>.*)\\*(?P<check>[0-9A-F]{2})$', form = "xor8" }    # answers carry a check: of what, by
                                     # which form (length, crc16, … as in `write`). A wrong one spoils the answer, and
                                     # only what a right one covers is read, `done` and `absent` aside; in probe, setup,
                                     # uid, write or read: of its answer alone

    [console.uid]                    # one of:
    line = "AT+MAC?"                 #   ask, and
    pattern = '^\\+MAC:(\\S+)$'        #   take the group; of several groups, all of them, one behind the other,
    joined = "{2}-{1}"               #   or as this says, each once
    marker = '^mac=(\\S+)$'           #   what the board prints by itself while it starts (it is restarted for that)
    label = true                     #   it has none: the scanned label is its uid; the profile needs scan_label = true

    [[console.write]]                # in this order
    line = "KEY {productKey} {deviceName} {deviceSecret}"    # also {productSecret}; {deviceSecret:hex}, :HEX, :base64,
                                     # :url, :upper, :lower, :escaped (\\, \\" \\\\), :quoted ("a""b"); and :length,
                                     # :crc16, :crc16_xmodem, :crc16_kermit, :crc16_modbus, :crc32, :sum8, :xor8, :md5,
                                     # :sha1, which do not carry the value
    success = '^OK$'
    ready = '^>'                     # the board then wants exactly `data`, no line end; {deviceSecret:length} in `line`
    data = "{deviceSecret}"

    [[console.read]]
    line = "KEY?"
    done = '^OK$'                    # ends the answer
    absent = '^ERROR$'               # ends it too: nothing is stored here
    fields = { productKey = '^PK=(.*)\\.$' }    # one group each; multi-line text without \\r and colours
    form = "hexdump"                 # the groups of all matches are hex bytes; default "text"
    sha256 = '"([0-9A-F]{64})"'      # instead of fields, where the board tells only the hash of …; or sha1, md5: they
                                     # prove as much, since nobody picks certificates to have one hash
    of = "{deviceSecret:hex}"        # … this: of whole values, a hash of a part is “partial”
    partial = '^\\*+(.{4}),(\\d+),(\\w{4})$'    # or where it tells only a part: its groups in a row are
    # of = "{deviceSecret:last4}{deviceSecret:length}{deviceSecret:crc16}", in either case; it needs accept = "partial"

    [console.restart]                # needed by prove_after_reset
    line = "reboot"                  # or: modem = "rts" (pulsed), or: operator = true (asks for a power cycle)
    boot = '^ready$'                 # what proves that it really restarted; without it `boot_s` is waited out
    boot_s = 10.0
    wait_s = 0.0                     # so long after `boot` it is still deaf

Patterns are RE2's (station.patterns), applied line by line to the text behind the echoed command.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Final

from station.model import Method
from station.patterns import Pattern

OPERATOR_S: Final = 120.0
"""How long a person may take to switch a board off and on."""
HASHES: Final = (Method.SHA256, Method.SHA1, Method.MD5)
"""What a board may tell of a value in its place; keys of a read, the strongest first."""
CHECK_OF: Final = "of"
CHECK_VALUE: Final = "check"
"""Names of the groups of a check's pattern."""


class Field(StrEnum):
    """What a certificate is made of, as written in templates."""

    PRODUCT_KEY = "productKey"
    DEVICE_NAME = "deviceName"
    DEVICE_SECRET = "deviceSecret"  # noqa: S105 - a field's name
    PRODUCT_SECRET = "productSecret"  # noqa: S105 - a field's name


REQUIRED_FIELDS: Final = frozenset({Field.PRODUCT_KEY, Field.DEVICE_NAME})
SECRETS: Final = frozenset({Field.DEVICE_SECRET, Field.PRODUCT_SECRET})


class Echo(StrEnum):
    """What the board does with characters it gets."""

    NONE = "none"
    PLAIN = "plain"
    PACED = "paced"


class Form(StrEnum):
    """How a board shows a stored value."""

    TEXT = "text"
    HEXDUMP = "hexdump"


class Accept(StrEnum):
    """The weakest proof that counts."""

    DIGEST = "digest"
    FULL = "full"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleAnswer:
    """A question that the board may ask, and what is said to it."""

    when: Pattern
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How a board is spoken to."""

    baud: int
    line_end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """What calls a board back to its console: a text between two silences, or a break."""

    text: str = ""
    guard_s: float = 1.0
    break_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCheck:
    """Where in an answer its check stands, and of what it is one; `form` is one of `forms.CHECKING`."""

    pattern: Pattern
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A line and the pattern in its answer that says it went well; with `ready`, a password is given before that."""

    line: str
    success: Pattern
    ready: Pattern | None = None
    password_file: str = ""
    answers: tuple[ConsoleAnswer, ...] = ()
    then: Speech | None = None
    check: AnswerCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write command; with `ready`, exactly the bytes of `data` follow once the board asks for them."""

    line: str
    success: Pattern
    ready: Pattern | None = None
    data: str = ""
    answers: tuple[ConsoleAnswer, ...] = ()
    then: Speech | None = None
    check: AnswerCheck | None = None

    @property
    def templates(self) -> tuple[str, ...]:
        """All that it may put on the wire."""
        return (self.line, self.data, *(answer.line for answer in self.answers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One readback command. Either `fields`, or `hashed` and `of`, or `partial` and `of`."""

    line: str
    done: Pattern
    absent: Pattern | None = None
    fields: Mapping[Field, Pattern] = field(default_factory=dict)
    form: Form = Form.TEXT
    hashed: Pattern | None = None
    by: Method = Method.SHA256
    partial: Pattern | None = None
    of: str = ""
    check: AnswerCheck | None = None

    @property
    def shows_secret(self) -> bool:
        """Whether the answer may have a secret in it, or a part of one."""
        secrets = (Field.DEVICE_SECRET, Field.PRODUCT_SECRET)
        return any(name in self.fields or name in self.of for name in secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uid:
    """Where the board's uid comes from; exactly one of ask, marker, label."""

    ask: Ask | None = None
    joined: str = ""  # how the groups of its pattern are put together; empty: one behind the other
    marker: Pattern | None = None
    label: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """How the board is started anew; exactly one of line, modem, operator."""

    line: str = ""
    modem: str = ""
    operator: bool = False
    boot: Pattern | None = None
    boot_s: float = 10.0
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """What a board answers that has not taken a line; it is said again after `again_s`, for `at_most_s` in all."""

    answer: Pattern
    again_s: float = 0.2
    at_most_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSpec:
    """The whole table; see the module for each key."""

    probe: Ask
    uid: Uid
    write: tuple[Write, ...]
    read: tuple[Read, ...]
    restart: Restart | None
    setup: tuple[Ask, ...] = ()
    errors: tuple[tuple[Pattern, str], ...] = ()
    end: Pattern | None = None
    busy: Busy | None = None
    escape: Escape | None = None
    baud: int = 115200
    line_end: str = "\r"
    echo: Echo = Echo.NONE
    max_line: int = 255
    max_length: Mapping[Field, int] = field(default_factory=dict)
    forbidden: str = ""
    accept: Accept = Accept.DIGEST
    charset: Pattern | None = None
    timeout_s: float = 3.0

    def writes(self, field: Field) -> bool:
        """Whether a board of this kind stores it."""
        mark = "{" + field
        return any(mark in template for step in self.write for template in step.templates)

    @property
    def speeches(self) -> tuple[Speech, ...]:
        """How a board may have to be spoken to that somebody left: as after its start first."""
        first = Speech(baud=self.baud, line_end=self.line_end)
        later = [*(ask.then for ask in self.setup), *(step.then for step in self.write)]
        return tuple(dict.fromkeys([first, *filter(None, later)]))

    @property
    def method(self) -> Method:
        """The strongest claim that a readback of this console allows."""
        if any(step.partial for step in self.read):
            return Method.PARTIAL
        by = {step.by for step in self.read if step.hashed}
        return next((method for method in reversed(HASHES) if method in by), Method.READBACK)


def words_of(part: object) -> Iterator[str]:
    """All lines, patterns and words of a spec or a part of one: what a profile says is no secret."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Pattern):
        yield part.pattern
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from words_of(value)
    elif isinstance(part, tuple):
        for value in part:
            yield from words_of(value)
    elif is_dataclass(part):
        for one in fields(part):
            yield from words_of(getattr(part, one.name))
