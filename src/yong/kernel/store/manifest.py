"""The store as a module."""

from yong.kernel.base.module import Module
from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.store.followers import Follower
from yong.kernel.store.jobs import Job

MODULE = Module(
    name="store",
    package="yong.kernel.store",
    title=Text("存储", "Store"),
    plan=("plan-29",),
    understands=(Relation, Job, Follower),
)
