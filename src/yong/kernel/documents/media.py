"""What may be kept: the media types, their file names, and how large a file of each may be unless a setting says."""

import msgspec

from yong.kernel.base.errors import Invalid
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text

_MIB = 1 << 20
_UNKNOWN = Text("不接受 {type}；可接受：{known}", "{type} is not taken; these are: {known}")
_OFF = Text("本系统不接受 {type}", "{type} is not taken here")


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """A media type. `inline` says that a browser may show it in place; anything else is handed out to be saved."""

    type: str
    title: Text
    extensions: tuple[str, ...]
    most_mib: int
    inline: bool = False
    picture: bool = False
    text: bool = False

    def most_bytes(self, settings: Settings) -> int:
        """The largest file of the type, by the setting `document_limits`; 0 where none is taken."""
        return settings.document_most.get(self.type, self.most_mib) * _MIB


_ODF, _OOXML = "application/vnd.oasis.opendocument.", "application/vnd.openxmlformats-officedocument."
MEDIA: dict[str, Media] = {
    m.type: m
    for m in (
        Media(type="image/jpeg", title=Text("JPEG 图片", "JPEG picture"), extensions=("jpg", "jpeg"), most_mib=30, inline=True, picture=True),
        Media(type="image/png", title=Text("PNG 图片", "PNG picture"), extensions=("png",), most_mib=30, inline=True, picture=True),
        Media(type="image/webp", title=Text("WebP 图片", "WebP picture"), extensions=("webp",), most_mib=30, inline=True, picture=True),
        Media(type="application/pdf", title=Text("PDF 文件", "PDF"), extensions=("pdf",), most_mib=50),
        Media(type="application/ofd", title=Text("OFD 版式文件", "OFD (GB/T 33190)"), extensions=("ofd",), most_mib=50),
        Media(type="text/plain", title=Text("文本", "Text"), extensions=("txt",), most_mib=10, text=True),
        Media(type="text/csv", title=Text("CSV 表格", "CSV table"), extensions=("csv",), most_mib=50, text=True),
        Media(type=f"{_OOXML}wordprocessingml.document", title=Text("Word 文档", "Word document"), extensions=("docx",), most_mib=30),
        Media(type=f"{_OOXML}spreadsheetml.sheet", title=Text("Excel 表格", "Excel workbook"), extensions=("xlsx",), most_mib=30),
        Media(type=f"{_OOXML}presentationml.presentation", title=Text("PowerPoint 演示", "PowerPoint slides"), extensions=("pptx",), most_mib=50),
        Media(type=f"{_ODF}text", title=Text("ODF 文档", "ODF text"), extensions=("odt",), most_mib=30),
        Media(type=f"{_ODF}spreadsheet", title=Text("ODF 表格", "ODF spreadsheet"), extensions=("ods",), most_mib=30),
        Media(type="application/zip", title=Text("ZIP 压缩包", "ZIP archive"), extensions=("zip",), most_mib=100),
        Media(type="video/mp4", title=Text("MP4 视频", "MP4 video"), extensions=("mp4", "m4v"), most_mib=200, inline=True),
    )
}  # fmt: skip


def media_of(settings: Settings, type: str) -> Media:
    """A media type that is taken here, written with or without parameters. Raises Invalid."""
    found = MEDIA.get(type.partition(";")[0].strip().lower())
    if found is None:
        raise Invalid(_UNKNOWN, type=type[:100], known=", ".join(MEDIA))
    if not found.most_bytes(settings):
        raise Invalid(_OFF, type=found.type)
    return found
