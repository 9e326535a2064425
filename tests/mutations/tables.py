# SPDX-License-Identifier: GPL-3.0-or-later
"""All guards that are taken out in turn."""

from tests.mutations import esp_guards as esp
from tests.mutations import flow_guards as flow
from tests.mutations import intake_guards as intake
from tests.mutations import ledger_guards as ledger
from tests.mutations import target_guards as targets
from tests.mutations.guard import Guard, SchemaGuard

GUARDS: tuple[Guard | SchemaGuard, ...] = (
    *flow.FLOW,
    *flow.RULES,
    *flow.BENCH,
    *flow.SLOT,
    *ledger.SCHEMA,
    *ledger.STORE,
    *ledger.TRANSITIONS,
    *ledger.CONNECTION,
    *ledger.AUDIT,
    *ledger.CLAIMING,
    *ledger.RECEIVING,
    *ledger.VAULT,
    *ledger.OLD_COPY,
    *ledger.KEYS,
    *targets.AGENT,
    *targets.LOCK,
    *targets.CONSOLE,
    *targets.LINE,
    *esp.BOARD,
    *esp.LINK,
    *esp.PLACE,
    *esp.ARRIVAL,
    *esp.TRIAL,
    *intake.JOURNAL,
    *intake.IMPORTING,
    *intake.PEOPLE,
)
