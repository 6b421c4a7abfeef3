"""Files of every kind that is kept, made here, and hostile ones."""

import io
import struct
import zipfile
import zlib

from PIL import Image

OOXML = "application/vnd.openxmlformats-officedocument."


def jpeg(size: tuple[int, int] = (64, 48), *, exif: bool = False, turn: int = 1, extra: bytes = b"") -> bytes:
    """A JPEG; with `exif` it tells where and with what it was taken."""
    image = Image.effect_noise(size, 40).convert("RGB")
    out = io.BytesIO()
    about = Image.Exif()
    if exif:
        about[0x010F] = "Secret Camera Works"
        about.get_ifd(0x8825).update({1: "N", 2: (29.0, 52.0, 7.0), 3: "E", 4: (121.0, 33.0, 1.0)})
    if turn != 1:
        about[0x0112] = turn
    image.save(out, "JPEG", exif=about if exif or turn != 1 else b"", comment=b"a comment" if exif else b"")
    return out.getvalue() + extra


def png(size: tuple[int, int] = (32, 20)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).save(out, "PNG")
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is of a size, with hardly any data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def webp(*, exif: bool = False) -> bytes:
    out = io.BytesIO()
    about = Image.Exif()
    about[0x010F] = "Secret Camera Works"
    Image.effect_noise((40, 30), 40).convert("RGB").save(out, "WEBP", exif=about.tobytes() if exif else b"")
    return out.getvalue()


def pdf(body: bytes = b"", catalogue: bytes = b"") -> bytes:
    """A PDF of one empty page."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + catalogue + b">>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << >> >>",
    ]
    out = b"%PDF-1.7\n"
    places = []
    for n, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, content)
    out += body
    start = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def zipped(files: dict[str, bytes], *, store: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            how = zipfile.ZIP_STORED if name in store else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, compress_type=how)
    return out.getvalue()


def office(main: str, **more: bytes) -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", main: b"<x/>", **more})


def docx(**more: bytes) -> bytes:
    return office("word/document.xml", **more)


def odt() -> bytes:
    said = b"application/vnd.oasis.opendocument.text"
    return zipped({"mimetype": said, "content.xml": b"<x/>"}, store=("mimetype",))


def ofd() -> bytes:
    return zipped({"OFD.xml": b"<ofd/>", "Doc_0/Document.xml": b"<x/>"})


def mp4() -> bytes:
    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", 8 + len(body)) + kind + body

    return box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + box(b"moov", b"\0" * 40) + box(b"mdat", b"\1" * 100)


def every() -> dict[str, bytes]:
    """One good file of every media type."""
    odf = "application/vnd.oasis.opendocument."
    sheet = zipped({"mimetype": f"{odf}spreadsheet".encode(), "content.xml": b"<x/>"}, store=("mimetype",))
    return {
        "image/jpeg": jpeg(),
        "image/png": png(),
        "image/webp": webp(),
        "application/pdf": pdf(),
        "application/ofd": ofd(),
        "text/plain": "甬江潮位正常\n".encode(),
        "text/csv": "站点,潮位\n镇海,1.2\n".encode("gb18030"),
        f"{OOXML}wordprocessingml.document": docx(),
        f"{OOXML}spreadsheetml.sheet": office("xl/workbook.xml"),
        f"{OOXML}presentationml.presentation": office("ppt/presentation.xml"),
        f"{odf}text": odt(),
        f"{odf}spreadsheet": sheet,
        "application/zip": zipped({"读我.txt": b"hello", "a/b.jpg": jpeg()}),
        "video/mp4": mp4(),
    }
