"""The process that sets one paper: a request on standard input, the PDF on standard output."""

import sys

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.documents import apart


class Work(msgspec.Struct):
    """A template's folder, where fonts lie, and what the paper is made of."""

    folder: str
    fonts: list[str]
    inputs: dict[str, str]
    at: int


def main() -> None:
    work = msgspec.json.decode(sys.stdin.buffer.read(), type=Work)
    import typst

    apart.limited()
    compiler = typst.Compiler(
        f"{work.folder}/main.typ", root=work.folder, font_paths=list(work.fonts), ignore_system_fonts=True,
        sys_inputs=work.inputs, package_path=f"{work.folder}/none", package_cache_path=f"{work.folder}/none",
    )  # fmt: skip
    try:
        paper = compiler.compile(format="pdf", pdf_standards="a-2b", timestamp=work.at)
    except typst.TypstError as error:
        told = "; ".join((error.message, *error.hints))[:500]
        apart.refuse(Text(f"无法排版：{told}", f"It cannot be set: {told}"))
    assert isinstance(paper, bytes)
    sys.stdout.buffer.write(paper)


if __name__ == "__main__":
    main()
