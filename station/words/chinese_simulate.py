# SPDX-License-Identifier: GPL-3.0-or-later
"""模拟云的故障脚本：写法、故障、异常行为。"""

from __future__ import annotations

from types import MappingProxyType

from station.words.simulator_words import SimulatorWords

_SCRIPT = """\
脚本由规则组成，每行一条，或用 `;` 分隔；`#` 起为注释。规则由 `key=value` 组成：

    path=/living/device/apply/query page=3 nth=2 do=drop-after
    path=*/generate times=1 do=status-after:504
    quirk=9.1-object

    path=GLOB     请求路径（默认：任意）；物联网平台为 /ACTION
    method=POST   HTTP 方法（默认：任意）
    page=N        请求的页号
    nth=N, N-M, N-    符合本规则的第几次请求（默认：全部）
    times=N       最多发生 N 次
    chance=P      发生的概率 P（0 到 1），每次运行相同
    do=NAME[:ARG] 故障；只写数字即 `status:NUMBER`
    quirk=NAME[:ARG]  真实云端的异常行为

同一请求可以符合几条规则。下面列出名称和参数：`:N` 是整数，方括号中的可以不写。
"""

_MISHAPS = MappingProxyType(
    {
        "drop": "连接关闭，没有应答；drop-after：执行之后",
        "reset": "连接重置，没有应答；reset-after：执行之后",
        "status:N": "HTTP 状态 N，带网关自己的错误：404、429、500、503、504；status-after：执行之后",
        "throttled[:N]": "限流：飞燕为 HTTP 403，IoTDA 为 429，物联网平台为 Throttling.User；带 Retry-After N；"
        "throttled-after：执行之后",
        "code:WORD": "飞燕应答中的 code（数字）、IoTDA 的 error_code 或物联网平台的 Code；code-after：执行之后",
        "garbage": "HTTP 200，内容不是文本；garbage-after：执行之后",
        "html[:N]": "代理服务器的 HTML 页面，HTTP 200 或 N；html-after：执行之后",
        "empty[:N]": "HTTP 200（或 N），没有内容；empty-after：执行之后",
        "truncate": "JSON 中途结束，Content-Length 与之相符",
        "cut": "内容传到一半，连接断开",
        "hang-up": "应答之后关闭连接，不作通知",
        "short-page[:N]": "缺少本页最后 N 行（1）",
        "shrink-total[:N]": "总数少 N（1）",
        "delay:SECONDS": "延迟这么多秒才执行",
        "kill-token": "处理请求之前，所有 cloudToken 和 X-Auth-Token 失效",
        "repeat-page": "给出所请求页的前一页",
        "shift-page:N": "本页从后移 N 行处开始（可为负）",
    }
)

