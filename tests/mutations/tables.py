# SPDX-License-Identifier: GPL-3.0-or-later
"""All guards that are taken out in turn."""

from tests.mutations import aliyun_iot_guards as aliyun_iot
from tests.mutations import esp_guards as esp
from tests.mutations import file_guards as files
from tests.mutations import flow_guards as flow
from tests.mutations import intake_guards as intake
from tests.mutations import key_guards as keys
from tests.mutations import ledger_guards as ledger
from tests.mutations import target_guards as targets
from tests.mutations import trust_guards as trust
from tests.mutations import wire_guards as wire
from tests.mutations.guard import Guard, SchemaGuard

GUARDS: tuple[Guard | SchemaGuard, ...] = (
    *flow.FLOW,
    *flow.RULES,
    *flow.BENCH,
    *flow.SLOT,
    *flow.PROFILE,
    *ledger.SCHEMA,
    *ledger.RETIRING,
    *ledger.STORE,
    *ledger.PROVING,
    *ledger.LEFTOVERS,
    *ledger.WAITING,
    *ledger.TRANSITIONS,
    *ledger.CONNECTION,
    *ledger.AUDIT,
    *ledger.CLAIMING,
    *ledger.RECEIVING,
    *ledger.VAULT,
    *ledger.OLD_COPY,
    *ledger.KEYS,
    *trust.OPENING,
    *trust.WATCH,
    *trust.JOURNAL,
    *trust.LINES,
    *trust.RECOVERY,
    *trust.TAKING_OVER,
    *trust.RELEASING,
    *trust.OUTSIDE,
    *trust.CHOSEN,
    *trust.LEARNING,
    *trust.MACHINE,
    *trust.DISPUTES,
    *trust.GUARDING,
    *trust.SPELLINGS,
    *trust.BELIEVED,
    *targets.AGENT,
    *targets.LOCK,
    *targets.CONSOLE,
    *targets.LINE,
    *esp.BOARD,
    *esp.LINK,
    *esp.PLACE,
    *esp.ARRIVAL,
    *esp.TRIAL,
    *aliyun_iot.GUARDS,
    *intake.JOURNAL,
    *intake.SEVERAL,
    *intake.PAUSE,
    *intake.IMPORTING,
    *intake.PEOPLE,
    *intake.DEADLINE,
    *keys.CONNECTION,
    *keys.SWEEPING,
    *keys.RESEALING,
    *keys.KEYS,
    *keys.CHANGING,
    *keys.JOURNAL,
    *files.ROWS,
    *files.ALIKE,
    *files.ENDS,
    *files.SHEETS,
    *files.ITEMS,
    *files.HEADINGS,
    *files.STATUSES,
    *files.OWNERSHIP,
    *files.REGISTERING,
    *files.LABELS,
    *files.UIDS,
    *wire.WIRE,
    *wire.HIDING,
    *wire.FLOW,
)
