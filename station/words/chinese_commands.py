# SPDX-License-Identifier: GPL-3.0-or-later
"""命令行的文字。"""

from __future__ import annotations

from types import MappingProxyType

from station.model import IdentityKind
from station.rules import Choice, Fate, WayBack
from station.words.command_words import (
    CommandWords,
    ImportWords,
    LedgerWords,
    LineWords,
    ProgressWords,
    PullWords,
    RunWords,
    ShowWords,
    SlotWords,
    WordOfSupervisor,
)

_RUN = RunWords(
    slot="烧录位",
    took="{seconds} 秒",
    channel="{nvr} 的通道 {number}",
    nvr_itself="{nvr} 的 NVR 主机",
    still_missing="还缺 {number}",
    set_complete="整套完成",
    not_counted="以前已完成，不计入 --count，还在等别的板卡",
    counts="合格 {passed}，不良 {failed}，待确认 {in_doubt}，待烧录 {ready}",
    beside="警报 {alarms}，未能烧录 {station_faults}",
    bare="另有 {number} 份缺 productSecret：station pull BATCH --with-product-secret",
    ended_early="E331 本次运行提前结束：过程信息无法输出（{kind}）",
)

_PROGRESS = ProgressWords(
    identities="份",
    devices="台设备",
    rows="行",
    lines="行记录",
    done="{done} {unit}，{rate}/秒",
    done_of="{done}/{total} {unit}，{rate}/秒",
    left="，剩余 {time}",
    seconds="{s} 秒",
    minutes="{m} 分 {s} 秒",
    ending="完成这一步后结束；再按一次 Ctrl-C 立即结束",
)

_PULL = PullWords(
    batch="批次 {batch}：{counts}",
    between="，",
    held="已有 {number} 份证书",
    held_of="已有 {number}/{total} 份证书",
    new="新到 {number}",
    known="原已入库 {number}",
    completed="补全 {number}",
    dressed="补上 productSecret {number}",
    odd="异常 {number}",
    conflicting="不一致 {number}",
    withheld="扣留 {number}",
    certificates="（共 {number} 张）",
    not_complete="，未完成",
    other_status="{number} 份在云端不是未激活状态：已扣留，不会烧录",
    without_status="{number} 份没有状态：{state}（由 {setting} 决定）",
    childless="注意：{number} 台 NVR 不带摄像头：{names}",
    childless_do="  处理：云端有摄像头后再拉取；产品配置的 channels 可以拒绝这样的套",
    still_disputed="{number} 份在以前拉取时内容就不一致：不会烧录到板卡；station conflict list",
    set_aside="{number} 份内容不可信，已单独保存（{see}）；稍后再拉取",
    stopped="已停止；继续请运行：{go_on}",
    asked="批次 {batch}：扣留 {withheld} 台设备，已询问 {asked} 台",
    gone="{name} 云端已没有：仍扣留",
    stay="扣留，{why}：{number}",
    ways=MappingProxyType(
        {
            WayBack.OPEN: "可以放回",
            WayBack.NOT_WITHHELD: "没有扣留",
            WayBack.ON_A_BOARD: "已在板卡上",
            WayBack.DISPUTED: "内容不一致",
            WayBack.ASK_FIRST: "要先询问云端",
            WayBack.IN_USE: "云端已在使用",
            WayBack.BY_NAME: "只能按名称放回",
        }
    ),
    let_back="班长可以放回库存：station release --batch {batch} --reason …",
    pulled_as="批次 {batch} 按{kind}拉取",
    batch_of=MappingProxyType({IdentityKind.SET: " NVR 套", IdentityKind.SINGLE: "单张证书"}),
    waiting="另一台烧录站正在拉取批次 {batch}；本站等待，之后补拉缺少的",
    here="批次 {batch} 已到 {number} 份，保留不变；继续：station pull {batch}",
)

_IMPORTING = ImportWords(
    template="已生成 {file}：填好后运行 station import {file}",
    never_used="状态 {word}，共 {number} 行：这些设备都从未用过吗？",
    skipped="{row}：已跳过",
    used="{number} 份的状态不是未使用：已扣留，不会烧录",
    sheet="工作表“{sheet}”，",
    headings="标题在第 {row} 行：{columns}",
    no_headings="没有标题：{columns}",
    column="{name} 在 {letter} 列",
    came="批次 {batch}：文件中 {number} 份，新到 {new}",
    would_come="批次 {batch}：文件中 {number} 份，其中 {new} 份将是新到",
    disputed="{name} 与账本内容不一致：不会烧录到板卡",
    disputed_on_board="{name} 与账本内容不一致：已在板卡上",
    shared="{name} 在账本中属于 {holder}，这次又出现在 {arrived} 中：都不会烧录到板卡",
    more="… 另有 {number} 个",
    decide="哪一个正确由班长决定：station conflict list",
    decided_against="{number} 个再次收到，班长已决定不用",
)

