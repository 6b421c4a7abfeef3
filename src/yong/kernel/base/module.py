"""What a package says about itself, as data. Bootstrap reads it; nothing happens at import."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from yong.kernel.base.errors import Refused
from yong.kernel.base.text import Text

T = TypeVar("T")


class Permission(msgspec.Struct, frozen=True):
    """An action that a module's `api` asks leave for: `<module>.<verb>`, for instance `records.create`."""

    name: str
    meaning: Text


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a domain's own in the console, where what Relations and cards show by themselves is not enough.

    `component` is a file in the domain's folder `console/`, built into the console; `name` the last part of its
    address, `/console/domains/<module>/<name>`. It is listed for whoever may do `needs` with `of`, a Relation or module.
    """

    name: str
    title: Text
    component: str
    needs: str
    of: str


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """A kernel package or a domain.

    `plan` names the rows of the plan that it serves ("plan-19"); `needs` the modules it uses;
    `understands` the kinds of declaration that it owns; `declares` the declarations it makes,
    each of a kind that some module understands.
    """

    name: str
    package: str  # the import path of its folder, `__package__` in its manifest
    title: Text
    plan: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    understands: tuple[type, ...] = ()
    declares: tuple[object, ...] = ()


class Registry:
    """All modules of an install, in an order where each comes after those it needs."""

    def __init__(self, modules: tuple[Module, ...]) -> None:
        self.modules = _ordered(modules)
        kinds = {kind: m.name for m in self.modules for kind in m.understands}
        for module in self.modules:
            for declaration in module.declares:
                if not isinstance(declaration, tuple(kinds)):
                    raise Refused(
                        Text(
                            "模块 {module} 声明了无人认识的 {kind}",
                            "Module {module} declares a {kind}, which no module understands",
                        ),
                        module=module.name,
                        kind=type(declaration).__name__,
                    )

    def of(self, kind: type[T]) -> Iterator[tuple[Module, T]]:
        """Every declaration of a kind, with the module that made it."""
        for module in self.modules:
            for declaration in module.declares:
                if isinstance(declaration, kind):
                    yield module, declaration

    def module(self, name: str) -> Module | None:
        return next((m for m in self.modules if m.name == name), None)


def _ordered(modules: tuple[Module, ...]) -> tuple[Module, ...]:
    by_name = {m.name: m for m in modules}
    if len(by_name) != len(modules):
        names = [m.name for m in modules]
        raise Refused(
            Text("模块重名：{names}", "Two modules share a name: {names}"),
            names=", ".join(sorted({n for n in names if names.count(n) > 1})),
        )
    done: dict[str, Module] = {}

    def visit(module: Module, path: tuple[str, ...]) -> None:
        if module.name in done:
            return
        if module.name in path:
            raise Refused(
                Text("模块循环依赖：{path}", "Modules need each other in a circle: {path}"),
                path=" → ".join((*path, module.name)),
            )
        for need in module.needs:
            if need not in by_name:
                raise Refused(
                    Text(
                        "模块 {module} 需要 {need}，但未安装", "Module {module} needs {need}, which is absent"
                    ),
                    module=module.name,
                    need=need,
                )
            visit(by_name[need], (*path, module.name))
        done[module.name] = module

    for module in modules:
        visit(module, ())
    return tuple(done.values())
