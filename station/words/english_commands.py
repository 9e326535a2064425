# SPDX-License-Identifier: GPL-3.0-or-later
"""What commands say in English."""

from __future__ import annotations

from types import MappingProxyType

from station.model import IdentityKind
from station.rules import Choice, Fate, WayBack
from station.words.command_words import (
    CommandWords,
    ImportWords,
    LedgerWords,
    LineWords,
    ProgressWords,
    PullWords,
    RunWords,
    ShowWords,
    SlotWords,
    WordOfSupervisor,
)

_RUN = RunWords(
    slot="slot",
    took="{seconds} s",
    channel="channel {number} of {nvr}",
    nvr_itself="the NVR {nvr} itself",
    still_missing="{number} still missing",
    set_complete="set complete",
    not_counted="done before, no part of --count: another board is waited for",
    counts="{passed} passed, {failed} failed, {in_doubt} in doubt, {ready} ready",
    beside="alarms: {alarms}, not tried: {station_faults}",
    bare="{number} more wait for their productSecret: station pull BATCH --with-product-secret",
    ended_early="E331 the run ended early: its events could not be told ({kind})",
)

_PROGRESS = ProgressWords(
    identities="identities",
    devices="devices",
    rows="rows",
    lines="lines",
    done="{done} {unit}, {rate}/s",
    done_of="{done} of {total} {unit}, {rate}/s",
    left=", {time} left",
    seconds="{s} s",
    minutes="{m} min {s} s",
    ending="ending after this step; Ctrl-C again ends at once",
)

_PULL = PullWords(
    batch="batch {batch}: {counts}",
    between=", ",
    held="{number} identities held",
    held_of="{number} of {total} identities held",
    new="{number} new",
    known="{number} known",
    completed="{number} completed",
    dressed="{number} given their product's secret",
    odd="{number} odd",
    conflicting="{number} conflicting",
    withheld="{number} withheld",
    certificates=" ({number} certificates)",
    not_complete=", not complete",
    other_status="{number} have another status than inactive in the cloud: WITHHELD, never flashed",
    without_status="{number} came without a status: {state} ({setting} decides)",
    childless="warning: {number} NVRs came without cameras: {names}",
    childless_do="  do: pull again when they have some; `channels` in the profile refuses such a set",
    still_disputed="{number} in dispute since an earlier pull: no board gets them; station conflict list",
    set_aside="{number} cannot be believed and are set aside ({see}); pull again later",
    stopped="stopped; go on with: {go_on}",
    asked="batch {batch}: {asked} of {withheld} withheld devices asked about",
    gone="{name} is not in the cloud any more: it stays WITHHELD",
    stay="withheld, {why}: {number}",
    ways=MappingProxyType({why: str(why) for why in WayBack} | {WayBack.OPEN: "may come back"}),
    let_back="a supervisor may let them back: station release --batch {batch} --reason …",
    pulled_as="batch {batch} is pulled as {kind}",
    batch_of=MappingProxyType({IdentityKind.SET: "NVR sets", IdentityKind.SINGLE: "ordinary certificates"}),
    waiting="another station pulls batch {batch}; this one waits, and fetches what is missing then",
    here="{number} identities of batch {batch} are here, and stay; go on with: station pull {batch}",
)

_IMPORTING = ImportWords(
    template="wrote {file}: fill it in, then station import {file}",
    never_used="Status {word}, {number} rows: were these devices never used?",
    skipped="{row}: skipped",
    used="{number} are not unused, as their status says: WITHHELD, never flashed",
    sheet="sheet “{sheet}”, ",
    headings="headings in row {row}: {columns}",
    no_headings="no headings: {columns}",
    column="{name} in {letter}",
    came="batch {batch}: {number} identities in the file, {new} new",
    would_come="batch {batch}: {number} identities in the file, {new} would be new",
    disputed="{name} came with other content than the ledger holds: no board gets it",
    disputed_on_board="{name} came with other content than the ledger holds: on a board already",
    shared="{name} belongs to {holder} here, and came with {arrived} too: no board gets either",
    more="… and {number} more",
    decide="which is right is for a supervisor to say: station conflict list",
    decided_against="{number} came again although a supervisor had decided against them",
)

