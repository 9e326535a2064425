# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the station's parts say what they do: the library's loggers below "station". `log` takes their lines, where
[log] asks for it; a program that uses `station.api` takes them as it takes those of other libraries.

What is said holds no secret: names, codes, numbers and the texts of StationErrors; of any other error its kind and
place, never its text.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

NAME: Final = "station"
logging.getLogger(NAME).addHandler(logging.NullHandler())  # nobody listens: nothing goes to stderr


def logger(subject: str) -> logging.Logger:
    """`subject`: a word, the same at the head of each of its lines."""
    return logging.getLogger(f"{NAME}.{subject}")


def say_where(log: logging.Logger, error: BaseException) -> None:
    """At debug level, the way that an error came, and that of what it came of."""
    if log.isEnabledFor(logging.DEBUG):
        log.debug("%s", "; from ".join(map(_way, _chain(error))))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _way(error: BaseException) -> str:
    """The innermost frame first."""
    frames = [
        f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return f"{type(error).__name__} at {' < '.join(reversed(frames)) or 'no place'}"
