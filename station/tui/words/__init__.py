# SPDX-License-Identifier: GPL-3.0-or-later
"""What the screens say, a file a language and subject, and nothing else."""
