# SPDX-License-Identifier: GPL-3.0-or-later
"""What a product's boards need, one TOML file a product: read and checked, found in a folder, shipped to copy from."""
