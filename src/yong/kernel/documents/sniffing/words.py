"""Text: what it is encoded in, and that it is not markup or a script under another name."""

import codecs
import re
from mmap import mmap

from yong.kernel.base.text import Text
from yong.kernel.documents.sniffing.refusing import Unfit

_TAG = re.compile(
    rb"<(?:!doctype|\?xml|\?php|html|head|body|svg|script|iframe|style|xsl|math|object|embed)\b",
    re.IGNORECASE,
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # all but tab, line ends, form feed and escape
_PIECE = 1 << 20
_BINARY = Text("内容类型无法识别", "What the content is cannot be told")
_IS_MARKUP = Text("不接受 HTML、SVG、XML 或脚本", "HTML, SVG, XML and scripts are not taken")


def markup(data: mmap | bytes) -> bool:
    """Whether the beginning is markup that a browser would run."""
    head = data[:8192]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode()
    head = head.removeprefix(codecs.BOM_UTF8).lstrip()
    while head.startswith(b"<!--"):
        _, closed, rest = head.partition(b"-->")
        if not closed:
            return True  # a comment of that length is no text either
        head = rest.lstrip()
    return bool(_TAG.match(head))


def binary(data: mmap | bytes) -> bool:
    """Whether there is a byte in it that no text has."""
    return _CONTROL.search(data) is not None


def charset(data: mmap | bytes) -> str:
    """What a text is encoded in: utf-8, else gb18030. Raises Unfit for what is no text, or is markup."""
    if markup(data):
        raise Unfit(_IS_MARKUP)
    if binary(data):
        raise Unfit(_BINARY)
    for name in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(name)()
        try:
            for start in range(0, len(data), _PIECE):
                decoder.decode(data[start : start + _PIECE])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    raise Unfit(_BINARY)
