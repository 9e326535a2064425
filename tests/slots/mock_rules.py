# SPDX-License-Identifier: GPL-3.0-or-later
"""What udev does with the rules of a bench for mocked ports; run under umockdev-wrapper, as root, prints JSON.

    mock_rules.py UDEVADM RULES_FOLDER SYSTEMS_RULES_FOLDER

udevadm works in a mount namespace of its own, on an empty /dev and /run, so that this machine's own stay as they are;
and with no other rules than those of the two folders, so that what is installed here changes nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

from tests.slots.mock_fixture import PCI, Adapter, Testbed

_INSIDE = (
    "mkdir -p /etc/udev/rules.d /usr/lib/udev/rules.d && for other in /lib /usr/local/lib; do"
    "  [ ! -d $other/udev/rules.d ] || mount -t tmpfs none $other/udev/rules.d; done && "
    'mount --bind "$2" /usr/lib/udev/rules.d && mount --bind "$1" /etc/udev/rules.d && '  # both may be in /dev/shm
    "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && mount -t tmpfs none /run && mkdir /run/udev && "
    'exec "$0" test --action=add "$3"'
)


def judged(udevadm: str, folder: str, systems: str, device: str) -> dict[str, list[str]]:
    run = subprocess.run(
        ["unshare", "--mount", "sh", "-c", _INSIDE, udevadm, folder, systems, f"/sys{device}"],
        capture_output=True,
        text=True,
        check=True,
    )
    text = run.stdout + run.stderr
    return {
        "links": re.findall(r"Added SYMLINK '(.+?)'", text),
        "mode": re.findall(r"MODE (\d+)", text),
        "environment": sorted(re.findall(r"^(ID_MM_\w+=1|\.STATION_PORT=\d+)$", text, re.MULTILINE)),
    }


def main(udevadm: str, folder: str, systems: str) -> dict[str, dict[str, list[str]]]:
    bed = Testbed()
    bed.add(f"P: {PCI}/usb1\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n")
    Adapter(bed, "BRIDGE").plug("3", [60, 61, 62])
    Adapter(bed, "NATIVE", cdc=True).plug("4", [0])
    Adapter(bed, "STRANGER").plug("5", [70])
    interface = f"{PCI}/usb1/1-{{0}}/1-{{0}}:1.0"
    devices = {f"ttyUSB{n}": f"{interface.format('3')}/ttyUSB{n}/tty/ttyUSB{n}" for n in (60, 61, 62)}
    devices |= {"ttyACM0": f"{interface.format('4')}/tty/ttyACM0"}
    devices |= {"ttyUSB70": f"{interface.format('5')}/ttyUSB70/tty/ttyUSB70"}
    return {name: judged(udevadm, folder, systems, device) for name, device in devices.items()}


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
