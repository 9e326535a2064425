# SPDX-License-Identifier: GPL-3.0-or-later
"""English: the guide, orders."""

from __future__ import annotations

from types import MappingProxyType

from station.words.guide_words import GuideWords

GUIDE = GuideWords(
    set_up="Set up this station",
    language="Language / 语言",
    key="How is the station's data key kept?",
    bench="This station",
    bench_name="This bench's name, for the audit and the reports",
    key_phrase="Passphrase, 12 characters or more",
    again="Once more",
    not_the_same="The two are not the same. Nothing was kept.",
    back_up="Made: the data key {key}. Back it up: without it the secrets of certificates not yet flashed are lost.",
    supervisor="The first supervisor: who may unlock, retire and order",
    supervisor_name="Supervisor's name",
    pin="PIN, 6 characters or more",
    source="Where do the certificates come from?",
    a_file="A file: CSV, XLSX, JSON or zip",
    file="Path of the file",
    reading="Reading the file …",
    taking_in="Taking in the certificates …",
    came="{number} certificates in the file, {new} of them new",
    account="The account at {cloud}",
    trying="Asking {cloud} with this account …",
    answered="{cloud} has answered; the account is kept.",
    no_answer="{cloud} was asked, and the account is not proved",
    type_again="Type it again",
    keep_untried="Keep it untried; the network comes later",
    product="Which product is made here?",
    type_product="Another one: type its productKey",
    product_key="productKey",
    profile="How are the boards of {product} talked to?",
    profile_used="Profile {name} is used.",
    another_profile="Another product or profile",
    slots="Slots: plug in one board at a time",
    plug="Slot {slot}: plug a board in now",
    type_port="Type a port: a device or an address on the network",
    port="Port, e.g. /dev/serial/by-path/… or socket://host:port",
    port_of="The port of slot {slot}",
    enough="These are all slots: go on",
    take_back="Slot {slot} is {port}: take it back",
    looking="Looking at the board in slot {slot}; nothing is written …",
    port_kept="The check that was stopped still has its port, for a moment …",
    batch="The first certificates",
    batch_made_elsewhere="Pull a batch that was made elsewhere",
    pull_batch="Pull batch {batch} ({number} certificates)",
    pulling="Pulling batch {batch} …",
    pulled="Batch {batch}: {number} certificates are here.",
    later="Later: open the bench without certificates",
    go_on="Go on",
    failed="That did not work",
    try_again="Try again",
    ready="Everything is ready",
    open_bench="Open the bench",
    done="Done",
    change_slots="Slots: add one, or take one back",
    order="Order certificates (costs money)",
    nothing_offered="No cloud account of this bench makes batches. Devices of IoTDA: station batch register.",
    names_file="Path of a text file, one device name a line",
    no_number="That is no number. Type how many, in digits.",
    checking="Asking the cloud about the product; nothing is ordered yet …",
    costs="{what} of {product} at {cloud}. They cost money and cannot be given back.",
    number_again="A large number: type it again",
    another_number="That is another number. Nothing was sent.",
    pin_to_order="Supervisor's PIN, to order",
    sending="Ordering. Do not switch off …",
    next_field="Enter: next, at the end done    ↑↓: another line",
    needed="Something has to be typed here: {line}",
    which_number="Number",
    no_such_number="Type a number from 1 to {most}, or < to go back.",
    not_text="That is no UTF-8 text. Type it again, or look at the terminal's encoding.",
    plain_keys="Enter: what stands in [ ]    <: back    -: leave empty    Ctrl+C: go on later",
    plain_stop="Ctrl+C: stop",
    wait="One moment",
    stop="Esc: stop",
    leave="Ctrl+Q: go on later",
    still_ordering="Not now: an order is under way",
    left="The set-up is not finished. station run and station init go on where it was left.",
    all_ready="Everything is ready. station run opens the bench.",
    made="""\
Written: {file} and the data key {key}.
Back up the key: without it the secrets of certificates not yet flashed are lost.

Next, on a terminal: {station} run, the guide on the screen, or {station} init, the same questions in plain lines.
Or command by command:
{first}  1. station supervisor set-pin           the first supervisor's PIN: who may unlock, retire and order
  2. put the cloud's AppKey, project id and secret file into {file}
  3. station doctor                       looks over this bench
  4. station profile list                 boards that are known; station profile new NAME --like … makes yours
  5. station slots assign 1 2 3 4         learns which USB socket is which slot
  6. station pull BATCH                   fetches certificates
  7. station run                          opens the operator's screen (or: station flash, for scripts)""",
    ordered="Ordered: batch {batches}",
    order_key="F8: order",
    clouds=MappingProxyType(
        {"living": "Living Link", "iotda": "Huawei Cloud IoTDA", "aliyun-iot": "Alibaba Cloud IoT Platform"}
    ),
    kept_by=MappingProxyType(
        {
            "file": "In a file that only this user may read",
            "passphrase": "Behind a passphrase, typed at each start",
            "keyring": "In the system's keyring",
        }
    ),
    about_kept_by=MappingProxyType(
        {
            "file": "starts by itself; whoever reads this disk reads the key",
            "passphrase": "a stolen disk opens nothing; a lost passphrase does not either",
            "keyring": "needs a desktop session that is unlocked",
        }
    ),
    order_of=MappingProxyType(
        {
            "number": "Names by the cloud",
            "names": "Device names from a file",
            "sets": "NVRs with their cameras",
        }
    ),
    how_many=MappingProxyType(
        {
            "number": "How many certificates?",
            "names": "How many certificates?",
            "sets": "How many NVRs?",
        }
    ),
    amount_of=MappingProxyType(
        {
            "number": "{number} certificates",
            "names": "{number} certificates with names of your own",
            "sets": "{number} NVRs with their cameras",
        }
    ),
    settings=MappingProxyType(
        {
            "cloud.living.url": "Address of the region's gateway",
            "cloud.living.app_key": "AppKey",
            "cloud.living.project_id": "Project id",
            "cloud.living.secret_file": "AppSecret",
            "cloud.iotda.url": "Address of the instance (application side, https)",
            "cloud.iotda.region": "Region, e.g. cn-north-4",
            "cloud.iotda.project_id": "Project id",
            "cloud.iotda.instance_id": "Instance id; empty: none",
            "cloud.iotda.access_key": "Access key (AK)",
            "cloud.iotda.secret_file": "Secret key (SK)",
            "cloud.aliyun_iot.region": "Region, e.g. cn-shanghai",
            "cloud.aliyun_iot.url": "Address; empty: the region's",
            "cloud.aliyun_iot.instance_id": "Instance id; empty: none",
            "cloud.aliyun_iot.access_key": "AccessKey ID",
            "cloud.aliyun_iot.secret_file": "AccessKey Secret",
        }
    ),
)
