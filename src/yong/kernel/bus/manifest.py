"""The bus as a module."""

from yong.kernel.base.module import Module
from yong.kernel.base.text import Text

MODULE = Module(
    name="bus", package="yong.kernel.bus", title=Text("总线", "Bus"), plan=("plan-19",), needs=("store",)
)