_QUIRKS = MappingProxyType(
    {
        "a3-expiresIn": "令牌有效期的字段为 `expiresIn`",
        "a3-seconds": "令牌有效期以秒为单位",
        "a3-iotToken": "令牌的字段为 `iotToken`",
        "9.1-string": "批次号为字符串（现状）",
        "9.1-int": "批次号为数字",
        "9.1-object": "批次号为 {batchId}",
        "9.3-total": "总数的字段为 `total`",
        "9.3-totalNum": "总数的字段为 `totalNum`",
        "9.3-absent": "没有总数",
        "9.4-no-items": "没有行的 NVR 页也没有列表",
        "9.4-null-items": "没有行的页，列表为 null",
        "9.4-empty-items": "没有行的页，列表为空",
        "9.5-status-int": "产品状态为 0 或 1",
        "9.5-NOT_SPECIFY": "产品状态为 NOT_SPECIFY",
        "9.5-enums-int": "netType、dataFormat、nodeType 为数字",
        "9.6-active[:N]": "本页前 N 台设备已激活，状态 1（1）",
        "9.6-offline[:N]": "同上，状态 3",
        "9.6-disabled[:N]": "同上，状态 8",
        "9.6-status-text[:N]": '同上，状态 "0"',
        "9.7-date-text": "产品日期为文本",
        "9.8-extra-keys": "每一层都有不认识的键",
        "9.9-active-time": "设备带有 `activeTime`",
        "9.9-no-ids": "设备没有 iotId、deviceId 和 status",
        "9.9-no-status[:N]": "本页前 N 台设备没有 `status`（1）",
        "9.9-missing:WORD": "本页第一台设备（或第一行、`data`）缺少此字段",
        "9.9-null:WORD": "同上，此字段为 null",
        "9.10-nvr-list": "nvrDeviceCertInfo 是只有一项的列表",
        "9.10-ipcnum[:N]": "第一套的 ipcNum 多 N（1）",
        "9.10-echo": "回传的分页为 pageNo 235、pageSize 1",
        "9.10-small-n": "列表的字段为 nvrDeviceCertList",
        "9.11-missing-comma": "不是 JSON：少一个逗号",
        "9.11-trailing-comma": "不是 JSON：多一个逗号",
        "9.11-curly-quote": "不是 JSON：用了弯引号",
        "9.15-id-number": "应答的 id 是数字",
        "9.15-id-uuid": "应答的 id 由服务器自定",
        "9.15-no-id": "应答没有 id",
        "9.18-no-data": "错误应答没有 `data`，而不是 null",
        "9.18-empty-object": "错误应答为 {}",
        "9.18-empty-body": "错误应答为 HTTP 400，带 X-Ca 头，没有内容",
        "9.18-html": "错误应答为 HTML",
        "duplicate-row": "本页第一行出现两次",
        "iotda-without:WORD": "IoTDA 的设备或产品缺少此字段，例如 description",
        "iotda-null:WORD": "同上，此字段为 null",
        "iotda-says:WORD": "同上，此字段（FIELD=TEXT）为该文本",
        "iotda-secret:WORD": "IoTDA 显示设备时，密钥处为此内容，例如 ********",
        "odd-secret:WORD": "本页第一台设备的 deviceSecret 为此内容",
        "odd-key:WORD": "同上，productKey",
        "fewer-cameras:N": "NVR 套只有前 N 个摄像头",
        "changed-secret": "同样的名称，密钥不同",
        "a4-401": "网关拒绝时为 HTTP 401，而不是 400",
        "a4-403": "网关拒绝时为 HTTP 403，而不是 400",
        "9.1-zeros": "批次号以 000 开头，去掉就不认识",
        "9.13-repeat-last": "超出产品列表末尾时，重复最后一页",
        "9.14-page-size[:N]": "pageSize 达到 N 即拒绝，6101（文档中的最大值）",
        "9.17-only-version:WORD": "只认识此 apiVer，其他一律 404",
        "9.20-drops-name": "上传时丢失最后一个名称，不作提示",
        "plain-only": "IoTDA 基础版：拒绝派生签名",
        "derived-only": "IoTDA 标准版：拒绝普通签名",
        "instance-required": "IoTDA 专业版、物联网平台：不带实例 ID 就不应答",
        "rpc-most:N": "物联网平台：一次最多 N 台设备或 N 个名称；一版文档写的是 1000",
        "rpc-checking": "物联网平台：批次的名称还在检查",
        "rpc-create-failed:N": "物联网平台：批次的最后 N 台设备没有生成",
        "shared-camera": "批次的第二台 NVR 带着第一台的第一个摄像头",
        "secret-shown": "IoTDA 显示设备时带密钥",
        "apig-prefix": "IoTDA 网关的代码以 APIG. 开头，而不是 APIGW.",
    }
)

SIMULATOR = SimulatorWords(
    script=_SCRIPT, mishaps=_MISHAPS, quirks=_QUIRKS, titles=("故障，do=NAME：", "异常行为，quirk=NAME：")
)
