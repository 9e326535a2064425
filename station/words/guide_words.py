# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide and an order say, on the screen and on a plain terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class GuideWords(NamedTuple):
    """Keys of the tables are what is chosen between, as it is written in the code."""

    set_up: str
    language: str
    key: str
    bench: str
    bench_name: str
    key_phrase: str
    again: str
    not_the_same: str
    back_up: str  # {key}
    supervisor: str
    supervisor_name: str
    pin: str
    source: str
    a_file: str
    file: str
    reading: str
    taking_in: str
    came: str  # {number} {new}
    account: str  # {cloud}
    trying: str  # {cloud}
    answered: str  # {cloud}
    no_answer: str  # {cloud}
    type_again: str
    keep_untried: str
    product: str
    type_product: str
    product_key: str
    profile: str  # {product}
    profile_used: str  # {name}
    another_profile: str
    slots: str
    plug: str  # {slot}
    type_port: str
    port: str
    port_of: str  # {slot}
    enough: str
    take_back: str  # {slot} {port}
    looking: str  # {slot}
    port_kept: str
    batch: str
    batch_made_elsewhere: str
    pull_batch: str  # {batch} {number}
    pulling: str  # {batch}
    pulled: str  # {batch} {number}
    later: str
    go_on: str
    failed: str
    try_again: str
    ready: str
    open_bench: str
    done: str
    change_slots: str
    order: str
    nothing_offered: str
    names_file: str
    no_number: str
    checking: str
    costs: str  # {what} {product} {cloud}
    number_again: str
    another_number: str
    pin_to_order: str
    sending: str
    next_field: str
    needed: str  # {line}
    which_number: str
    no_such_number: str  # {most}
    not_text: str
    plain_keys: str
    plain_stop: str
    wait: str
    stop: str
    leave: str
    still_ordering: str
    left: str
    all_ready: str
    made: str  # {file} {key} {station} {first}
    ordered: str  # {batches}
    order_key: str
    clouds: Mapping[str, str]  # where the language has a word of its own
    kept_by: Mapping[str, str]
    about_kept_by: Mapping[str, str]
    order_of: Mapping[str, str]
    how_many: Mapping[str, str]
    amount_of: Mapping[str, str]  # {number}
    settings: Mapping[str, str]  # by a setting's key
