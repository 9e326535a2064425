# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates from files, as people really have them. What can be read without guessing is read, with a note where
something was taken off; anything else is one error that names sheet, row and remedy. No secret is ever quoted.
"""

from station.cloud.files.certificates import BadRow, FileContents, read_certificates
from station.cloud.files.headings import Choices

__all__ = ["BadRow", "Choices", "FileContents", "read_certificates"]
