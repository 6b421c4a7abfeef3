"""Papers set from templates."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path

import msgspec

from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, NotFound, Refused
from yong.kernel.base.module import Registry
from yong.kernel.base.text import Language, Text
from yong.kernel.documents import apart
from yong.kernel.documents.contracts import Template
from yong.kernel.documents.rendering import fonts
from yong.kernel.documents.rendering.fonts import Fonts
from yong.kernel.documents.rendering.worker import Work

WITHIN_S, DATA_BYTES, PAPER_BYTES, MEMORY_BYTES = 20.0, 2 << 20, 20 << 20, 2 << 30
_PACKAGE = ("@preview", "@local")
_NONE = Text("没有模板 {name}", "There is no template {name}")
_LARGE = Text("数据超过 {n} MiB", "The data is over {n} MiB")
_NO_FILE = Text(
    "模板 {name} 缺少 templates/{noun}/main.typ", "The template {name} lacks templates/{noun}/main.typ"
)
_OUTSIDE = Text(
    "模板 {name} 引用了外部包（{file}）", "The template {name} uses a package from elsewhere ({file})"
)
_NAME = Text("模板 {name} 应以模块名开头", "The template {name} must begin with its module's name")


class Templates:
    """Every declared template by name, and its folder. A City part. Raises Refused for one that is not whole."""

    def __init__(self, registry: Registry) -> None:
        self.folders: dict[str, tuple[str, Path]] = {}
        for module, template in registry.of(Template):
            owner, _, noun = template.name.partition(".")
            if owner != module.name or not noun.isidentifier():
                raise Refused(_NAME, name=template.name)
            folder = Path(str(resources.files(module.package))) / "templates" / noun
            if not (folder / "main.typ").is_file():
                raise Refused(_NO_FILE, name=template.name, noun=noun)
            for file in folder.rglob("*.typ"):
                if any(word in file.read_text("utf-8") for word in _PACKAGE):
                    raise Refused(_OUTSIDE, name=template.name, file=file.name)
            self.folders[template.name] = (module.name, folder)

    def module(self, name: str) -> str:
        """The module of a template. Raises NotFound."""
        if name not in self.folders:
            raise NotFound(_NONE, name=name[:100])
        return self.folders[name][0]


async def render(
    city: City, template: str, data: Mapping[str, object], language: Language, at: datetime | None
) -> bytes:  # fmt: skip
    """A paper as PDF/A-2b. Raises NotFound, Invalid, Unavailable without a Chinese font."""
    _, folder = city[Templates].folders[template]
    said = msgspec.json.encode(data)
    if len(said) > DATA_BYTES:
        raise Invalid(_LARGE, n=DATA_BYTES >> 20)
    if not city.has(Fonts):
        city.put(Fonts, await asyncio.to_thread(fonts.found, city.settings.document_font))
    here = city[Fonts]
    inputs = {"data": said.decode(), "language": language, "serif": here.serif, "sans": here.sans}
    work = Work(str(folder), list(here.folders), inputs, int(at.timestamp()) if at else 0)
    return await apart.run(
        city.part(apart.Turns), "rendering.worker", work,
        within_s=WITHIN_S, most_bytes=PAPER_BYTES, memory_bytes=MEMORY_BYTES,
    )  # fmt: skip
