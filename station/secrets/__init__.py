# SPDX-License-Identifier: GPL-3.0-or-later
"""How secrets rest: sealed under a data key, which itself rests in a file, a keyring or behind a passphrase."""
