# SPDX-License-Identifier: GPL-3.0-or-later
"""命令帮助：账本、待确认、班长、备份、报告。"""

from __future__ import annotations

SUMMARIES = {
    "status": "各状态的库存、待确认、锁定：本站的现状。",
    "certs": "列出证书；绝不显示密钥。",
    "show": "一张证书或一块板卡的全部历史。",
    "history": "一张证书或一块板卡的来龙去脉，连同每次过站。",
    "resolve": "哪些待确认、怎么办；处理放回的板卡。",
    "conflict": "两个来源内容不一致的证书：查看并选定。",
    "stranger": "可能存有别的板卡证书内容的板卡（班长）。",
    "serial": "更正板卡的产品序列号（班长）。",
    "vouch": "确认空白板就是其标签下待确认的那块（班长）。",
    "retire": "永久作废一张证书（班长）。",
    "reconcile": "核对云端与本账本的差异。",
    "rework": "让已完成的板卡得到新证书，返工用（班长）。",
    "set": "有摄像头已作废的套（班长）。",
    "release": "把扣留的放回待烧录队列（班长）。",
    "unlock": "解锁烧录位或本站（班长）。",
    "key": "账本的数据密钥：rotate、change-passphrase、move、export、import。",
    "backup": "把账本、配置和产品配置存成一个文件。",
    "restore": "放回备份；接着恢复（班长）。",
    "recover": "账本被回退或复制后继续使用（班长）。",
    "adopt": "账本搬到本电脑后继续使用（班长）。",
    "ledger": "PostgreSQL 服务器上的整线账本：建立、检查、迁移。",
    "audit": "证明追溯记录完整；列出它。",
    "report": "导出、批次报告、交班、标签。",
    "supervisor": "班长及其密码：set-pin、list、remove。",
}

