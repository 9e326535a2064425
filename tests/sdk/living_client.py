# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba's own SDK as a process: a call per line of standard input, its answer per line of standard output. JSON."""

import json
import sys

from alibabacloud_iot_api_gateway.client import Client
from alibabacloud_iot_api_gateway.models import CommonParams, Config, IoTApiRequest
from alibabacloud_tea_util.models import RuntimeOptions

for line in sys.stdin:
    call = json.loads(line)
    client = Client(Config(app_key=call["key"], app_secret=call["secret"], domain=call["host"]))
    request = IoTApiRequest(
        version="1.0",
        params=call["params"],
        request=CommonParams(api_ver=call["version"], cloud_token=call["token"]),
    )
    answer = client.do_request(call["path"], "http", "POST", None, request, RuntimeOptions())
    said = {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.body.decode()}
    print(json.dumps(said), flush=True)
