"""Ningbo as a module of the install."""

from yong.kernel.base.module import Module
from yong.kernel.base.text import Text

MODULE = Module(
    name="ningbo",
    package="yong.cities.ningbo",
    title=Text("宁波", "Ningbo"),
    plan=("plan-45",),
)
