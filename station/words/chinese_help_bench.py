# SPDX-License-Identifier: GPL-3.0-or-later
"""命令帮助：本站、烧录、烧录位、产品配置、模拟。"""

from __future__ import annotations

SUMMARIES = {
    "init": "生成第一份配置和密钥，并说明下一步。",
    "run": "在本终端打开操作界面。",
    "flash": "不用界面烧录板卡；供脚本使用。",
    "demo": "用模拟板卡和模拟云演示全部流程。",
    "label": "已完成板卡的标签：预览、打印、试打、排队。",
    "outbox": "发给工厂系统的事件：哪些在等，哪些被拒收。",
    "serve": "通过 HTTP 给自己写板卡的产线客户端发放证书。",
    "andon": "安灯：灯塔、声音和上传；可逐一试。",
    "board": "看板：大字计数，只读。",
    "slots": "烧录位和已插上的端口。",
    "profile": "产品配置：new、keys、check、list、show、try。",
    "templates": "设备端固件模板：list、copy。",
    "config": "检查并显示本站配置。",
    "help": "按主题说明怎样做；错误代码的含义、怎么办。",
    "docs": "可打印的操作卡。",
    "schema": "事件和各命令 --json 输出的 JSON Schema。",
    "completion": "让命令行能自动补全命令、选项和名称。",
    "man": "全部命令的手册页。",
    "doctor": "找出本站的问题，并给出解决命令。",
    "service": "让本站随电脑启动：install、status、logs、remove。",
    "udev": "给烧录位固定名称和权限的规则。",
    "simulate": "单独运行模拟云或模拟板卡。",
}

