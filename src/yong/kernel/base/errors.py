"""The errors Yong raises on purpose. Each has a code, an HTTP status and words in both languages.

    YongError
    ├── Invalid              422  input that breaks a rule; `problems` lists every one
    │   └── Malformed        400  input that cannot be read at all
    ├── Unauthenticated      401  nobody known is calling
    ├── Forbidden            403  known, but not allowed
    ├── NotFound             404  it does not exist, or the caller may not know that it does
    ├── Conflict             409  the present state does not allow it
    ├── Stale                412  somebody else changed it first
    ├── TooLarge             413  over a limit of size or depth
    ├── TooMany              429  over a quota or rate; `retry_after_s` says when
    ├── Unavailable          503  a part is down; trying again later may help
    └── Refused              500  the configuration is unsafe or incomplete: the start is refused

Every code has its page in `docs/reference/errors.md` with the remedy (a test compares them).
"""

from typing import ClassVar

import msgspec

from yong.kernel.base.text import Language, Text


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with an input: where (a JSON Pointer, RFC 6901) and what."""

    pointer: str
    detail: Text


class YongError(Exception):
    """Base of all errors raised on purpose. `facts` fill the places of the detail's text."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[Text] = Text("内部错误", "Internal error")

    def __init__(
        self, detail: Text | None = None, /, *, problems: tuple[Problem, ...] = (), **facts: object
    ) -> None:
        self.detail = detail.filled(**facts) if detail and facts else (detail or self.title)
        self.problems = problems
        self.facts = facts
        super().__init__(self.detail.en)

    def document(self, language: Language, instance: str | None = None) -> dict[str, object]:
        """The RFC 9457 problem document, in the reader's language."""
        out: dict[str, object] = {
            "type": f"/errors/{self.code}",
            "title": self.title.in_(language),
            "status": self.status,
            "detail": self.detail.in_(language),
        }
        if instance:
            out["instance"] = instance
        if self.problems:
            out["errors"] = [{"pointer": p.pointer, "detail": p.detail.in_(language)} for p in self.problems]
        return out


class Invalid(YongError):
    code, status = "invalid", 422
    title = Text("输入不符合规则", "The input breaks a rule")


class Malformed(Invalid):
    code, status = "malformed", 400
    title = Text("无法读取输入", "The input cannot be read")


class Unauthenticated(YongError):
    code, status = "unauthenticated", 401
    title = Text("请先登录", "Sign in first")


class Forbidden(YongError):
    code, status = "forbidden", 403
    title = Text("没有权限", "Not allowed")


class NotFound(YongError):
    code, status = "not-found", 404
    title = Text("未找到", "Not found")


class Conflict(YongError):
    code, status = "conflict", 409
    title = Text("与现状冲突", "In conflict with the present state")


class Stale(YongError):
    code, status = "stale", 412
    title = Text("数据已被他人修改", "Somebody else changed it first")


class TooLarge(YongError):
    code, status = "too-large", 413
    title = Text("内容过大", "Too large")


class TooMany(YongError):
    code, status = "too-many", 429
    title = Text("请求过多", "Too many requests")

    def __init__(self, detail: Text | None = None, /, *, retry_after_s: int = 1, **facts: object) -> None:
        super().__init__(detail, problems=(), **facts)
        self.retry_after_s = retry_after_s


class Unavailable(YongError):
    code, status = "unavailable", 503
    title = Text("暂时不可用", "Not available at the moment")


class Refused(YongError):
    code, status = "refused", 500
    title = Text("拒绝启动", "The start is refused")