ABOUT = {
    "status": "按产品和状态列出库存，以及等人处理的一切：待确认、锁定、不一致、单独存放、恢复后扣留。"
    "需要人处理时退出码为 6，因完整性警报锁定时为 7。",
    "certs": "按到达顺序列出证书。绝不显示密钥。",
    "show": "一张证书（deviceName）或一块板卡（板卡号、标签、序列号）的全部历史。\n\n"
    "自带摄像头证书的 NVR，历史只写一遍。",
    "history": "证书、板卡、每次过站、追溯记录和云端的答复，按时间排列；板卡则列出它有过的每张证书和每次不良。\n\n"
    "名称是几张证书的共同开头时，只列出这些证书。",
    "reconcile": "再次询问云端，只列出不同之处：从未上过本厂板卡却已启用的（E706，退出码 7）；早已上板却从未启用的；"
    "云端有而账本没有的；已扣留而从未使用的；账本有而云端没有的。\n\n"
    "可随时停止（Ctrl-C），再次运行时从停下处继续。有不同之处时退出码为 6。",
    "resolve": "列出待确认的、恢复后遗留的，以及怎么办。有这样的板卡时退出码为 6。\n\n"
    "加 --slot 或 --port：查看放回该处的板卡；内容相同即算完成，否则把同一张证书再烧录一次。绝不占用新证书。",
    "conflict": "两个文件或两次拉取内容不一致的证书。班长选定之前，哪一份都不会烧录到板卡。",
    "conflict keep": "选定 NAME 的哪份内容正确：原有的（HELD）还是新到的（ARRIVED）。另一份会销毁，以后不再询问。"
    "仅因不一致而扣留的重新变为 READY。",
    "conflict list": "列出不一致的证书。有这样的证书时退出码为 6。",
    "conflict show": "NAME 的两份内容：各从哪里来，哪里不同，可以怎样选。绝不显示密钥。",
    "stranger": "烧录别的板卡时在烧录位里、可能存有其证书部分内容的板卡。",
    "stranger list": "列出这些板卡，以及在等它们的证书。有这样的板卡时退出码为 6。",
    "stranger settle": "说明板卡 UID 的去向。在等它的证书照常处理：放回原板。\n\n"
    "找不到板卡时，它仍可能存有该内容：请改为作废该证书。",
    "serial": "从板卡上扫描的产品序列号。",
    "serial correct": "把板卡 UID 的序列号改为 SERIAL；不写 SERIAL 则取消序列号，再放入时重新扫描。",
    "vouch": "确认标签下的空白板就是烧录过 NAME 的那块，不是贴错标签的另一块。\n\n"
    "用于没有自己板卡号的板卡，在 E631 之后。此后可以再烧录一次。",
    "retire": "永久作废证书 NAME（deviceName，或 productKey/deviceName）。\n\n"
    "其封存的密钥会销毁，绝不再烧录到板卡。它所在的板卡可以再得到另一张证书；"
    "已锁定的板卡（[agent] lock = true）要先用编程器擦除闪存。",
    "rework": "已完成的板卡（写板卡号、标签或证书名称）返工后回来时得到新证书。\n\n"
    "它原有的证书永久作废（RETIRED），同一板卡上整套摄像头的也一样；两者都留在板卡的历史里。"
    "已锁定的板卡（[agent] lock = true）要先用编程器擦除闪存，才能烧录新证书。"
    "云端支持时，旧设备可同时冻结或删除；以后用 `station batch freeze` 或 `station batch delete`。",
    "set": "摄像头各是一块板的套：有摄像头已作废的套等待班长决定。",
    "set end": "作废 NVR，以及套中不在任何板卡上的证书。\n\n已在或可能在板卡上的摄像头保留原有记录。",
    "set list": "有摄像头已作废、等待决定的套。有这样的套时退出码为 6。",
    "set short": "让 NVR 不带套中现已作废的摄像头烧录。\n\n"
    "产品配置须写 short_sets = true。以后再作废的摄像头要另行决定。",
    "release": "把扣留的证书 NAME（deviceName，或 productKey/deviceName）放回待烧录队列。\n\n"
    "来自云端的须先问过云端：`station pull BATCH --recheck`。在板卡上发现过的、云端已启用的，永远不能放回。"
    "批次中有仍扣留的时退出码为 6。",
    "unlock": "解锁烧录位 SLOT；不写则解锁本站。",
    "key": "账本的数据密钥。每次更改都记入追溯记录，可以在任何时刻被中断。\n\n"
    "密钥环或磁盘是否接受数据密钥，做了才知道；接受之前，数据密钥留在原处。",
    "key change-passphrase": "更换数据密钥的口令，至少 12 个字符。",
    "key export": "把数据密钥存到 FILE，由口令保护，供同一条线的其他烧录站使用：整线只有一把数据密钥。\n\n"
    "口令与文件分开传递；最后一台烧录站导入后删除该文件。",
    "key import": "导入另一台烧录站导出到 FILE 的数据密钥。本站原来的数据密钥会删除，除非有账本需要它。",
    "key move": "把数据密钥存入 0600 文件、用口令保护，或存入系统密钥环。原处会清空。",
    "key rotate": "用新的数据密钥重新封存账本里的全部设备密钥；旧密钥文件从此什么也打不开。\n\n"
    "这期间不能有烧录站使用账本。之后请重新备份：旧备份只能用旧数据密钥打开。指纹和见证记录不变。",
    "backup": "把账本、配置和产品配置存到 FILE，烧录不必停。\n\n"
    "其中没有明文密钥。没有数据密钥，里面的证书无法烧录：数据密钥文件另外保存，或加 --with-key。",
    "restore": "放回备份 FILE：账本，以及本电脑缺少的配置、产品配置和密钥。\n\n"
    "现有账本经同意后移到旁边保存。放回的账本保持锁定，直到 `station recover`；写了 --reason 就马上运行它："
    "备份之后做过的板卡，放回的账本并不知道。",
    "recover": "账本被回退、复制或从备份恢复后（E702）继续使用。\n\n"
    "见证记录里写到的，从此在所写的板卡上待确认：把这些板卡放入任意烧录位。见证记录中已作废或扣留的仍然如此。"
    "其余 READY 的全部扣留：带有它的板卡在任意烧录位被读出后登记，剩下的用 `station release` 放回。"
    "有见证记录不在或已损坏时，之后拉取的也先扣留，直到 --over。",
    "adopt": "原属另一台电脑的账本，在本电脑继续使用。那台电脑不得再用它烧录。\n\n"
    "与 `station recover` 相同：那台电脑此后做过的板卡，在这里任意烧录位被读出后登记。",
    "ledger": "PostgreSQL 服务器（13 或更新）上的整线账本：建立，检查服务器，把账本迁过去。\n\n"
    "烧录站在 station.toml 里用 `[ledger] url` 使用它，全线共用一把密钥。\n\n"
    "URL 是 postgresql://ROLE@HOST/DATABASE。其中绝不写密码：libpq 从 ~/.pgpass（chmod 600）读取。",
    "ledger check": "检查服务器是否保住已提交的内容，数据表的保护是否完整，角色的权限是否不多不少。\n\n"
    "用管理员的 URL 检查得最全，用烧录站的 URL 检查烧录站的权限；"
    "不给 URL 时用本站的 `[ledger] url`。一切正常时退出码为 0；否则取最严重的："
    "2 设置，3 服务器会丢失提交（E321），7 保护被改（E702）。--json："
    "version、role、administers、steps、benches 和 faults，后者各有 code、what、means 和 do。",
    "ledger copy": "把账本连同全部历史从 SRC 迁到 DST，两者各为文件或服务器的 URL。SRC 随之锁定。\n\n"
    "DST 是一个新文件，或刚由 `station ledger init` 建立的数据库（用其管理员的 URL）。两边都不得有烧录站在工作。"
    "被中断时，同一条命令接着做：DST 完整之前谁都不能用它，之后 SRC 什么也不发放。"
    "密钥仍由本站的数据密钥加密。--json：rows、lines、head、again。",
    "ledger init": "在 URL 的数据库中建立角色、数据表和权限，或更新到最新；再运行不改变任何内容。\n\n"
    "URL 的角色须能建立角色，并拥有该数据库。--json：steps（运行了的）、owner、bench。",
    "audit": "只增不改、哈希链接的记录，每次状态变化一行。",
    "audit log": "逐行列出全部追溯记录：何时、何事、由谁决定。加 --json 是 JSON 行，含证明和细节。",
    "audit reindex": "索引损坏时（`verify` 或 `station doctor` 报 E327），从数据表重建全部索引。",
    "audit verify": "重算全部追溯记录，并与数据逐行比较。校验失败会锁定本站，退出码为 7；"
    "记录完整但账本因不可信而锁定时也是 7。\n\n"
    "对只读文件夹中的副本，只说明结果。",
    "report": "质量系统用的导出、批次报告和标签。其中没有密钥。",
    "report batch": "一个批次到了什么，结果如何，以及对应的追溯记录校验值：每小时产量、合格率、"
    "不良代码、烧录位对比、各阶段用时。追溯记录已损坏时退出码为 7；报告照写并注明。",
    "report verify": "`station report batch --html` 生成的页面自签名后是否被改动，以及由哪台烧录站签名。\n\n"
    "被改动时退出码为 7；本账本和 --key 都不认得签名者时为 6。",
    "report export": "哪块板卡、在什么时候、在哪台烧录站、得到哪张证书：CSV；加 --json 是 JSON 行。",
    "report handover": "交班：把本班报告存成文本和 JSON，并开始下一班。",
    "report labels": "合格板卡的标签，ZPL II 格式，用于标签打印机：名称、板卡号，以及两者的二维码。\n\n"
    "一次全部输出；与 `station label print` 不同，不记录，也不标明重印。",
    "report shift": "本班至今：谁从何时开班、合计、按代码的不良数、待确认的板卡、库存、追溯记录校验值。",
    "supervisor": "谁可以解锁烧录位和作废证书：每人有自己的姓名和密码。",
    "supervisor list": "班长的姓名。",
    "supervisor remove": "把班长 NAME 从名单中去掉，任一班长的密码均可。最后一位会保留。",
    "supervisor set-pin": "设置班长密码。\n\n班长只能改自己的，凭现在的密码。新班长由任一其他班长的密码加入。",
}

