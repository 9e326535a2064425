# SPDX-License-Identifier: GPL-3.0-or-later
"""From a bare PC to the first board: what is asked, in order, and what is made of the answers. No screen, no click."""
