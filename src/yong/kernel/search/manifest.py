"""Search as a module."""

from yong.kernel.base.module import Module, Permission
from yong.kernel.base.text import Text
from yong.kernel.search.contracts import Searchable

MODULE = Module(
    name="search",
    package="yong.kernel.search",
    title=Text("检索", "Search"),
    plan=("plan-19", "plan-41"),
    needs=("store", "access", "records"),
    understands=(Searchable,),
    permissions=(
        Permission("search.ask", Text("检索", "Search")),
        Permission("search.rebuild", Text("重建索引", "Have the index made anew")),
    ),
)
