# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's card: one page of A4 to be printed and hung up, with a picture of each tile as the screen paints it.

It needs nothing else: no network, no script, no font of its own.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape

from station.codes import Blame, Code
from station.events import Phase, SlotEvent, SlotState
from station.tui.tile import paint
from station.tui.tile_picture import tile_picture
from station.words.card_words import TileWords, card_words
from station.words.language import Words

_CELLS = (44, 10)
_SHOWN = {
    SlotState.BUSY: {"phase": Phase.WRITE, "percent": 45},
    SlotState.FAIL: {"code": Code.E204, "blame": Blame.BOARD},
    SlotState.IN_DOUBT: {"code": Code.E601},
    SlotState.WAITING: {"code": Code.E312},
    SlotState.NO_STOCK: {"code": Code.E500},
    SlotState.LOCKED: {"code": Code.E602},
}
"""What a tile of this state has on it."""
_BARE = (SlotState.EMPTY, SlotState.READY, SlotState.WAITING, SlotState.NO_STOCK, SlotState.LOCKED)
"""No board has said who it is."""
_STYLE = """
@page{size:A4 portrait;margin:0}
*{box-sizing:border-box;-webkit-print-color-adjust:exact;print-color-adjust:exact}
html,body{margin:0;background:#fff;color:#000}
body{width:210mm;height:296mm;padding:9mm 10mm;display:flex;flex-direction:column;
font:11.5pt/1.3 system-ui,"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif}
h1{font-size:22pt;line-height:1.1;margin:0}header p{font-size:13pt;margin:1mm 0 3mm}
ul{list-style:none;margin:0;padding:0;flex:1;display:flex;flex-direction:column;justify-content:space-between}
li{display:flex;align-items:center;gap:6mm}li p{margin:0}li .do{font-weight:700;font-size:15pt;line-height:1.2}
svg{flex:none;display:block;width:47mm;height:auto;border-radius:.8mm}
svg text{font:13px ui-monospace,"DejaVu Sans Mono","Noto Sans Mono CJK SC",Consolas,monospace}
footer{border-top:.5mm solid #000;padding-top:2.5mm;margin-top:3mm}footer p{margin:.8mm 0}
.alarm{background:#000;color:#fff;font-weight:700;font-size:13pt;padding:1.6mm 3mm}
"""


def card_page(words: Words) -> str:
    """HTML, in the language of `words`."""
    text = card_words(words)
    style = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    rules = "".join(f"<p>{escape(rule)}</p>" for rule in text.rules)
    return "\n".join(
        [
            f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f"<title>{escape(text.title)}</title><style>{_STYLE}</style></head><body>",
            f"<header><h1>{escape(text.title)}</h1><p>{escape(text.subtitle)}</p></header><ul>",
            *(_item(state, about, words) for state, about in text.tiles.items()),
            f'</ul><footer><p class="alarm">{escape(text.alarm)}</p>{rules}</footer>',
            "</body></html>\n",
        ]
    )


def _item(state: SlotState, about: TileWords, words: Words) -> str:
    word = words.states[state][0]
    picture = tile_picture(paint(_sample(state), words, *_CELLS), word)
    named = card_words(words).named.format(tile=word, means=about.means)
    said = f'<div><p class="do">{escape(about.do)}</p><p>{escape(named)}</p></div>'
    return f'<li data-state="{state}">{picture}{said}</li>'


def _sample(state: SlotState) -> SlotEvent:
    named = {} if state in _BARE else {"uid": "a4cf12bc00a1", "device_name": "cam_1234"}
    return SlotEvent(slot="3", at=0.0, state=state, **named, **_SHOWN.get(state, {}))  # type: ignore[arg-type]
