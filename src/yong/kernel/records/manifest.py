"""Records as a module."""

from yong.kernel.base.module import Module, Permission
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import CodeList, Table
from yong.kernel.records.sync.contracts import Deed, Parcel

MODULE = Module(
    name="records",
    package="yong.kernel.records",
    title=Text("记录", "Records"),
    plan=("plan-19",),
    needs=("store", "access"),
    understands=(Table, CodeList, Parcel, Deed),
    permissions=(
        Permission("records.read", Text("读取记录", "Read records")),
        Permission("records.create", Text("新建记录", "Create records")),
        Permission("records.update", Text("修改记录", "Change records")),
        Permission("records.end", Text("终止记录", "End records")),
        Permission("records.import", Text("导入记录", "Import records")),
        Permission("records.export", Text("导出记录", "Export records")),
        Permission("records.take", Text("将记录带到离线设备", "Take records along on a device")),
        Permission(
            "records.hand_in", Text("交回离线期间的修改", "Hand in what was done away from the network")
        ),
    ),
)
