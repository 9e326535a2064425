# SPDX-License-Identifier: GPL-3.0-or-later
"""命令帮助：云端、批次、文件。"""

from __future__ import annotations

SUMMARIES = {
    "pull": "把一个生产批次的证书拉取到账本。",
    "import": "从 CSV、XLSX 或 JSON 文件导入证书。",
    "product": "云端产品：列表、查看、创建。",
    "batch": "在云端生成生产批次，并查看其结果。",
}

ABOUT = {
    "pull": "把生产批次 BATCH 的证书拉取到账本。\n\n"
    "可以停止（Ctrl-C）、被强行终止、再运行：从停止处继续，任何证书都不会重复入库。\n\n"
    "没有试运行：批次里有什么，拉取了才知道；拉取不会用掉任何证书。",
    "import": "从 FILE 导入证书：云控制台导出的 CSV、XLSX 或 JSON，存成 JSON 的 API 应答，网页表格，"
    "或只含其中一个文件的 zip。\n\n"
    "\b\n"
    "列按列名查找，不论顺序，中英文均可；其他列忽略：\n"
    "  ProductKey、DeviceName、DeviceSecret    必需（IoTDA：product_id、device_id、secret）\n"
    "  ProductSecret、IotId、DeviceId、Status  有则读取（IoTDA：node_id）\n"
    "  NVR、Channel                            套：每行写所属 NVR 的 deviceName；0 = NVR 本身\n\n"
    "有错误的行都报出行号，只要有一行有错就什么也不导入。同一文件再导入不改变任何内容。"
    "已有名称的密钥不同时退出码为 6："
    "班长选定之前，不会烧录到任何板卡。",
    "product": "云端的产品。",
    "product create": "用 FILE 创建产品，内容是 API 文档中的 JSON。\n\n"
    "文件的全部错误一次列出，各注明路径；有错误时什么也不发送。",
    "product list": "项目的全部产品。绝不显示密钥。",
    "product show": "一个产品。绝不显示密钥。",
    "batch": "在云端生成生产批次，并查看其结果。\n\n生成会消耗激活码。每个请求先记日志再发送，绝不自动重发。",
    "batch delete": "在云端永久删除一张 RETIRED 证书的设备。",
    "batch freeze": "冻结一张 RETIRED 证书的设备：拿到其密钥的人也连不上。",
    "batch unfreeze": "让一张 RETIRED 证书的设备可以再连接。",
    "batch generate": "生成证书：--product KEY --amount N，或按已上传的设备名 --batch ID。",
    "batch generate-nvr": "生成 NVR 套。",
    "batch list": "向云端请求过什么，收到什么。有需要人工处理的时退出码为 6。",
    "batch odd": "BATCH 中单独存放的条目：位置、原因、收到的内容，不含密钥。有这样的条目时退出码为 6。\n\n"
    "异常条目绝不烧录到板卡。再次拉取：云端改好后就会补上。",
    "batch orphans": "列出 BATCH 中带有本站标记、未使用、本站已放弃的云端设备。\n\n"
    "它们的密钥已丢失。账本回退后，可能已在板卡上的另外列出，绝不删除。有这样的设备时退出码为 6。",
    "batch register": "用本站生成的密钥在云端注册设备，并把证书放入待烧录队列。\n\n"
    "密钥先封存于账本，再发给云端；停止或被强行终止后，用 --resume 继续。",
    "batch reset-secret": "给云端设备 DEVICE 一个本站生成的新密钥，并把证书放入待烧录队列。\n\n"
    "用于结果不明的注册、已放弃的注册，或在别处注册的设备。带旧密钥的板卡从此无法登录：曾经使用过的设备会被拒绝。",
    "batch settle": "写明应答丢失的请求 REQUEST 的结果。",
    "batch show": "日志和账本中 BATCH（或按编号的一个请求）的全部内容。",
    "batch upload-names": "上传 FILE 中的设备名，每行一个；最多 1000 个为一个批次，更多则分成几个。",
}

OF_OPTIONS = {
    "--cloud": "哪个云。 [默认：配置中的 cloud.provider，它能做时]",
    "--supervisor": "有几位班长时，写明是哪位。",
    "--pin-file": "存有班长密码的 0600 文件，供脚本使用。",
    "--yes": "不再询问；供脚本使用。",
    "pull --product": "批次的 productKey；用于在别处生成的 NVR 批次，或内容没有写明产品的批次。",
    "pull --nvr": "批次的种类。 [默认：按日志；没有日志则两种都试]",
    "pull --with-product-secret": "同时保存 productSecret，用于需要它的板卡。",
    "pull --wait": "没有新内容时等待的秒数。 [默认：300；不在日志中为 20]",
    "pull --recheck": "重新读取所有页：这期间已在别处使用的会扣留。",
    "pull --any-length": "密钥长短不一，但都完整；班长已与云控制台核对。",
    "pull --page-size": "每页多少份。 [默认：由云端决定]",
    "import --cloud": "证书属于哪个云。 [默认：配置中的 cloud.provider]",
    "import --map": "哪一列是哪一项，用列号或列名。",
    "import --sheet": "有多个工作表或隐藏的工作表时，读哪一个。",
    "import --status": "状态词的含义。",
    "import --any-length": "密钥长短不一，但都完整。",
    "import --skip-bad": "文件有错误的行时，只导入正确的行。",
    "import --template": "改为生成一份列名正确的空文件。",
    "product create --dry-run": "只检查文件；什么也不发送。",
    "batch delete --reason": "原因；记入追溯记录。",
    "batch freeze --reason": "原因；记入追溯记录。",
    "batch unfreeze --reason": "原因；记入追溯记录。",
    "--confirm": "再写一遍设备名，供脚本使用。",
    "batch orphans --confirm": "与 --remove 一起：再写一遍批次，供脚本使用。",
    "batch orphans --remove": "在云端删除它们；需要班长。",
    "--product": "productKey。",
    "batch generate --amount": "证书张数，名称由云端决定。",
    "batch generate --batch": "按作为该批次上传的设备名生成。",
    "--confirm-amount": "数量超过 cloud.ask_above 时，再写一遍数量。",
    "--dry-run": "说明会做什么；什么也不改，什么也不问。",
    "batch generate --dry-run": "只检查并说明会请求什么；什么也不发送。",
    "batch generate-nvr --dry-run": "只检查并说明会请求什么；什么也不发送。",
    "batch upload-names --dry-run": "只检查并说明会请求什么；什么也不发送。",
    "batch generate-nvr --amount": "NVR 台数；每台带有其摄像头。",
    "batch register --product": "product_id。",
    "batch reset-secret --product": "product_id。",
    "batch register --names": "node_ids 的文件，每行一个。",
    "batch register --amount": "设备台数，名称由本站生成。",
    "batch register --gateway": "子设备所属网关的 device_id。",
    "batch register --channels": "NVR 套：每套的摄像头数。",
    "batch register --camera-product": "摄像头的 product_id。",
    "batch register --confirm-amount": "设备总数超过 cloud.ask_above 时，再写一遍总数。",
    "batch register --resume": "继续一个没有完成的批次。",
    "batch register --give-up": "放弃一个云端始终不接受的批次，例如配额用完。",
    "batch settle --made": "云控制台显示它生成了哪个批次（或产品）。",
    "batch settle --nothing-made": "云控制台显示什么也没有生成。",
}
