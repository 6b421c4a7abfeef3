"""Sensing as a module: its formats, its permissions and the register of things."""

from yong.kernel.access.contracts import Role
from yong.kernel.base.module import Module, Permission
from yong.kernel.base.relation import Type, general
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Code, CodeList, Table
from yong.kernel.sensing import jobs
from yong.kernel.sensing.adapters import json, senml
from yong.kernel.sensing.contracts import Adapter, ThingType
from yong.kernel.sensing.tcp.ais.declared import DECLARED as AIS
from yong.kernel.sensing.tcp.contracts import Listener
from yong.kernel.sensing.tcp.hj212.declared import DECLARED as HJ212
from yong.kernel.sensing.tcp.jtt808.declared import DECLARED as JTT808
from yong.kernel.sensing.tcp.sl651.declared import DECLARED as SL651
from yong.kernel.store.jobs import Job

THING = Table(
    name="sensing.thing",
    title=Text("设备", "Things"),
    description=Text("登记的设备：谁的、是什么、在哪里", "Registered things: whose, of what type, where"),
    key="code",
    geometry="location",
    fields=(
        general(
            "code", Type.TEXT, "设备编号", "Code", required=True, max_length=128,
            pattern=r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}",
        ),
        general("type", Type.TEXT, "设备类型", "Type", required=True, max_length=64),
        general("name_zh", Type.TEXT, "中文名称", "Name in Chinese", max_length=200, searchable=True),
        general("name_en", Type.TEXT, "英文名称", "Name in English", max_length=200, searchable=True),
        general("groups", Type.TEXT, "分组（逗号分隔）", "Groups (parted by commas)", max_length=500),
        general("location", Type.GEOMETRY, "位置", "Location"),
        general("interval_s", Type.INTEGER, "上报间隔（秒）", "Reporting interval (s)", unit="SEC", minimum=1, maximum=604800),
        general("source", Type.CODE, "来源", "Source", codes="sensing.source", required=True),
    ),
)  # fmt: skip

MODULE = Module(
    name="sensing",
    package="yong.kernel.sensing",
    title=Text("感知", "Sensing"),
    plan=("plan-19", "plan-60"),
    needs=("store", "bus", "access", "records", "history", "context"),
    understands=(ThingType, Adapter, Listener),
    permissions=(
        Permission("sensing.report", Text("代设备上报", "Report for things")),
        Permission("sensing.read", Text("查看设备状态", "See how things are")),
        Permission("sensing.types", Text("查看设备类型", "See what types of things there are")),
        Permission("sensing.command", Text("向设备下达命令", "Command things")),
        Permission("sensing.dead_letters", Text("处理死信", "Deal with dead letters")),
    ),
    declares=(
        Adapter(
            name="json",
            title=Text("JSON 读数", "JSON readings"),
            media_type="application/json",
            decode=json.decode,
        ),
        Adapter(
            name="senml",
            title=Text("SenML（RFC 8428）", "SenML (RFC 8428)"),
            media_type="application/senml+json",
            decode=senml.decode,
        ),
        *JTT808,
        *AIS,
        *HJ212,
        *SL651,
        CodeList(
            name="sensing.source",
            title=Text("读数来源", "Source of readings"),
            codes=(
                Code(code="live", title=Text("实时", "Live")),
                Code(code="replay", title=Text("回放", "Replay")),
                Code(code="synthetic", title=Text("合成", "Synthetic")),
            ),
        ),
        THING,
        Job(
            name="sensing.forget_dead_letters",
            title=Text("清理死信", "Forget old dead letters"),
            handler=jobs.forget_dead_letters,
            schedule="41 18 * * *",
        ),
        Role(name="sensing.engineer", title=Text("设备工程师", "Device engineer")),
    ),
)
