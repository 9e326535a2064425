# SPDX-License-Identifier: GPL-3.0-or-later
"""IoTDA's own refusal: an HTTP status with error_code and error_msg."""

from __future__ import annotations

from typing import NoReturn

from station.simulate.cloud.exchange import refuse


def refuse_iotda(status: int, code: str, message: str) -> NoReturn:
    """Raises Refusal. 000006 input, 000008 not JSON, 000017/18 paging, 001000 app, 014000 no device, 014031 twice."""
    refuse(status, {"error_code": code, "error_msg": message})


def refuse_input(message: str) -> NoReturn:
    refuse_iotda(400, "IOTDA.000006", f"Invalid input data. {message}")
