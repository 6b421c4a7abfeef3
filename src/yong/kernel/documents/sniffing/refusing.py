"""Why a file is refused."""

from yong.kernel.base.text import Text

BOTH = Text(
    "文件同时是另一种格式（{what}），不接受", "The file is of another format too ({what}) and is not taken"
)
LONGER = Text(
    "图片之后还有 {n} 字节其他内容；保存时选择 strip 可去除",
    "After the picture come {n} bytes of something else; keeping it with strip leaves them out",
)


class Unfit(Exception):  # it says what the file is
    """A file that is not kept, and why."""

    def __init__(self, why: Text, /, **facts: object) -> None:
        self.why = why.filled(**facts) if facts else why
        super().__init__(self.why.en)


def damaged(zh: str, en: str) -> Unfit:
    """The refusal of a file whose structure is broken, and where."""
    return Unfit(Text(f"文件已损坏或不完整：{zh}", f"The file is damaged or not whole: {en}"))
