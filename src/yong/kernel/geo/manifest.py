"""Geography as a module: converting coordinates is for everybody who is signed in."""

from yong.kernel.base.module import Module, Permission
from yong.kernel.base.text import Text
from yong.kernel.geo.features.contracts import FeatureSource
from yong.kernel.geo.grids.declared import DECLARED as GRIDS
from yong.kernel.geo.layers.contracts import StandardLayer
from yong.kernel.geo.layers.declared import DECLARED as LAYERS
from yong.kernel.geo.merging.declared import DECLARED as MERGING
from yong.kernel.geo.places.contracts import Gazetteer
from yong.kernel.geo.places.declared import DECLARED as PLACES

MODULE = Module(
    name="geo",
    package="yong.kernel.geo",
    title=Text("地理", "Geography"),
    plan=("plan-41", "plan-43e", "plan-51"),
    needs=("store", "access", "records", "search"),
    understands=(FeatureSource, Gazetteer, StandardLayer),
    permissions=(
        Permission("geo.ogc", Text("列出地理接口的内容", "List what the OGC APIs offer")),
        Permission("geo.build", Text("生成静态图层", "Build static layers")),
        Permission("geo.convert", Text("转换坐标", "Convert coordinates")),
        Permission("geo.divide", Text("划分单元网格", "Divide communities into unit grids")),
        Permission("geo.merge", Text("合并部件坐标", "Merge component coordinates")),
    ),
    declares=(*GRIDS, *LAYERS, *MERGING, *PLACES),
)
