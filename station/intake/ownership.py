# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose is a device that the cloud has under a name of ours? Only its answer about that very device tells.

The mark that went out with our registration proves that it is ours; another mark, that it is not. Everything else (a
gateway's 404, a web page, an answer that is no JSON, no answer, no mark) proves nothing and is UNCLEAR. No verdict ends
a plan: the sealed secret of a device that may be in the cloud is kept until a person says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from station.cloud.capabilities import DeviceExists, NoSuchDevice, Registering
from station.cloud.values import Device
from station.errors import CloudFault, CloudGarbled
from station.ledger.registering import Registration


class Owner(StrEnum):
    """Whose it is, as far as the cloud's own words prove it."""

    OURS = "ours"
    ANOTHERS = "another's"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """`why`: what speaks against OURS, for a person; without secrets."""

    owner: Owner
    why: str = ""


_OURS = Ownership(owner=Owner.OURS)


def registered(cloud: Registering, device: Registration) -> Ownership:
    """Register `device` if the cloud does not have it. OURS: it has it, with our secret.

    Raises the CloudFault of a registration that was refused, throttled or not answered: it is made again later.
    """
    if device.ours:
        return _OURS
    certificate = device.certificate
    try:
        made = cloud.register(
            product_id=certificate.product_key,
            node_id=certificate.node_id,
            device_id=certificate.device_name,
            secret=certificate.device_secret,
            gateway_id=device.gateway_id,
            description=device.mark,
        )
    except (DeviceExists, CloudGarbled):  # garbled: it may be there, and this is how to find out
        return look_up(cloud, device)
    return _judged(made, device, made=True)


def look_up(cloud: Registering, device: Registration) -> Ownership:
    """Whose the device is that the cloud has under this id."""
    try:
        found = cloud.device(device.certificate.device_name)
    except NoSuchDevice:
        return _unclear("the cloud says that it exists, and shows none: its node_id may be under another device_id")
    except CloudFault as error:
        return _unclear(error.what)
    return _judged(found, device)


def _judged(found: Device, device: Registration, *, made: bool = False) -> Ownership:
    """`made`: the answer to our own registration, which need not tell the mark again."""
    certificate = device.certificate
    if found.description and found.description != device.mark:
        return Ownership(owner=Owner.ANOTHERS, why="the cloud has it with another description than our mark")
    if not found.description and not made:
        return _unclear("the cloud shows it without a description, so nothing tells whose it is")
    if (found.node_id or certificate.node_id, found.product_id or certificate.product_key) != (
        certificate.node_id,
        certificate.product_key,
    ):
        return _unclear("the cloud has it with another node_id or product")
    return _with_our_secret(found, device)


def _with_our_secret(found: Device, device: Registration) -> Ownership:
    """`found` is ours; a cloud that shows no secret, or a masked one, says nothing about it."""
    if found.secret is not None and found.secret != device.certificate.device_secret:
        return _unclear("it is ours, and the cloud shows another secret than the one sealed here")
    return _OURS


def _unclear(why: str) -> Ownership:
    return Ownership(owner=Owner.UNCLEAR, why=why)
