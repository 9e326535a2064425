# SPDX-License-Identifier: GPL-3.0-or-later
"""错误代码：发生了什么、怎么办、对手上的板卡意味着什么。"""

from __future__ import annotations

from types import MappingProxyType

from station.codes import Code
from station.ledger.trouble import Trouble
from station.words.language import CodeText

_STAYS = "证书仍归这块板卡"
_NOTHING = "没有向板卡烧录任何内容"
_BLAMELESS = "不是板卡的问题"
_SAFE = "账本没有改动"
_WORKS_ON = "证书用完前可继续作业"

CODES = MappingProxyType(
    {
        Code.E100: CodeText("不能这样操作", "叫工程师"),
        Code.E110: CodeText("本站配置有误", "叫工程师"),
        Code.E111: CodeText("找不到或读不了产品配置", "叫工程师"),
        Code.E112: CodeText("产品配置有误", "叫工程师"),
        Code.E113: CodeText("设置缺失或有误", "叫工程师"),
        Code.E114: CodeText("密钥文件不能使用", "叫工程师"),
        Code.E115: CodeText("账本、烧录位或端口未设置", "叫工程师"),
        Code.E116: CodeText("账本中没有，或状态不符", "请查找核对"),
        Code.E117: CodeText("姓名或密码不能用", "请换一个"),
        Code.E119: CodeText("账本来自更新的版本", "叫工程师", _NOTHING),
        Code.E118: CodeText("程序缺少组件", "叫工程师"),
        Code.E120: CodeText("产品文件有误", "改正文件", "没有发送任何内容"),
        Code.E121: CodeText("信息不全", "写明产品和数量", "没有发送任何内容"),
        Code.E122: CodeText("文件不能导入", "改正文件", "没有导入任何内容"),
        Code.E123: CodeText("注册没有完成", "请继续完成"),
        Code.E124: CodeText("不是工牌", "请扫 OP 加数字的工牌，如 OP1042"),
        Code.E125: CodeText("不是板卡标签", "扫描板上的标签", _NOTHING),
        Code.E126: CodeText("备份文件不可用", "换一个文件"),
        Code.E127: CodeText("不是序列号", "扫描板上的序列号", _NOTHING),
        Code.E200: CodeText("板卡不良", "放入不良品箱（红）"),
        Code.E201: CodeText("板卡无应答", "检查是否放好，仍不行放入不良品箱（红）"),
        Code.E202: CodeText("板卡型号不对", "取出，核对产品", _NOTHING),
        Code.E203: CodeText("板卡拒绝烧录", "放入不良品箱（红）", _STAYS),
        Code.E204: CodeText("回读不一致", "放入不良品箱（红）", _STAYS),
        Code.E205: CodeText("证书过长，板卡存不下", "停下，叫工程师", _NOTHING),
        Code.E206: CodeText("板上已有未知证书", "单独放，叫工程师", _NOTHING),
        Code.E207: CodeText("板卡已锁", "单独放，叫工程师"),
        Code.E208: CodeText("板卡应答混乱", "清洁触点，再试一次"),
        Code.E209: CodeText("途中换了板卡", "两块板都隔离，叫班长", "另一块可能存有部分内容"),
        Code.E210: CodeText("这块板同时在另一个烧录位", "取出本位的板", _NOTHING),
        Code.E211: CodeText("已烧录，无法回读", "单独放，叫工程师", _STAYS),
        Code.E212: CodeText("标签与板卡不符", "核对标签，重新扫码", _NOTHING),
        Code.E213: CodeText("已完成的板丢了证书", "放入不良品箱（红）", _STAYS),
        Code.E214: CodeText("这块板不是待确认板", "请放回原板", _NOTHING),
        Code.E215: CodeText("烧录损坏了旁边的固件", "放入不良品箱（红），叫工程师", _STAYS),
        Code.E216: CodeText("板卡锁不上", "放入不良品箱（红）", _STAYS),
        Code.E217: CodeText("序列号与板卡不符", "核对序列号，重新扫码", _NOTHING),
        Code.E300: CodeText("本站故障，不是板卡", "叫工程师", _BLAMELESS),
        Code.E301: CodeText("烧录时本站已停", "请放回原板，任意烧录位", _STAYS),
        Code.E310: CodeText("端口故障，不是板卡", "检查线缆", _BLAMELESS),
        Code.E311: CodeText("端口断开", "检查线缆，重新插入", _BLAMELESS),
        Code.E312: CodeText("端口被其他程序占用", "叫工程师", _BLAMELESS),
        Code.E313: CodeText("找不到端口", "检查本位线缆", _BLAMELESS),
        Code.E314: CodeText("端口无权限", "叫工程师", _BLAMELESS),
        Code.E315: CodeText("扫码枪未连接", "请插好扫码枪", "键盘式扫码枪和按键仍可用"),
        Code.E316: CodeText("灯塔、声音或上传不工作", "叫工程师", "不影响板卡"),
        Code.E317: CodeText("标签打印机不打印", "检查打印机"),
        Code.E318: CodeText("工厂系统不接收数据", "叫工程师", "不影响板卡"),
        Code.E320: CodeText("磁盘记录失败", "停下，叫工程师", _SAFE),
        Code.E321: CodeText("服务器或磁盘写入不可靠", "停下，叫工程师", _SAFE),
        Code.E322: CodeText("账本文件损坏", "停下，叫工程师", _SAFE),
        Code.E323: CodeText("被其他程序改动", "停下，叫工程师", _SAFE),
        Code.E324: CodeText("密钥已销毁", "停下，叫工程师", _SAFE),
        Code.E325: CodeText("校验结果不成立", "停下，叫工程师", _STAYS),
        Code.E326: CodeText("一块板有两把密钥", "停下，叫工程师", _SAFE),
        Code.E327: CodeText("账本索引损坏", "停下，叫工程师", _SAFE),
        Code.E328: CodeText("见证记录无法写入", "停下，叫工程师", _SAFE),
        Code.E329: CodeText("连不上产线服务器", "板卡留在原位，恢复后自动继续", _SAFE),
        Code.E330: CodeText("被中断", "请放回原板，任意烧录位", _STAYS),
        Code.E331: CodeText("运行提前结束", "结束程序，重新启动", _BLAMELESS),
        Code.E399: CodeText("程序缺陷", "停下，叫工程师", _BLAMELESS),
        Code.E400: CodeText("云端故障", "继续作业，叫工程师", _WORKS_ON),
        Code.E401: CodeText("连不上云端", "证书用完前可继续", _WORKS_ON),
        Code.E402: CodeText("云端拒绝", "继续作业，叫工程师", _WORKS_ON),
        Code.E403: CodeText("云端应答不可信", "继续作业，叫工程师", _WORKS_ON),
        Code.E404: CodeText("云端批次未就绪", "稍后再拉取", _WORKS_ON),
        Code.E405: CodeText("云端未给全批次", "稍后再拉取", _WORKS_ON),
        Code.E500: CodeText("证书（三元组）已用完", "等待证书，叫班长", _NOTHING),
        Code.E600: CodeText("需要人工处理", "叫班长"),
        Code.E601: CodeText("板卡待确认", "请放回原板", _STAYS),
        Code.E602: CodeText("本位已锁：连续 3 块不良", "叫班长"),
        Code.E603: CodeText("全站已锁：10 块中 5 块不良", "叫班长"),
        Code.E604: CodeText("云端结果不明", "叫工程师", "可能已经完成并计费"),
        Code.E605: CodeText("密码错误", "请再试"),
        Code.E606: CodeText("密码错误次数过多", "请等一分钟"),
        Code.E607: CodeText("未设置密码", "叫工程师"),
        Code.E608: CodeText("班长已锁定", "叫班长"),
        Code.E609: CodeText("有板卡正在烧录", "等所有烧录位空闲"),
        Code.E610: CodeText("哪位班长？", "选择姓名，再试"),
        Code.E611: CodeText("班长操作中", "请等待"),
        Code.E612: CodeText("已不用确认", "请取出板卡"),
        Code.E613: CodeText("已完成的板读不清", "先让它开机一次，再放入", _STAYS),
        Code.E614: CodeText("解锁无法解除", "叫工程师"),
        Code.E615: CodeText("恢复时扣留", "叫班长"),
        Code.E616: CodeText("它的证书不在本账本", "单独放，叫班长", _NOTHING),
        Code.E617: CodeText("云端显示已在使用", "叫班长", _NOTHING),
        Code.E618: CodeText("云端未说明是否在用", "叫班长", _NOTHING),
        Code.E619: CodeText("证书有争议", "取下板，重新放入", _NOTHING),
        Code.E620: CodeText("不能放回：已在板上或云端已启用", "请作废", _SAFE),
        Code.E621: CodeText("扣留后还没有问过云端", "先用 --recheck 拉取，再试", _SAFE),
        Code.E622: CodeText("这块板的警报已解除", "取出，单独放", _NOTHING),
        Code.E630: CodeText("另一块板可能存有部分内容", "找到另一块板，叫班长", _NOTHING),
        Code.E631: CodeText("烧录过，却是空白", "核对标签归属，叫班长", _NOTHING),
        Code.E632: CodeText("工厂系统拒收一条数据", "叫工程师", "不影响板卡"),
        Code.E635: CodeText("这块板有两张证书", "放一边，叫工程师", _NOTHING),
        Code.E700: CodeText("警报", "全部停下，叫班长"),
        Code.E701: CodeText("重号：两块板证书相同", "两块都隔离，叫班长"),
        Code.E702: CodeText("账本被回退或改动", "全部停下，叫班长"),
        Code.E703: CodeText("保存的密钥打不开", "全部停下，叫班长"),
        Code.E704: CodeText("账本违反自身规则", "全部停下，叫班长"),
        Code.E705: CodeText("发现未曾下发的证书", "停线，叫班长"),
        Code.E707: CodeText("报告被改动", "从账本重新生成"),
    }
)

