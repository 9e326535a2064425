# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's bench, the supervisor's screens and the wall board. Nothing else imports textual."""
