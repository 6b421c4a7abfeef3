"""The fonts of a machine that papers are set in: a Chinese one must be there."""

from pathlib import Path

import msgspec

from yong.kernel.base.errors import Unavailable
from yong.kernel.base.text import Text
from yong.kernel.documents.extra import need

SERIF = (
    "FangSong_GB2312", "FangSong", "STFangsong", "Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC", "SimSun",
    "STSong", "Songti SC", "AR PL UMing CN",
)  # fmt: skip
SANS = (
    "SimHei", "STHeiti", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "Heiti SC", "PingFang SC",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Microsoft YaHei",
)  # fmt: skip
_ABSENT = Text(
    "缺少中文字体，无法排版：请安装 Noto CJK 字体（Debian：apt-get install fonts-noto-cjk）",
    "There is no Chinese font to set papers in: install the Noto CJK fonts (Debian: apt-get install fonts-noto-cjk)",
)
_NOT_HERE = Text(
    "没有字体 {name}（设置 document_font），请安装该字体或改用其他字体",
    "The font {name} (setting document_font) is not here: install it, or name another one",
)


class Fonts(msgspec.Struct, frozen=True):
    """A family for text and one for headings, and the folders where they lie. A City part."""

    serif: str
    sans: str
    folders: tuple[str, ...]


def found(wanted: str = "") -> Fonts:
    """The fonts of this machine, `wanted` for text where it is given. Raises Unavailable, which names the remedy."""
    need("typst")
    import typst

    where: dict[str, set[str]] = {}
    for font in typst.Fonts(include_system_fonts=True).fonts():
        if font.path is not None:
            where.setdefault(font.family, set()).add(str(Path(font.path).parent))
    return chosen(where, wanted)


def chosen(where: dict[str, set[str]], wanted: str = "") -> Fonts:
    """The first families that are there, of those that have Chinese."""
    if wanted and wanted not in where:
        raise Unavailable(_NOT_HERE, name=wanted)
    serif = wanted or next((f for f in (*SERIF, *SANS) if f in where), None)
    if serif is None:
        raise Unavailable(_ABSENT)
    sans = next((f for f in SANS if f in where), serif)
    return Fonts(serif, sans, tuple(sorted(where[serif] | where[sans])))