_SUPERVISOR = WordOfSupervisor(
    back="已放回库存 {number}",
    stay="仍扣留 {number}：{why}",
    retired="{name} 已作废",
    reworked="{name} 已作废；把板卡 {uid} 放入任意烧录位：会得到新证书",
    device_ended="云端不再允许 {name} 连接",
    no_device="云端已没有 {name}",
    slot_unlocked="{slot} 号位已解锁",
    station_unlocked="本站已解锁",
    serial_corrected="板卡 {uid}：序列号 {before} → {now}",
    vouched="请放回原板 {uid}，任意烧录位：再烧录一次 {name}",
    stranger="板卡 {uid}  自 {since}：可能存有 {name} 的部分内容",
    stranger_of_unknown="板卡 {uid}  自 {since}：可能存有一张本站没有的证书的部分内容",
    waits="  {name} 和板卡 {married} 等待班长说明 {uid} 的去向",
    takes_none="  班长说明 {uid} 的去向之前，它不会得到证书",
    no_strangers="没有去向不明的板卡",
    fates=MappingProxyType({Fate.WIPED: "已擦除", Fate.SCRAPPED: "已报废"}),
    waits_no_more="{name} 不再等待板卡 {uid}：{fate}",
    settled="板卡 {uid} {fate}；有关的证书不在本站",
    may_go_without="{nvr} 可以不带 {cameras} 烧录",
    without="{nvr}  不带 {cameras}",
    without_do="处理：station set short NVR --reason …，或 station set end NVR --reason …",
    no_sets="没有等待决定的套",
    set_ended="{nvr} 和它的 {number} 个摄像头已作废",
    stays_on_record="{name} 保留在记录中",
    kept=MappingProxyType(
        {
            Choice.HELD: "{name}：保留原有的；{state}",
            Choice.ARRIVED: "{name}：保留新到的；{state}",
        }
    ),
    no_disputes="没有不一致的证书",
    pin_set="{name} 的班长密码已设置。",
    removed="{name} 不再是班长。",
    none_yet="还没有：station supervisor set-pin",
)

_SLOTS = SlotWords(
    heads=("烧录位", "USB 位置", "端口", "转接器"),
    none="还没有设置烧录位：station slots assign 1",
    plug_in="请在 {slot} 号位插一块板 …",
    learned="{slot} 号位已绑定 {port}",
    permissions="设置 /dev/station 名称和权限：station udev print | sudo tee /etc/udev/rules.d/60-station.rules"
    " && sudo udevadm control --reload && sudo udevadm trigger",
)

_LEDGER = LedgerWords(
    backed_up="{file}：追溯记录 {lines} 行，校验值 {head}…，不含密钥",
    backed_up_with_key="{file}：追溯记录 {lines} 行，校验值 {head}…，含密钥",
    restored="已恢复：追溯记录 {lines} 行，备份时间 {at} UTC",
    locked="已锁定，等班长运行：station recover --reason …",
    comes_ready="今后到的证书都是待烧录",
    told="账本缺失的烧录记录 {told} 次，现在待确认的板卡 {in_doubt} 块",
    decided="账本缺失的决定 {number} 个重新生效：作废、扣留",
    withheld="已扣留 {number} 份：查找过对应的板卡之后运行 station release",
    must_look="需要人工查看：{what}",
    damaged="见证记录中有 {lines} 行已损坏或属于别的账本，已跳过",
    to_be_upgraded="账本是 certificate-station {version} 留下的，正在升级；数据多时需要几分钟",
    clock_behind="本机时钟比追溯记录的最后一行早 {seconds} 秒；请校时：sudo timedatectl set-ntp true",
    in_doubt_now="{name} 待确认：{do}",
    moved="账本已搬到 {to}：{rows} 行，追溯记录 {lines} 行，校验值 {head}…；原处已锁定",
    key_exported="数据密钥已存入 {file}，由口令保护；在其他烧录站导入后删除该文件",
    key_imported="整线的数据密钥现存放于 {key}；请备份",
    key_known="{key} 已是这把密钥",
    moved_before="账本早已位于 {to}：原处有 {rows} 行，追溯记录 {lines} 行，校验值 {head}…",
)

LINE = LineWords(
    heads=("烧录站", "近一小时", "合格率", "待放回", "不良品箱（红）", "最近联系"),
    seen="{seconds} 秒前",
    away="不在线",
    line="整线：近一小时 {per_hour} 块，剩余 {ready} 份{lasting}，待确认 {in_doubt} 份",
    lasting="（够用 {hours} 小时）",
    plan="计划：每小时 {plan} 块，已完成 {percent}",
    locked="已锁定 {lock}",
)

_SHOW = ShowWords(
    head="{name}  {state}  板卡 {uid}  批次 {batch}  {why}",
    serial="  序列号 {serial}",
    of_set="  {nvr} 的套：{size} 张中已烧录 {done} 张",
    missing="  还缺：{channels}",
    channel="通道 {number}",
    nvr="NVR 主机",
    proved="，比对方式 {method}",
    visit="，过站编号 {visit}",
    by="，批准 {name}",
    beside="  同板通道 {number} {name}",
)

COMMANDS = CommandWords(
    means="影响",
    do="处理",
    interrupted="已中断",
    go_on="{what}。继续吗？",
    stock_heads=("产品", "类型", "状态", "份数", "证书数"),
    received="共收到 {received} 张证书，已烧录 {consumed} 张",
    put_back="请放回原板 {uid}，任意烧录位",
    find_first="先找到板卡 {uid}：station stranger list",
    audit_head="追溯记录校验值 {head}（{lines} 行）",
    nothing_in_doubt="没有待确认的板卡",
    no_label_waits="没有等待打印的标签",
    label_printed="已打印 {name} 的标签：贴在板卡 {uid} 上",
    since="{name}  自 {since}：{do}",
    why="  原因：{why}",
    run=_RUN,
    progress=_PROGRESS,
    pull=_PULL,
    importing=_IMPORTING,
    supervisor=_SUPERVISOR,
    slots=_SLOTS,
    line=LINE,
    show=_SHOW,
    ledger=_LEDGER,
)
