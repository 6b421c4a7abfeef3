"""Photos without what is not the picture: place, camera, time and programs are cut out, the picture stays bit for bit."""

import mmap
import os
import struct
from pathlib import Path

from yong.kernel.documents.sniffing import pictures

_JPEG_KEEPS = frozenset((*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDD, 0xD9, 0xE0, 0xE2, 0xEE))
_PNG_KEEPS = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"cICP")
)  # fmt: skip
_WEBP_DROPS = frozenset((b"EXIF", b"XMP "))
_WEBP_FLAGS = 0x08 | 0x04  # of VP8X: there is an EXIF, there is an XMP
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"
_ORIENTATION = 0x0112


def strip(source: Path, target: Path, type: str) -> int:
    """Write a picture, which was examined before, without its metadata; its bytes. How it is to be turned stays."""
    with source.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        out = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}[type](data)
    with target.open("xb") as file:
        file.write(out)
        file.flush()
        os.fsync(file.fileno())
    return len(out)


def orientation(data: mmap.mmap | bytes) -> int:
    """How a JPEG is to be turned to be looked at (Exif 2.32, tag 0x0112): 1 to 8, 1 where it does not say."""
    for kind, start, end in pictures.jpeg_pieces(data):
        if kind == 0xE1 and data[start + 4 : start + 10] == _EXIF:
            return _turn(data[start + 10 : end])
        if kind == pictures.SOS:
            break
    return 1


def _turn(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack(f"{order}I", tiff[4:8])
        (entries,) = struct.unpack(f"{order}H", tiff[at : at + 2])
        for n in range(min(entries, 200)):
            tag, _, _, value = struct.unpack(f"{order}HHIH", tiff[at + 2 + 12 * n : at + 12 + 12 * n])
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _jpeg(data: mmap.mmap) -> bytes:
    out = [pictures.SOI]
    turn = orientation(data)
    if turn != 1:
        tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, turn, 0, 0)
        out.append(b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff)
    for kind, start, end in pictures.jpeg_pieces(data):
        if kind not in _JPEG_KEEPS:
            continue
        if kind == 0xE2 and data[start + 4 : start + 16] != _ICC:  # further pictures (MPF) and the like
            continue
        out.append(data[start:end])
    return b"".join(out)


def _png(data: mmap.mmap) -> bytes:
    kept = [data[start:end] for kind, start, end in pictures.png_pieces(data) if kind in _PNG_KEEPS]
    return data[:8] + b"".join(kept)


def _webp(data: mmap.mmap) -> bytes:
    kept = []
    for kind, start, end in pictures.webp_pieces(data):
        if kind == b"VP8X":
            kept.append(
                data[start : start + 8] + bytes((data[start + 8] & ~_WEBP_FLAGS,)) + data[start + 9 : end]
            )
        elif kind not in _WEBP_DROPS:
            kept.append(data[start:end])
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
