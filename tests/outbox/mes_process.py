# SPDX-License-Identifier: GPL-3.0-or-later
"""A factory's system as a process of its own, to be killed at any moment: it keeps each event in a file, then answers.

`python mes_process.py PORT FILE`; prints its port once it listens.
"""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        kept = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(kept, body + b"\n")
        os.close(kept)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the tests' screen."""


HTTPServer.allow_reuse_address = True
server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
