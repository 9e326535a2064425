# SPDX-License-Identifier: GPL-3.0-or-later
"""For those who write a target of their own: the tests that every target must pass, to be run in their own project.

    from station.testing.targets import TargetConformance

    class TestRelay(TargetConformance):
        target = RelayTarget()
        table = {"name": "relay", "target": "relay", "products": ["a1B2c3D4e5F"]}

        def plug(self, folder, number):    # see targets.Socket
            return RelayBoard(folder, number)

The package names its class under the entry point group `station.targets`; `station.targets.base` is the contract, and
`station.targets.ports` is how ports are opened.
"""
