"""The portal as a module: it understands services, and keeps answers under way for an hour."""

from yong.kernel.base.module import Module, Permission
from yong.kernel.base.services import Service
from yong.kernel.base.text import Text
from yong.kernel.store.jobs import Job
from yong.portal import jobs

MODULE = Module(
    name="portal",
    package="yong.portal",
    title=Text("居民门户", "Portal"),
    plan=("plan-82", "plan-97"),
    needs=("store", "access", "records", "geo", "documents", "messaging"),
    understands=(Service,),
    permissions=(
        Permission("portal.use", Text("使用门户", "Use the portal")),
        Permission("portal.tidy", Text("清除超时的填写内容", "Drop answers left under way")),
    ),
    declares=(
        Job(
            name="portal.tidy",
            title=Text("清除超时未提交的填写内容", "Drop answers that were left for an hour"),
            handler=jobs.tidy,
            schedule="*/10 * * * *",
        ),
    ),
)
