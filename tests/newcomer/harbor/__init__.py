# SPDX-License-Identifier: GPL-3.0-or-later
"""Harbor: a cloud that lists its products, and nothing else."""
