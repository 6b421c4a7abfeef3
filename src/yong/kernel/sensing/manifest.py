"""Sensing as a module."""

from yong.kernel.base.module import Module
from yong.kernel.base.text import Text

MODULE = Module(
    name="sensing",
    package="yong.kernel.sensing",
    title=Text("感知", "Sensing"),
    plan=("plan-19",),
    needs=("store", "bus"),
)
