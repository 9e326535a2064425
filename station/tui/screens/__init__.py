# SPDX-License-Identifier: GPL-3.0-or-later
"""One screen or dialog a file. Each shows values of the desk and passes on what a person wants; it decides nothing."""