ABOUT = {
    "": "证书烧录站：每块板卡烧录且只烧录一张云端证书（三元组），并用回读证明。\n\n"
    "退出码：0 正常，1 有板卡不良，2 用法或配置错误，3 本站故障，4 云端故障，5 证书已用完，6 需要人工处理，"
    "7 完整性警报，130 被中断。",
    "init": "生成第一份配置、数据密钥和空账本；不覆盖任何文件。\n\n"
    "在终端上且不带 --file、--state-dir、--name、--key 时：逐项询问烧录第一块板卡所需的全部内容，"
    "与 `station run` 的首次设置相同。Ctrl-C 离开，下次运行 `station init` 从中断处继续。",
    "run": "在本终端打开操作界面：插上板卡即烧录。\n\n"
    "本站尚未设置好时先打开首次设置：只问缺少的内容，可以中断，以后从中断处继续。"
    "空格确认，随时可以扫码，F2 切换语言，F9 供班长使用。",
    "flash": "给所选烧录位里的板卡各烧录一张证书。不加 --watch 或 --count 时：只做现在插着的板卡，做一次。\n\n"
    "加 --json 时，过程在标准输出上是 JSON 行，最后一行是汇总。"
    "加 --events results 时每次过站一行，与 outbox 的相同。\n\n"
    "按一次 Ctrl-C：做完正在烧录的板卡就结束；按两次：板卡待确认，证书仍归原板，放回原板即可解决。"
    "SIGTERM（`timeout`、服务管理器）和关闭终端（nohup 除外）也是如此；退出码为 130，或更严重的。"
    "读取方离开（`| head -1`）或不再读取：做完正在烧录的板卡就结束，退出码为 3。\n\n"
    "没有试运行：板卡需要什么，由它的回答决定。`station profile try` 不烧录证书。",
    "demo": "不用硬件和账号的完整流程：模拟云生成一个批次，拉取到新账本，插上板卡，烧录，回读校验，登记；"
    "然后打开每块板卡逐一比对。\n\n加 --line 时每台烧录站是独立的进程，共用一个临时的 PostgreSQL，"
    "中途强行终止一次服务器。\n\n"
    "每块板卡都合格、每张证书都有着落，退出码才是 0。",
    "label": "已完成板卡的标签，内容由产品配置的 [label] 决定。",
    "label preview": "把已完成板卡的标签（不写名称时用样例）画成文件。不打印，也不登记。",
    "label print": "打印已完成板卡的标签。以前打印过的要写原因，标签上标 R1、R2 …",
    "label queue": "列出已合格、还没有打印标签的板卡。有这样的板卡时退出码为 6。\n\n烧录站运行、打印机恢复后即打印。",
    "label test": "用样例打印一张标签。",
    "simulate printer": "在 TCP 端口上提供模拟的标签打印机，直到中断；每张标签存成图片。",
    "outbox": "发给工厂系统的事件：每块板卡结束时一条，至少送达一次，同一块板卡的按先后顺序。\n\n"
    "每个接收方是 station.toml 里的一张表 [outbox.NAME]，用下面的一个键：`post` 每条一次 HTTP POST"
    "（`token_file`，或 `cert_file` 和 `key_file`，`ca_file`），`file` 写 JSON 行（每满 `largest_mb` 换新文件），"
    "`command` 每条启动一次程序，`mqtt` 发给 MQTT 5 代理 mqtts://HOST:PORT（`topic`，`user`，"
    '`password_file` 或 `password_keyring`，证书的键同 `post`；不需要有人订阅时用 `unheard = "taken"`），'
    "`database` 在数据库的表 `table` 里每条一行：sqlite:///PATH 或 postgresql://ROLE@HOST/DATABASE"
    "（密码的键同 `mqtt`；附加组件 line），没有这张表就新建。"
    "从它第一次出现之后结束的板卡开始告知，或从 `since` 起。事件留在账本里，"
    "直到对方接收，多久都不会丢；同一条来两次时 `id` 相同。",
    "outbox status": "每个接收方已收到、待发送、拒收的事件。有拒收时退出码为 6。",
    "outbox send": "把待发送的事件发送一次；烧录站运行与否都可以。有接收方不接收时退出码为 3。",
    "outbox retry": "把 RECEIVER 拒收的再试：随下一批事件，或用 `station outbox send`。",
    "outbox skip": "不再把事件 NUMBER 发给 RECEIVER；同一块板卡后面的继续发送。",
    "serve": "通过 HTTP 给自己写板卡的产线客户端发放证书，直到收到信号；需要安装附加组件 serve。\n\n"
    "报文与厂商自己的分发工具相同：向 / POST JSON，请求头 `Authorization: Bearer TOKEN`。"
    '`{"ProductKey", "DeviceID", "Action": 0}` 申请：答复里有 ProductKey、ProductSecret、DeviceName、'
    "DeviceSecret、DeviceID、CRC32 和 Status OK；从此这张证书就是这块板卡的。"
    "Action 1 表示已烧录，附上板卡回读内容的 SHA256（与 agent 的摘要相同）或 CRC32；"
    "2 表示失败：板卡待确认，同一 DeviceID 再申请时得到同一张。已完成的板卡答复 ALREADY_DONE，不含密钥；"
    "FAIL 带有 Code、Message 和 Do。DeviceID 必须是芯片自己报告的；没有它就不发放。"
    "[serve] 里有 host、port、cert_file、key_file、"
    'accept（"digest"；"partial" 接受 CRC32，"reported" 只凭客户端报告）'
    "和 confirm_s：客户端超过这么久没有报告，板卡即待确认。",
    "serve token": "谁可以申请证书：每个客户端一个名称、一个令牌。",
    "serve token add": "给客户端 NAME 生成令牌并显示：只此一次，以后只留散列值。",
    "serve token list": "各客户端的名称，以及令牌的发放时间。",
    "serve token remove": "收回客户端 NAME 的令牌；正在发放的烧录站从此拒绝它。",
    "andon": "安灯：`run` 和 `flash` 工作时，把烧录位的状态送到界面之外：JSON 行、灯塔、声音。\n\n"
    "每个输出是 station.toml 里的一张表 [andon.NAME]，用下面的一个键：`file`、`pipe`、`command` 送 JSON 行，"
    "`post` 每行一次 HTTP POST，`lights` 是灯塔的串口，`bell` 是终端响铃，`sound` 是播放声音的程序。"
    "`on` 列出要送的状态；`post` 可加 `token_file`，`lights` 可加 `baud`，并用 `bytes` 写出每个状态的字节（十六进制）。"
    "`station help events` 里每种各有一例。\n\n"
    "本站的状态就是最严重的那个烧录位的状态。由轻到重：OFF、EMPTY、PASS、ALREADY_DONE、BUSY、READY、WAITING、NO_STOCK、"
    "FAIL、IN_DOUBT、LOCKED、ALARM。`bytes` 没有写的状态，用次一级的代替。",
    "andon try": "在每个输出（或指名的输出）上把所有状态走一遍，由轻到重，并显示当前状态。\n\n"
    '其中的行带有 `"try": true`。\n\n'
    "不接触板卡和账本。有输出不接收时退出码为 3。",
    "board": "看板：本站的计数，大字，实时。只读；按 Ctrl-Q 关闭。",
    "slots": "烧录位和已插上的端口：先列每个烧录位及其端口，再列不属于任何烧录位的端口。\n\n"
    "不在列表中的端口绝不打开。`station slots assign NAME`：插入一块板卡，绑定烧录位。",
    "slots assign": "按名称的顺序，每次在一个烧录位插一块板卡，绑定端口；结果记入 station.toml。\n\n"
    "例：station slots assign 1 2 3 4",
    "slots wire": "该烧录位上一次 E201、E203 或 E208 之前线上的收发：→ 发送，← 收到，· 如何理解。\n\n"
    "密钥已遮盖。要看完整过程：给 flash、run 和 profile try 加 --trace FILE。",
    "profile": "怎样与某产品的板卡通信，在板卡上烧录什么。\n\n"
    "其他厂商的命令行：`station profile keys console`，照其手册写文件，`check` 检查，`try` 试用。",
    "profile check": "列出产品配置的全部错误；不打开端口。有错误时退出码为 2。",
    "profile keys": "产品配置的所有键及其含义。\n\n"
    "TARGET 是 agent、console 或 esp-nvs：没有现成产品配置可用时，该写什么。",
    "profile list": "先列自己的产品配置，再列可以复制的自带配置。",
    "profile new": "把自带的产品配置以新名称 NAME 复制到自己的文件夹；不覆盖任何文件。",
    "profile show": "显示一份产品配置：自己的，或自带的。",
    "profile try": "按产品配置与端口上的板卡通信，并显示其应答。不烧录，不占用证书。\n\n"
    "每一行发送（→）和收到（←），以及哪个正则表达式匹配、哪个不匹配（·），同时显示在标准错误上。"
    "只有靠启动标记取得板卡号的命令行板卡才会被重启。",
    "config": "命令行 > STATION_* 环境变量 > 文件 > 默认值。配置里绝不放密钥，只写存放密钥的文件名。",
    "config check": "读取运行所需的全部配置，并指出错误。",
    "config show": "所有设置的当前值和含义。\n\n配置文件有错时，列出各项设置及其默认值，最后说明错误。",
    "help": "按主题说明怎样做；错误代码的含义、怎么办、谁来处理。\n\n"
    "不给 TOPIC 或 CODE 时列出全部主题；加 --json 时列出全部代码和主题，每个一行，给 TOPIC 时为该页的 Markdown。"
    "给命令的名称则显示它的帮助。",
    "completion": "打印让 SHELL 自动补全命令、选项以及产品配置、烧录位、批次、证书名称的脚本。\n\n"
    "\b\n"
    '~/.bashrc                   eval "$(station completion bash)"\n'
    '~/.zshrc                    eval "$(station completion zsh)"\n'
    "~/.config/fish/config.fish  station completion fish | source",
    "man": "打印全部命令的手册页（troff）。\n\n"
    "\b\n"
    "station man | man -l -\n"
    "station man > ~/.local/share/man/man1/station.1",
    "docs": "张贴在烧录站旁的文件。作业说明：`station help`。",
    "docs card": "操作卡：一张 A4，列出烧录位的每种状态、含义和怎么办。",
    "schema": "某个命令用 --json 打印的一行的 JSON Schema（2020-12）；不给 NAME 时列出有哪些。\n\n"
    "NAME 就是命令，例如 `station schema batch list`；`flash` 是事件，`andon` 是安灯输出的事件，"
    "`outbox` 是发给工厂系统的事件，`handover` 是交接班文件。字段只增不减。",
    "doctor": "找出本站的问题，并给出解决命令。不加 --fix 就不改动任何内容；不打开板卡的端口。\n\n"
    "检查驱动、权限、烧录位、被占用的端口、转接器延迟、干扰程序、磁盘、目录、密钥、账本和追溯记录、见证记录和所属电脑、"
    "时钟、产品配置、标签打印机、安灯和 outbox 的各个接收方，"
    "以及每个云账号的应答。完整性警报时退出码为 7，有其他问题时为 3，"
    "只有待人工处理的事项时为 6；提醒不算。",
    "udev": "给烧录位固定名称（/dev/station/slotN）、权限和低延迟，并阻止其他程序占用的规则。",
    "udev install": "安装规则并让 udev 读取；需要 root。已插上的端口马上得到名称。",
    "service": "让本站随电脑启动：一个 systemd 服务，用的就是这套程序和这份配置。\n\n"
    "以账本所属的用户运行，只能写本站要写的文件夹。",
    "service install": "写好单元文件，立即启动并随电脑启动；需要 root。不加 --screen 时运行 `flash --watch --json`。",
    "service status": "是否在运行、从何时起、上次怎样结束。正在运行时退出码为 0，应运行而未运行时为 3。",
    "service logs": "服务的日志，取自系统日志。",
    "service remove": "做完正在烧录的板卡就结束，并删除单元文件；账本、密钥、配置和日志都保留。",
    "templates": "设备端：C 语言的 agent、各种移植和厂商控制台，可放进你的固件（0BSD）。",
    "templates list": "有哪些模板。",
    "templates copy": "把 NAME（不写则全部）连同许可证和 README 复制到 DIR；不覆盖任何文件。",
    "udev print": "显示已配置烧录位的规则。",
    "simulate": "模拟云和模拟板卡，用于试用和测试。",
    "simulate board": "插上一块模拟的 agent 板卡，直到中断；它的闪存文件会保留。\n\n"
    "加 --count 时：一块板卡烧录完、端口已释放，就换上下一块。",
    "simulate cloud": "在 127.0.0.1 上运行飞燕、华为 IoTDA 和阿里云物联网平台的模拟云，直到中断。\n\n"
    "新的模拟云有一个普通产品和一个带 16 个摄像头的 NVR 产品。显示的密钥在别处无效。",
    "simulate console": "按自带的产品配置 PROFILE 插上一块带厂商命令行的模拟板卡，直到中断。",
    "simulate esp": "插上一块处于下载模式的模拟 ESP 板卡，直到中断；esptool 也能操作它。\n\n"
    "加密 NVS 的密钥分区在 --partitions 的文件里是一行：`nvs_key, data, nvs_keys, 0x120000, 0x1000`。",
}

