# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba's SDK for the IoT Platform as a process: a call per line of standard input, its answer per line of standard
output. JSON.
"""

import importlib
import json
import sys

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient

for line in sys.stdin:
    call = json.loads(line)
    client = AcsClient(call["key"], call["secret"], "cn-shanghai", auto_retry=False, timeout=20)
    module = importlib.import_module(f"aliyunsdkiot.request.v20180120.{call['action']}Request")
    request = getattr(module, f"{call['action']}Request")()
    request.set_protocol_type("http")
    request.set_endpoint(call["host"])
    request.set_accept_format("json")
    for name, value in call["params"].items():
        getattr(request, f"set_{name}")(value)
    try:
        said = {"answer": json.loads(client.do_action_with_exception(request))}
    except ServerException as error:
        said = {"status": error.get_http_status(), "code": error.get_error_code(), "message": error.get_error_msg()}
    print(json.dumps(said), flush=True)
