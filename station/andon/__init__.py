# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tiles know, told outside the screen: a file, a pipe, a program, a web address, a light tower, a sound.

Nothing here is ever waited for by a slot: a dead output is said once, and its lines are dropped with a count.
"""