OF_OPTIONS = {
    "--state": "只列出此状态。",
    "--batch": "只列出此批次。",
    "certs --product": "只列出此 productKey。",
    "certs --limit": "最多列出的条数。",
    "certs --offset": "跳过的条数。",
    "resolve --slot": "处理该烧录位里的板卡。",
    "resolve --port": "处理该设备或 URL 上的板卡。",
    "conflict keep --batch": "随该批次或文件到来的全部。",
    "conflict keep --reason": "如何得知；记入追溯记录。",
    "stranger settle --as": "wiped：已擦除并检查过，与别的板卡一样；scrapped：已销毁，再出现时触发警报。",
    "stranger settle --reason": "如何得知；记入追溯记录。",
    "serial correct --reason": "如何得知；记入追溯记录。",
    "vouch --reason": "如何得知；记入追溯记录。",
    "rework --device": "对云端的旧设备做什么。",
    "retire --reason": "原因：返工、报废、过期 …；记入追溯记录。",
    "--reason": "原因；记入追溯记录。",
    "release --batch": "该批次中扣留的、可以放回的全部。",
    "release --reason": "如何得知没有设备在用它；记入追溯记录。",
    "--new-passphrase-file": "存有新口令的 0600 文件，供脚本使用。",
    "status --line": "整线所有烧录站近一小时的情况，与计划对照。",
    "key export --new-passphrase-file": "存有新口令的 0600 文件，供脚本使用。",
    "key import --to": "密钥放在哪里。",
    "key import --file-passphrase-file": "存有 FILE 的口令的 0600 文件，供脚本使用。",
    "key import --new-passphrase-file": "存有新口令的 0600 文件，供脚本使用。",
    "key move --to": "密钥放在哪里。",
    "backup --with-key": "把数据密钥用口令封好一起放入。",
    "backup --new-passphrase-file": "存有该口令的 0600 文件，供脚本使用。",
    "restore --reason": "原因；凭班长密码接着恢复。",
    "recover --reason": "发生了什么；记入追溯记录。",
    "recover --over": "丢失的那段时间已处理完：以后到来的重新为 READY。",
    "adopt --reason": "发生了什么；记入追溯记录。",
    "ledger init --owner": "拥有数据表的角色；不用于登录。",
    "ledger init --bench": "烧录站登录用的角色。",
    "ledger init --bench-password-file": "存有烧录站角色密码的 0600 文件；不写则保持原有的，或没有密码。",
    "audit log --since": "此后记录的，例如 2026-11-22T06:00（UTC）。",
    "audit log --event": "只列出此类事件，例如 unlocked；可以写几次。",
    "audit log --after": "只列出此行号之后的。",
    "audit verify --head": "并核对以前印出的这个校验值在追溯记录中。",
    "reconcile --all": "所有批次。",
    "reconcile --since": "只询问此后有变动的批次，例如 2026-11-22（UTC）。",
    "reconcile --days": "板卡完成后多少天仍未启用，才列出。",
    "report batch --shift": "改为本班的报告。",
    "report batch --day": "改为某一天的报告，例如 2026-11-22。",
    "report batch --line": "改为整个账本的报告；产线账本则包括所有烧录站。",
    "report batch --html": "写到哪个文件：带图、有签名的一页，可阅读和打印。",
    "report batch --csv": "写到哪个文件：同样的数字，每行一个。",
    "report batch --xlsx": "写到哪个文件：同样的数字和全部证书，电子表格。",
    "report batch --language": "默认：[bench] language。",
    "report batch --verify": "重新计算全部追溯记录，而不只是最新的部分。",
    "report verify --key": "并核对由此公钥签名，即页面上印的那个。",
    "report export --since": "此后有变化的，例如 2026-11-22T06:00（UTC）。",
    "report export --visits": "改为列出每块板卡的每次过站，不良也在内。",
    "report export --output": "存到哪个文件；默认：标准输出。",
    "report handover --to": "谁接班：OP 加编号，与工牌相同。",
    "report labels --since": "此后完成的，例如 2026-11-22T06:00（UTC）。",
    "report labels --output": "文件或打印机设备；默认：标准输出。",
    "supervisor set-pin --name": "谁的密码。",
    "supervisor set-pin --new-pin-file": "存有新密码的 0600 文件。",
}
