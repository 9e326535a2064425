# SPDX-License-Identifier: GPL-3.0-or-later
"""How the page looks: light and dark as the reader's system is, on paper always light. Pass is blue and whole, fail is
vermilion and hatched by its edge, so that colour is not all that tells them apart.
"""

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--good:#0072b2;--bad:#d55e00}
@media(prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e6edf3;--soft:#9aa4ae;--line:#363d45;--good:#56b4e9;--bad:#ff9a52}}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--good:#0072b2;--bad:#d55e00}}
@page{size:A4;margin:14mm}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:24px;background:var(--paper);color:var(--ink);
font:14px/1.45 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif}
h1{font-size:26px;margin:0}h2{font-size:17px;margin:28px 0 8px}h3{font-size:13px;color:var(--soft);margin:14px 0 4px}
p{margin:4px 0;color:var(--soft)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:10px;margin:18px 0}
dl div{border:1px solid var(--line);border-radius:6px;padding:8px 12px}
dt{color:var(--soft);font-size:12px}dd{margin:0;font-size:24px;font-variant-numeric:tabular-nums}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 28px}.two section{min-width:0;break-inside:avoid}
table{border-collapse:collapse;width:100%;font-size:12px;font-variant-numeric:tabular-nums}
th{text-align:left;color:var(--soft);font-weight:600}td,th{border-bottom:1px solid var(--line);padding:3px 8px 3px 0;
vertical-align:top}
td{overflow-wrap:anywhere}.n{text-align:right}thead{display:table-header-group}tr{break-inside:avoid}
svg{width:100%;height:auto;font-size:12px}svg text{fill:var(--ink)}svg .name{text-anchor:end;fill:var(--soft)}
svg .when{text-anchor:middle;fill:var(--soft)}svg .good{fill:var(--good)}
svg .bad{fill:var(--bad);stroke:var(--ink);stroke-width:.8;stroke-dasharray:2 2}
svg .grid{stroke:var(--line)}svg .line{fill:none;stroke:var(--good);stroke-width:2}
nav{font-size:12px;margin:6px 0}nav a{color:var(--good);margin-right:10px}
.page{content-visibility:auto;contain-intrinsic-size:auto 5000px}
@media print{.page{content-visibility:visible}nav{display:none}}
.mono{font-family:ui-monospace,monospace;overflow-wrap:anywhere}.wrong{color:var(--bad);font-weight:700}
@media(max-width:800px),print{.two{gap:0 20px}body{padding:0 12px}}
@media(max-width:640px){.two{grid-template-columns:1fr}}
"""
