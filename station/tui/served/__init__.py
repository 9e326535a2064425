# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board in browsers, as read-only as any other, whatever a browser or a page in it sends.

Viewers of one size and language share one process. Who may look is `gate`'s, what is understood of a message
`messages`'s; numbers of viewers, processes, cells and bytes are bounded.
"""
