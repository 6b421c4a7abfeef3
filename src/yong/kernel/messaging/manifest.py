"""Messaging as a module: it understands messages, tellers and channels, and brings e-mail and text messages along."""

from yong.kernel.base.module import Module, Permission
from yong.kernel.base.relation import Mask, Relation, Type, general, personal
from yong.kernel.base.text import Text
from yong.kernel.messaging import jobs
from yong.kernel.messaging.adapters.email import EMAIL
from yong.kernel.messaging.adapters.gateway import SMS
from yong.kernel.messaging.contracts import Channel, Message, Teller
from yong.kernel.messaging.service.choosing import SEND_CODE
from yong.kernel.messaging.service.following import TELL_AGAIN
from yong.kernel.messaging.service.sending import RETRIES
from yong.kernel.messaging.service.telling import DELIVER
from yong.kernel.store.jobs import Job

CONTACT = Relation(
    name="messaging.contact_point",
    title=Text("联系方式", "Contact points"),
    description=Text(
        "消息可送达本人的邮箱和手机号码；只有本人可见",
        "E-mail addresses and telephone numbers where messages reach somebody; seen by that person alone",
    ),
    key=("id",),
    subject="party",
    time="changed_at",
    sql="""SELECT c.account || ' ' || c.channel AS id, a.party_id AS party, c.channel, c.address, c.language,
                  c.verified_at, c.changed_at
           FROM messaging.contact c JOIN access.account a ON a.id = c.account""",
    fields=(
        personal("id", Type.TEXT, "账户与渠道", "Account and channel"),
        personal("party", Type.TEXT, "本人（主体编号）", "Whose it is (a party)"),
        general("channel", Type.TEXT, "渠道", "Channel"),
        personal("address", Type.TEXT, "邮箱或号码", "Address or number", mask=Mask.PHONE),
        general("language", Type.TEXT, "语言", "Language"),
        general("verified_at", Type.MOMENT, "验证时间", "Verified"),
        general("changed_at", Type.MOMENT, "登记时间", "Kept since"),
    ),
)

MODULE = Module(
    name="messaging",
    package="yong.kernel.messaging",
    title=Text("消息", "Messages"),
    plan=("plan-29", "plan-82"),
    needs=("store", "access"),
    understands=(Message, Teller, Channel),
    permissions=(
        Permission("messaging.use", Text("查看本人的消息并选择接收方式", "Read one's own messages")),
        Permission("messaging.tell", Text("发出本模块的消息", "Tell a module's own messages")),
        Permission("messaging.send", Text("发送信件", "Send letters")),
    ),
    declares=(
        CONTACT,
        EMAIL,
        SMS,
        Job(name=DELIVER, title=Text("发送消息信件", "Send a letter"), handler=jobs.deliver, retries=RETRIES),
        Job(name=SEND_CODE, title=Text("发送验证码", "Send a code"), handler=jobs.send_code, retries=4),
        Job(name=TELL_AGAIN, title=Text("重新通知", "Tell again of an event"), handler=jobs.tell_again),
        Job(
            name="messaging.forget",
            title=Text("清除过期消息", "Drop old messages"),
            handler=jobs.forget,
            schedule="50 18 * * *",  # 02:50 in China
        ),
    ),
)
