# SPDX-License-Identifier: GPL-3.0-or-later
"""station.toml: read into typed values, and edited without losing the user's comments."""
