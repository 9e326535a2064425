# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei's own SDK as a process: a call per line of standard input, its answer per line of standard output. JSON."""

import json
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkiotda import v5

BODIES = {"create_product": v5.AddProduct, "add_device": v5.AddDevice, "reset_device_secret": v5.ResetDeviceSecret}

for line in sys.stdin:
    call = json.loads(line)
    account = BasicCredentials(call["ak"], call["sk"], call["project"])
    builder = v5.IoTDAClient.new_builder()
    if call["derived"]:
        account.with_derived_predicate(BasicCredentials.get_default_derived_predicate())
        builder.with_region(Region(call["region"], call["url"]))
    else:
        builder.with_endpoint(call["url"])
    client = builder.with_credentials(account).build()
    name = call["operation"]
    request = getattr(v5, "".join(word.title() for word in name.split("_")) + "Request")(**call["arguments"])
    if call["body"] is not None:
        request.body = BODIES[name](**call["body"])
    try:
        answer = getattr(client, name)(request)
        said = {"status": answer.status_code, "body": answer.to_dict()}
    except ServiceResponseException as error:
        said = {"status": error.status_code, "code": error.error_code, "message": error.error_msg}
    except Exception as error:  # what its parts raise for an answer that is none
        said = {"status": 0, "code": type(error).__name__, "message": ""}
    print(json.dumps(said), flush=True)