OF_OPTIONS = {
    "docs card --html": "写到哪个文件；用 A4 打印。",
    "docs card --language": "默认：[bench] language。",
    "--version": "显示版本。",
    "--config": "使用指定的 station.toml。",
    "--no-pager": "在终端上也不分页显示。",
    "--no-color": "画面和页面不用颜色，与 NO_COLOR=1 相同。",
    "--set": "临时改一项设置，例如 bench.name=b2。",
    "--json": "输出给程序用的 JSON。",
    "--slot": "已配置的烧录位；可以写多次。默认：全部。",
    "--port": "改用设备路径或 pyserial URL；可以写多次。",
    "--profile": "产品配置的名称或文件。默认：[bench] profile。",
    "--trace": "把线上的收发连同时间追加到文件；密钥已遮盖。",
    "init --file": "station.toml 放在哪里。",
    "init --state-dir": "账本和密钥放在哪里。",
    "init --name": "本站名称，用于追溯记录。",
    "init --language": "操作员的语言。默认：系统的语言。",
    "init --key": "数据密钥怎样存放。",
    "run --language": "启动时的语言。默认：[bench] language。",
    "flash --count": "新烧录合格达到此块数后停止；会等板卡插入。",
    "--label": "板卡的标签，产品配置要求扫码时用；只做一块板卡。",
    "label preview --output": "要写的文件：.png、.svg、.pdf、.zpl 或 .tspl。",
    "label print --operator": "打印的人的工牌；记入追溯记录。默认：本账户。",
    "label print --reason": "为什么再打印一次；记入追溯记录。",
    "simulate printer --port": "127.0.0.1 上的 TCP 端口。",
    "simulate printer --folder": "每张标签存成其中的 label-N.png。",
    "simulate printer --state": "打印机的状态。",
    "flash --serial": "板卡的产品序列号，产品配置要求扫码时用；只做一块板卡。",
    "flash --wait": "与 --count 同用：缺证书时等待补充，而不是以退出码 5 结束。",
    "flash --batch": "只用这个批次的证书，批次号见 `station batch list`。",
    "flash --operator": "操作员的工牌号；记入每次过站和追溯记录。",
    "flash --no-lockout": "无论多少不良都继续：用于试产品配置；须班长同意。",
    "flash --events": "同 --json：slots 为烧录位的每次变化，results 为每次过站一行。",
    "flash --watch": "一直等板卡插入，直到 Ctrl-C。",
    "demo --headless": "在终端里也不打开界面。",
    "demo --boards": "同时工作的烧录位数。",
    "demo --count": "烧录多少块板卡。 [默认：每个烧录位三块]",
    "demo --target": "板卡种类：agent、esp-nvs、console。",
    "demo --boards-are": "自带的模拟板卡，或在仿真 Cortex-M3 上运行的真实固件。",
    "demo --nvr": "改做 NVR 套，值为每套摄像头数。",
    "demo --line-faults": "线缆损坏的行所占百分比。",
    "demo --line": "改为几台烧录站共用一个 PostgreSQL 账本。",
    "flash --order": "为哪个工单烧录。默认：[mes] order。",
    "flash --quantity": "--order 的数量，做满后不再开始新的板卡。",
    "outbox retry --event": "事件的编号；不给时为 RECEIVER 拒收的全部。",
    "outbox skip --reason": "对方不需要它的原因；记入追溯记录。",
    "andon try --pause": "每个状态持续几秒。",
    "board --language": "默认：[bench] language。",
    "board --serve": "改为在浏览器里显示；需要附加组件“serve”。",
    "board --host": "与 --serve 一起：监听哪个地址。",
    "board --port": "与 --serve 一起：TCP 端口。",
    "board --allow-host": "与 --serve 一起：除本机名称外，浏览器还可用的名称；可以写多次。",
    "board --token-file": "与 --serve 一起：0600 文件，浏览器要用 /?token=… 给出一次其中的令牌。",
    "slots assign --wait": "每块板卡等多久。",
    "profile new --like": "一份自带的产品配置；见 `station profile list`。",
    "profile new --product": "可以烧录的 productKey；可以写多次。",
    "profile try --port": "板卡所在的设备路径或 pyserial URL。",
    "profile try --label": "板卡的标签，产品配置要求扫码时用。",
    "doctor --fix": "自行运行所给命令中不会造成损失的，然后再检查一遍。",
    "config show --origin": "说明每个值从哪里来。",
    "udev install --group": "可以打开端口的用户组；有的系统是“uucp”。",
    "service install --screen": "把操作界面放到哪个控制台，例如 tty1。",
    "service install --group": "可以打开端口的用户组。",
    "service install --print": "只打印单元文件。",
    "service install --folder": "单元文件所在的文件夹。",
    "service remove --folder": "单元文件所在的文件夹。",
    "service logs --lines": "从末尾起多少行。",
    "service logs --follow": "继续显示新的日志。",
    "udev print --group": "可以打开端口的用户组；有的系统是“uucp”。",
    "udev install --file": "规则放在哪里。",
    "simulate board --uid": "板卡号，16 位十六进制数。",
    "simulate board --count": "逐块插入的总块数，板卡号从 --uid 起递增；闪存文件是 LINK 旁的 UID.flash。",
    "simulate board --ports": "与 --count 同用：LINK1、LINK2 …",
    "simulate console --uid": "命令行能报出板卡号时用。 [默认：产品配置能用的一个]",
    "simulate cloud --port": "127.0.0.1 上的 TCP 端口。",
    "simulate cloud --state": "全部数据存入此文件。",
    "simulate cloud --faults": "故障脚本，见下；可以写多次。",
    "simulate cloud --ready-after": "模拟云生成一个批次所需的秒数。",
    "simulate cloud --calls-per-s": "IoTDA 网关每秒放行多少次。 [默认：不限]",
    "simulate cloud --seed": "种子：密钥和证书由它决定。 [默认：每次不同]",
    "simulate cloud --print-config": "先把密钥按 station.toml 的格式显示出来，再开始服务。",
    "simulate cloud --secrets": "与 --print-config 相同，密钥放在这个文件夹的 0600 文件里。",
    "--link": "模拟串口的路径。",
    "--store": "存放其闪存的文件；会保留。 [默认：LINK.flash]",
    "simulate console --store": "存放其内容的文件；会保留。 [默认：LINK.json]",
    "--flash": "存放其闪存的文件；会保留。 [默认：LINK.flash]",
    "simulate esp --chip": "esp8266、esp32、esp32s3、esp32c6 …",
    "simulate esp --mac": "其 eFuse 中的基础 MAC。",
    "simulate esp --partitions": "ESP-IDF 的 partitions.csv。 [默认：fctry, data/nvs 在 0x110000 的分区表]",
    "simulate esp --paced": "传输和擦除按真实硬件的速度。",
}
