"""Boards as a module: what it is, needs and permits."""

from yong.kernel.base.module import Module, Permission
from yong.kernel.base.text import Text

MODULE = Module(
    name="boards",
    package="yong.domains.boards",
    title=Text("看板", "Boards"),
    plan=("plan-97",),
    needs=("store", "access", "records", "geo", "history", "context", "sensing"),
    permissions=(
        Permission("boards.read", Text("查看看板", "See boards")),
        Permission("boards.keep", Text("保存、共享看板", "Keep and share boards")),
        Permission("boards.show", Text("凭链接查看看板", "See a board by its link")),
    ),
)
