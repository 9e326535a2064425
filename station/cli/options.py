# SPDX-License-Identifier: GPL-3.0-or-later
"""A command's options as one frozen value, where they are many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, TypeVar

from station.cli.context import Context

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Chosen = TypeVar("Chosen", bound="DataclassInstance")
Result = TypeVar("Result")


def chosen_as(
    kind: type[Chosen],
) -> Callable[[Callable[[Context, Chosen], Result]], Callable[Concatenate[Context, ...], Result]]:
    """Stands next to the function. Each option has the name of a field of `kind`, a dataclass; one too many or too few
    is a TypeError at the first call, whichever it is called with.
    """
    names = {field.name for field in fields(kind)}

    def gather(command: Callable[[Context, Chosen], Result]) -> Callable[Concatenate[Context, ...], Result]:
        @wraps(command)
        def call(ctx: Context, **given: Any) -> Result:
            if given.keys() != names:
                raise TypeError(f"options and fields of {kind.__name__} differ: {sorted(given.keys() ^ names)}")
            return command(ctx, kind(**given))

        return call

    return gather
