"""The measures and fonts of GB/T 9704-2012, in the units of a Word document.

Lengths are twips (1/20 pt), sizes of type half-points. Word's own file format wants them so.
"""

from __future__ import annotations

PAGE_WIDTH, PAGE_HEIGHT = 11906, 16838  # A4, 210 × 297 mm
MARGIN_TOP, MARGIN_LEFT = 2098, 1587  # 天头 37 mm, 订口 28 mm
MARGIN_RIGHT, MARGIN_BOTTOM = 1474, 1984  # 26 mm and 35 mm leave a text block of 156 × 225 mm
FOOTER_DISTANCE = 1417  # 25 mm: a line of 14 pt then stands 7 mm below the text block
TEXT_WIDTH = PAGE_WIDTH - MARGIN_LEFT - MARGIN_RIGHT
TEXT_HEIGHT = PAGE_HEIGHT - MARGIN_TOP - MARGIN_BOTTOM

LINES, CHARACTERS = 22, 28
TITLE_CHARACTERS = 20  # of 二号 in 156 mm
LINE_PITCH = 579  # 28.95 pt; with 580 the 22nd line no longer fits
CHARACTER_SPACE = -848  # 1/4096 pt less than 16 pt: 28 characters then fill 156 mm
CHARACTER_PITCH = 316  # 15.79 pt, what one character takes of a line

BODY_SIZE = 32  # 三号
TITLE_SIZE = 44  # 二号
TITLE_PITCH = 700  # 35 pt: the standard is silent, handbooks of offices agree on this
PAGE_NUMBER_SIZE = 28  # 四号
CAPTION_SIZE = 24  # 小四
TABLE_SIZES = {24: 400, 21: 320, 18: 280}  # 小四, 五号, 小五, each with its line pitch

BODY_FONT = "仿宋_GB2312"
TITLE_FONT = "方正小标宋简体"
HEAVY_FONT = "黑体"
SCRIPT_FONT = "楷体_GB2312"
SONG_FONT = "宋体"

# What an office's computer has where it lacks the font of the standard's name.
SUBSTITUTES = {
    BODY_FONT: "仿宋",
    TITLE_FONT: "方正小标宋_GBK",
    HEAVY_FONT: "SimHei",
    SCRIPT_FONT: "楷体",
    SONG_FONT: "SimSun",
}
