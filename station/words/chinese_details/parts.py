# SPDX-License-Identifier: GPL-3.0-or-later
"""别的文字中的一部分：由几段拼成，源代码中没有一处写出全文。导入文件的各行由 tests/cli/test_chinese_bench.py 逐一试过。"""

from __future__ import annotations

PARTS = {
    "slot {}": "烧录位 {}",
    "row {}: {}": "第 {} 行：{}",
    "e.g. {}": "例如 {}",
    "use: {}": "可用：{}",
    "simulated": "模拟",
    "firmware": "固件",
    # 要导入的文件的一行
    "a formula in the sheet, so that its value may be an old one": "表格中的公式，数值可能是旧的",
    "a list or an object, not a text": "列表或对象，不是文本",
    "a number in the sheet, so that zeros in front or digits at the end may be lost": "表格中的数字，前面的零或末尾的数字可能丢失",
    "a number, so that zeros in front or digits at the end may be lost": "数字，前面的零或末尾的数字可能丢失",
    "an error or a date in the sheet, not a text": "表格中的错误值或日期，不是文本",
    "deviceSecret has {} characters, those of its neighbours {}: it may be cut off (--any-length if all are whole)": "deviceSecret 有 {} 个字符，相邻行有 {} 个：可能被截断（都完整时用 --any-length）",
    "has a character inside that cannot be seen ({})": "中间有看不见的字符（{}）",
    "is a number that a spreadsheet has shortened: export the file again": "是被表格软件缩短的数字：请重新导出文件",
    "is {}: enter it as text, or import a CSV from the console": "是{}：请作为文本输入，或导入控制台的 CSV",
    "it has the deviceSecret of row {} too": "与第 {} 行的 deviceSecret 相同",
    "productSecret is not that of the other rows of its product": "productSecret 与同一产品的其他行不同",
    "row {}, a quotation mark is open or in the wrong place ({})": "第 {} 行，引号没有闭合或位置不对（{}）",
    "the channel is not a number from 0 to 255": "通道不是 0 到 255 的数字",
    "true or false, not a text": "true 或 false，不是文本",
    # 导入时的提示
    "invisible characters": "看不见的字符",
    "the answer holds {} of {}: it is one page of several": "应答有 {1} 项中的 {0} 项：只是其中一页",
    "the hidden sheet “{}” was left alone": "隐藏的工作表“{}”没有读取",
    "the names are digits of different lengths: if a spreadsheet dropped zeros, do not go on": "名称都是数字，长度不一：若表格软件去掉了前面的零，请不要继续",
    'text guards (\' or ="…")': '文本标记（\' 或 ="…"）',
    "unexpected end of data": "文件到此中断",
    "{} were taken off {} cells, first in row {}": "已从 {1} 个单元格去掉{0}，首次在第 {2} 行",
}
