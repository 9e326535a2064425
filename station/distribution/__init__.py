# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for line clients that write boards themselves, by the exchange of the vendor's own distribution tool:
allocate, burned, failed.

A client takes the place of a target: `flow` decides, marries and proves as for any other board. Nothing here is said
of a secret but in the one answer that hands it over.
"""
