# SPDX-License-Identifier: GPL-3.0-or-later
"""错误详情：班长与工牌。"""

from __future__ import annotations

DETAILS = {
    "OP and a number, e.g. OP1042": "OP 加数字，例如 OP1042",
    "a PIN has at least {} characters": "密码至少 {} 个字符",
    "a badge is no PIN: everybody can read it": "工牌不能作密码：谁都看得见",
    "a board's label is no PIN: everybody can read it": "板卡标签不能作密码：谁都看得见",
    "a label or a badge is no PIN": "标签和工牌不是密码",
    "a supervisor proves to be one, since the recovery wants one; where none is known, the first is made": "恢复需要班长证明是班长本人；还没有班长时，就建第一位",
    "a supervisor's name has 1 to {} printable characters and no blank at its ends": "班长姓名为 1 到 {} 个可见字符，首尾没有空格",
    "add another first: station supervisor set-pin": "先加另一位：station supervisor set-pin",
    "choose a longer one": "请用长一些的",
    "choose another one": "请换一个",
    "look: station supervisor list": "查看：station supervisor list",
    "no supervisor PIN is set": "没有设班长密码",
    "run: station supervisor set-pin": "运行：station supervisor set-pin",
    "say which, with --supervisor: {}": "用 --supervisor 写明哪位：{}",
    "shift begins": "开班",
    "supervisor PIN set": "班长密码已设",
    "supervisor PIN tried": "试过班长密码",
    "supervisor removed": "已删除班长",
    "there are several supervisors": "有几位班长",
    "too many wrong PINs": "密码错误次数过多",
    "try again": "请再试",
    "who works here, and since when": "谁在作业、何时开始",
    "type the PIN": "请输入密码",
    "wrong PIN": "密码错误",
    "wrong supervisor PIN": "班长密码错误",
    "{} is no supervisor here{}": "{} 不是这里的班长{}",
    "{} is the only supervisor": "{} 是唯一的班长",
    "“{}” is not a badge": "“{}”不是工牌",
}