_SUPERVISOR = WordOfSupervisor(
    back="{number} READY again",
    stay="{number} stay WITHHELD: {why}",
    retired="{name} is RETIRED",
    reworked="{name} is RETIRED; put board {uid} into any slot: it gets a new identity",
    device_ended="the cloud lets {name} connect no more",
    no_device="the cloud has no {name} any more",
    slot_unlocked="slot {slot} is unlocked",
    station_unlocked="the station is unlocked",
    serial_corrected="board {uid}: serial number {before} → {now}",
    vouched="put board {uid} back in any slot: {name} is written to it once more",
    stranger="board {uid}  since {since}: may hold a part of {name}",
    stranger_of_unknown="board {uid}  since {since}: may hold a part of a certificate that is not here",
    waits="  {name} waits with board {married} until a supervisor says what became of {uid}",
    takes_none="  it takes no identity until a supervisor says what became of {uid}",
    no_strangers="no board is a stranger",
    fates=MappingProxyType({fate: str(fate) for fate in Fate}),
    waits_no_more="{name} no longer waits for board {uid}, which was {fate}",
    settled="board {uid} was {fate}; the certificate it was a stranger to is not here",
    may_go_without="{nvr} may be flashed without {cameras}",
    without="{nvr}  without {cameras}",
    without_do="do: station set short NVR --reason …, or: station set end NVR --reason …",
    no_sets="no set waits for a word about a camera",
    set_ended="{nvr} and {number} of its cameras are RETIRED",
    stays_on_record="{name} stays on record",
    kept=MappingProxyType(
        {
            Choice.HELD: "{name}: what is held is kept; {state}",
            Choice.ARRIVED: "{name}: what arrived is kept; {state}",
        }
    ),
    no_disputes="nothing is in dispute",
    pin_set="The PIN of {name} is set.",
    removed="{name} is no supervisor any more.",
    none_yet="none yet: station supervisor set-pin",
)

_SLOTS = SlotWords(
    heads=("slot", "path", "port", "adapter"),
    none="no slot is configured: station slots assign 1",
    plug_in="plug a board into slot {slot} …",
    learned="slot {slot} is {port}",
    permissions="for /dev/station names and rights: station udev print | sudo tee /etc/udev/rules.d/60-station.rules"
    " && sudo udevadm control --reload && sudo udevadm trigger",
)

_LEDGER = LedgerWords(
    backed_up="{file}: {lines} audit lines, head {head}…, without the key",
    backed_up_with_key="{file}: {lines} audit lines, head {head}…, with the key",
    restored="restored: {lines} audit lines of {at} UTC",
    locked="locked until a supervisor runs: station recover --reason …",
    comes_ready="what comes in from now on is READY",
    told="{told} writes that the ledger had lost, {in_doubt} boards in doubt now",
    decided="{number} decisions that it had lost hold again: retired, withheld",
    withheld="{number} identities withheld: station release, once their boards were looked for",
    must_look="a person must look: {what}",
    damaged="{lines} lines of the witnesses are damaged or another ledger's; they were skipped",
    to_be_upgraded="the ledger of certificate-station {version} is brought up to date: minutes, if it is large",
    clock_behind="the clock is {seconds} s before the last line of the audit: sudo timedatectl set-ntp true",
    in_doubt_now="{name} is in doubt: {do}",
    moved="the ledger is at {to} now: {rows} rows, audit head {head} at line {lines}; it is locked where it was",
    key_exported="the key is in {file} behind its passphrase; import it at the other benches, then delete the file",
    key_imported="the line’s key is at {key} now; back it up",
    key_known="{key} is this key already",
    moved_before="the ledger was at {to} already: {rows} rows where it was, audit head {head} at line {lines}",
)

LINE = LineWords(
    heads=("bench", "last hour", "yield", "to be put back", "in red bin", "heard of"),
    seen="{seconds} s ago",
    away="not there",
    line="the line: made in the last hour {per_hour}, identities left {ready}{lasting}, in doubt {in_doubt}",
    lasting=" (for {hours} h)",
    plan="plan: {plan} boards an hour, {percent} of it made",
    locked="LOCKED {lock}",
)

_SHOW = ShowWords(
    head="{name}  {state}  board {uid}  batch {batch}  {why}",
    serial="  serial number {serial}",
    of_set="  set of {nvr}: {done} of {size} consumed",
    missing="  still missing: {channels}",
    channel="channel {number}",
    nvr="the NVR itself",
    proved=", proved by {method}",
    visit=", visit {visit}",
    by=", by {name}",
    beside="  with channel {number} {name}",
)

COMMANDS = CommandWords(
    means="means",
    do="do",
    interrupted="interrupted",
    go_on="{what}. Go on?",
    stock_heads=("product", "kind", "state", "identities", "certificates"),
    received="{received} certificates received, {consumed} consumed",
    put_back="put board {uid} back in any slot",
    find_first="first find board {uid}: station stranger list",
    audit_head="audit head {head} ({lines} lines)",
    nothing_in_doubt="nothing is in doubt",
    no_label_waits="no label waits for the printer",
    label_printed="label of {name} printed: put it on board {uid}",
    since="{name}  since {since}: {do}",
    why="  why: {why}",
    run=_RUN,
    progress=_PROGRESS,
    pull=_PULL,
    importing=_IMPORTING,
    supervisor=_SUPERVISOR,
    slots=_SLOTS,
    line=LINE,
    show=_SHOW,
    ledger=_LEDGER,
)
