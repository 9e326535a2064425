# SPDX-License-Identifier: GPL-3.0-or-later
"""中文：首次设置、订购。"""

from __future__ import annotations

from types import MappingProxyType

from station.words.guide_words import GuideWords

GUIDE = GuideWords(
    set_up="本站首次设置",
    language="Language / 语言",
    key="本站的数据密钥怎样存放？",
    bench="本站",
    bench_name="本站名称，用于追溯记录和报告",
    key_phrase="口令，至少 12 个字符",
    again="再输入一次",
    not_the_same="两次输入不一样，未保存。",
    back_up="已生成数据密钥 {key}，请备份：丢失后，未烧录的证书无法使用。",
    supervisor="第一位班长：可以解锁、作废、订购",
    supervisor_name="班长姓名",
    pin="密码，至少 6 个字符",
    source="证书从哪里来？",
    a_file="文件：CSV、XLSX、JSON 或 zip",
    file="文件路径",
    reading="正在读取文件 …",
    taking_in="正在导入证书 …",
    came="文件中有 {number} 张证书，新到 {new} 张",
    account="{cloud} 账号",
    trying="正在用此账号连接 {cloud} …",
    answered="{cloud} 连接成功，账号已保存。",
    no_answer="{cloud} 没有确认这个账号",
    type_again="重新输入",
    keep_untried="先保存，不验证；网络以后再接",
    product="本站生产哪个产品？",
    type_product="其他产品：输入 productKey",
    product_key="productKey",
    profile="{product} 用的是哪种板卡？",
    profile_used="正在使用产品配置 {name}。",
    another_profile="换产品或产品配置",
    slots="烧录位：每次只插一块板卡",
    plug="{slot} 号位：现在插入一块板卡",
    type_port="输入端口：设备路径或网络地址",
    port="端口，例如 /dev/serial/by-path/… 或 socket://host:port",
    port_of="{slot} 号位的端口",
    enough="烧录位已齐：继续",
    take_back="{slot} 号位是 {port}：撤销",
    looking="正在只读检查 {slot} 号位的板卡，不烧录 …",
    port_kept="已停止的检查还占用着端口，很快释放 …",
    batch="第一批证书",
    batch_made_elsewhere="拉取在别处生成的批次",
    pull_batch="拉取批次 {batch}（{number} 张证书）",
    pulling="正在拉取批次 {batch} …",
    pulled="批次 {batch}：已到 {number} 张证书。",
    later="以后再说：先打开本站，暂无证书",
    go_on="继续",
    failed="没有成功",
    try_again="重试",
    ready="全部就绪",
    open_bench="打开本站",
    done="完成",
    change_slots="烧录位：添加或撤销",
    order="订购证书（收费）",
    nothing_offered="本站没有能生成批次的云端账号。IoTDA 设备请用：station batch register。",
    names_file="文本文件路径，每行一个设备名",
    no_number="这不是数量，请输入数字。",
    checking="正在向云端查询产品，尚未订购 …",
    costs="在 {cloud} 订购 {product} 的 {what}。收费，不能退回。",
    number_again="数量很大，请再输入一次",
    another_number="数量不一致，未发送。",
    pin_to_order="班长密码，用于订购",
    sending="正在订购，请勿关机 …",
    next_field="回车：下一项，最后一项完成    ↑↓：换行",
    needed="此项必填：{line}",
    which_number="编号",
    no_such_number="请输入 1 到 {most} 的编号，或输入 < 返回。",
    not_text="输入的不是 UTF-8 文字。请重新输入，或检查终端编码。",
    plain_keys="回车：用 [ ] 中的值    <：返回    -：留空    Ctrl+C：以后继续",
    plain_stop="Ctrl+C：停止",
    wait="请稍候",
    stop="Esc：停止",
    leave="Ctrl+Q：以后继续",
    still_ordering="现在不能结束：正在订购",
    left="设置尚未完成。再运行 station run 或 station init，从中断处继续。",
    all_ready="全部就绪。运行 station run 打开本站。",
    made="""\
已生成 {file} 和数据密钥 {key}。
请备份密钥：丢失后，未烧录的证书无法使用。

下一步，在终端运行 {station} run（全屏首次设置）或 {station} init（同样的问题，逐行回答）。
也可以逐条运行命令：
{first}  1. station supervisor set-pin       第一位班长的密码：可以解锁、作废、订购
  2. 把云端的 AppKey、项目 ID 和密钥文件填入 {file}
  3. station doctor                   检查本站
  4. station profile list             已知的板卡；station profile new NAME --like … 生成自己的产品配置
  5. station slots assign 1 2 3 4     绑定烧录位与 USB 端口
  6. station pull BATCH               拉取证书
  7. station run                      打开操作界面（脚本请用 station flash）""",
    ordered="已订购：批次 {batches}",
    order_key="F8：订购",
    clouds=MappingProxyType({"living": "飞燕 Living Link", "iotda": "华为云 IoTDA", "aliyun-iot": "阿里云物联网平台"}),
    kept_by=MappingProxyType(
        {
            "file": "存入仅本用户可读的文件",
            "passphrase": "用口令保护，每次启动时输入",
            "keyring": "存入系统密钥环",
        }
    ),
    about_kept_by=MappingProxyType(
        {
            "file": "可自动启动；能读此磁盘者即可读密钥",
            "passphrase": "磁盘被盗也打不开；口令丢失也打不开",
            "keyring": "需要已解锁的桌面会话",
        }
    ),
    order_of=MappingProxyType(
        {
            "number": "由云端命名",
            "names": "文件中的设备名",
            "sets": "NVR 及其摄像头",
        }
    ),
    how_many=MappingProxyType(
        {
            "number": "要多少张证书？",
            "names": "要多少张证书？",
            "sets": "要多少台 NVR？",
        }
    ),
    amount_of=MappingProxyType(
        {
            "number": "{number} 张证书",
            "names": "{number} 张自定名称的证书",
            "sets": "{number} 台 NVR 及其摄像头",
        }
    ),
    settings=MappingProxyType(
        {
            "cloud.living.url": "所在地域的网关地址",
            "cloud.living.app_key": "AppKey",
            "cloud.living.project_id": "项目 ID",
            "cloud.living.secret_file": "AppSecret",
            "cloud.iotda.url": "实例地址（应用侧，https）",
            "cloud.iotda.region": "区域，例如 cn-north-4",
            "cloud.iotda.project_id": "项目 ID",
            "cloud.iotda.instance_id": "实例 ID；没有则留空",
            "cloud.iotda.access_key": "访问密钥 AK",
            "cloud.iotda.secret_file": "访问密钥 SK",
            "cloud.aliyun_iot.region": "地域，例如 cn-shanghai",
            "cloud.aliyun_iot.url": "地址；留空用地域的地址",
            "cloud.aliyun_iot.instance_id": "实例 ID；没有则留空",
            "cloud.aliyun_iot.access_key": "AccessKey ID",
            "cloud.aliyun_iot.secret_file": "AccessKey Secret",
        }
    ),
)
