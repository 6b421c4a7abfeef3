"""Geography as a module: converting coordinates is for everybody who is signed in."""

from yong.kernel.base.module import Module, Permission
from yong.kernel.base.text import Text

MODULE = Module(
    name="geo",
    package="yong.kernel.geo",
    title=Text("地理", "Geography"),
    plan=("plan-41", "plan-51"),
    needs=("access",),
    permissions=(Permission("geo.convert", Text("转换坐标", "Convert coordinates")),),
)
