# SPDX-License-Identifier: GPL-3.0-or-later
"""What the station says to people, a file a language and subject."""
