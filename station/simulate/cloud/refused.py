# SPDX-License-Identifier: GPL-3.0-or-later
"""Living Link's own refusal: an envelope code."""

from __future__ import annotations


class Refused(Exception):
    """Codes: 401 token, 403 forbidden, 404 version, 460 parameter, 2000 productKey; 62xx production batches."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
