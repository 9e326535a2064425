# SPDX-License-Identifier: GPL-3.0-or-later
"""命令帮助和用法错误的文字。"""

from __future__ import annotations

from types import MappingProxyType

from station.words import chinese_help_bench, chinese_help_cloud, chinese_help_ledger
from station.words.help_words import HelpWords

_PARTS = {
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]…",
    "[COMMAND] [ARGS]...": "[命令] [参数]…",
    "TEXT": "文本",
    "INTEGER": "整数",
    "INTEGER RANGE": "整数",
    "FLOAT": "数值",
    "FLOAT RANGE": "数值",
    "FILE": "文件",
    "DIRECTORY": "文件夹",
    "required": "必填",
    "(any free one)": "任意空闲端口",
    "SECONDS": "秒数",
}
_ERRORS = {
    "Missing argument {name}. {message}": "缺少参数 {name}。{message}",
    "Missing argument {name}.": "缺少参数 {name}。",
    "Missing option {name}. {message}": "缺少选项 {name}。{message}",
    "Missing option {name}.": "缺少选项 {name}。",
    "Missing command.": "缺少命令。",
    "No such option: {name} {message}": "没有选项 {name}。{message}",
    "No such option: {name}": "没有选项 {name}。",
    "No such option {name}. {message}": "没有选项 {name}。{message}",
    "No such option {name}.": "没有选项 {name}。",
    "No such command {name}. {message}": "没有命令 {name}。{message}",
    "No such command {name}.": "没有命令 {name}。",
    "Did you mean {name}?": "是不是 {name}？",
    "(Did you mean one of: {name}?)": "是不是其中之一：{name}？",
    "(Possible options: {name})": "是不是其中之一：{name}？",
    "Got unexpected extra argument ({name})": "多余的参数：{name}",
    "Got unexpected extra arguments ({name})": "多余的参数：{name}",
    "Option {name} requires an argument.": "选项 {name} 后面要有值。",
    "Option {name} does not take a value.": "选项 {name} 不带值。",
    "Invalid value for {name}: {message}": "{name} 的值无效：{message}",
    "Invalid value: {message}": "值无效：{message}",
    "Choose from:\n\t{choices}": "可选：\n\t{choices}",
    "{name} is not one of {choices}.": "{name} 不在可选值之内：{choices}。",
    "{name} is not a valid integer.": "{name} 不是整数。",
    "{name} is not a valid integer range.": "{name} 不是整数。",
    "{name} is not a valid float.": "{name} 不是数值。",
    "{name} is not a valid float range.": "{name} 不是数值。",
    "{name} is not in the range {range}.": "{name} 超出范围 {range}。",
    "File {name} does not exist.": "文件 {name} 不存在。",
    "File {name} is a directory.": "{name} 是文件夹，不是文件。",
    "File {name} is not readable.": "文件 {name} 无法读取。",
    "File {name} is not writable.": "文件 {name} 不可写。",
    "Directory {name} does not exist.": "文件夹 {name} 不存在。",
    "Directory {name} is a file.": "{name} 是文件，不是文件夹。",
    "Directory {name} is not readable.": "文件夹 {name} 无法读取。",
    "{name} is not {choice}.": "{name} 不是 {choice}。",
    "it is empty": "内容为空",
    "fault script: {word} is not key=value": "故障脚本：{word} 不是 key=value",
    "fault script: {words} has neither do= nor quirk=": "故障脚本：{words} 没有 do=，也没有 quirk=",
    "fault script: {word}: {message}": "故障脚本：{word}：{message}",
    "unknown key": "没有这个键",
    "unknown name; known: {names}": "没有这个名称；可用：{names}",
    "is used as {usage}": "写法为 {usage}",
    "{file} belongs to {owner}, not to {board}: use that one, or another file": (
        "{file} 属于 {owner}，不属于 {board}：请用那一块，或换一个文件"
    ),
    "line {number} of {path}: {message}": "{path} 第 {number} 行：{message}",
    "cannot read {path}: {message}": "无法读取 {path}：{message}",
    "{path} has no partition": "{path} 中没有分区",
    "name, type, subtype, offset and size are needed": "需要 name、type、subtype、offset 和 size",
    "the name {name} is longer than 15 bytes": "名称 {name} 超过 15 字节",
    "type {kind} is none of {kinds}": "类型 {kind} 不是 {kinds} 之一",
    "subtype {subtype} of {kind} is not known": "{kind} 没有子类型 {subtype}",
    "offset {at} is no multiple of {alignment}": "偏移 {at} 不是 {alignment} 的整数倍",
    "a partition without a size": "有分区没有写大小",
    "{text} is below zero": "{text} 小于零",
    "not a MAC address: {text}": "不是 MAC 地址：{text}",
    "port {port}: {message}": "端口 {port}：{message}",
    "“{name}” is no time; e.g. {example}": "“{name}” 不是时间；例如 {example}",
    "choose one of {choices}": "可选：{choices}",
}

HELP = HelpWords(
    usage="用法：",
    options="选项：",
    commands="命令：",
    try_help="查看帮助：{command}",
    error="错误：{message}",
    default="默认：{value}",
    show_help="显示本帮助。",
    parts=MappingProxyType(_PARTS),
    errors=MappingProxyType(_ERRORS),
    summaries=MappingProxyType(
        {**chinese_help_bench.SUMMARIES, **chinese_help_cloud.SUMMARIES, **chinese_help_ledger.SUMMARIES}
    ),
    about=MappingProxyType({**chinese_help_bench.ABOUT, **chinese_help_cloud.ABOUT, **chinese_help_ledger.ABOUT}),
    of_options=MappingProxyType(
        {**chinese_help_bench.OF_OPTIONS, **chinese_help_cloud.OF_OPTIONS, **chinese_help_ledger.OF_OPTIONS}
    ),
)
