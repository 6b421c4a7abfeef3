"""Videos and pictures in boxes of the ISO base media file format (ISO/IEC 14496-12)."""

import struct
from mmap import mmap

from yong.kernel.base.text import Text
from yong.kernel.documents.sniffing.refusing import Unfit, damaged

_VIDEO = frozenset((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4", b"3gp5", b"3gp6", b"MSNV"))  # fmt: skip
_STILL = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"))
_MOST_BOXES = 100_000
_PHOTO = Text(
    "不接受 HEIC/AVIF 照片，请存为 JPEG（iPhone：设置—相机—格式—兼容性最佳）",
    "HEIC and AVIF photos are not taken: save it as JPEG (iPhone: Settings, Camera, Formats, Most Compatible)",
)
_OTHER = Text(
    "不接受此种视频（{brand}），请存为 MP4", "This kind of video ({brand}) is not taken: save it as MP4"
)


def kind(data: mmap | bytes) -> str:
    """The media type of a file that begins with an `ftyp` box. Raises Unfit for all but MP4."""
    brand = data[8:12]
    if brand in _STILL:
        raise Unfit(_PHOTO)
    if brand not in _VIDEO:
        raise Unfit(_OTHER, brand=brand.decode("ascii", "replace").strip())
    return "video/mp4"


def check(data: mmap | bytes) -> None:
    """That the boxes fill the file to its end, with what a player needs among them. Raises Unfit."""
    at, size, found = 0, len(data), set()
    for _ in range(_MOST_BOXES):
        if at == size:
            break
        head = data[at : at + 16]
        if len(head) < 8:
            raise damaged("内容提前结束", "it ends too early")
        length, kind = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack(">Q", head[8:])
        elif length == 0:
            length = size - at
        if length < 8 or at + length > size:
            raise damaged(f"第 {at} 字节处的盒超出文件", f"a box beyond the end at byte {at}")
        found.add(kind)
        at += length
    if at != size or not ({b"moov", b"mdat"} <= found or {b"moov", b"moof"} <= found):
        raise damaged("没有视频", "it holds no video")