TROUBLES = MappingProxyType(
    {
        Trouble.FILE: CodeText("账本文件丢失或被替换", "全部停下，叫工程师"),
        Trouble.WITNESS: CodeText("这是较旧的账本副本", "全部停下，叫工程师"),
        Trouble.MACHINE: CodeText("这本账本属于另一台电脑", "全部停下，叫工程师"),
        Trouble.MOVED: CodeText("这本账本已迁到别处", "全部停下，叫工程师"),
    }
)

SHORT = MappingProxyType(
    {
        "请取出板卡": "取出",
        "放入不良品箱（红）": "不良品箱",
        "放入不良品箱（红），叫工程师": "不良品箱",
        "结束程序，重新启动": "重新启动",
        "检查是否放好，仍不行放入不良品箱（红）": "重新放好",
        "取出，核对产品": "取出核对",
        "取出，单独放": "单独放",
        "停下，叫工程师": "停，叫人",
        "单独放，叫工程师": "单独放",
        "清洁触点，再试一次": "清洁触点",
        "两块板都隔离，叫班长": "隔离两板",
        "找到另一块板，叫班长": "找另一板",
        "核对标签归属，叫班长": "叫班长",
        "核对标签，重新扫码": "重新扫码",
        "请放回原板": "放回原板",
        "请放回原板，任意烧录位": "放回原板",
        "检查线缆，重新插入": "检查线缆",
        "检查本位线缆": "检查线缆",
        "请插好扫码枪": "插扫码枪",
        "等待证书，叫班长": "等待证书",
        "等所有烧录位空闲": "请等待",
        "取下板，重新放入": "重新放入",
        "选择姓名，再试": "请再试",
        "全部停下，叫班长": "停，叫班长",
        "两块都隔离，叫班长": "隔离两板",
        "停线，叫班长": "停，叫班长",
    }
)
"""小格子里的简短说法：最多十格，旁边是代码。"""
