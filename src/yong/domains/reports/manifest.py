"""Residents' reports as a module: what it is, needs, permits and declares."""

from yong.domains.reports import api, jobs
from yong.domains.reports.contracts import CATEGORIES, STATES, State
from yong.kernel.base.module import Module, Permission
from yong.kernel.base.relation import Mask, Relation, Type, general, personal
from yong.kernel.base.services import Input, Journey, Question, Service
from yong.kernel.base.text import Text
from yong.kernel.geo.layers.contracts import Class, StandardLayer, Style
from yong.kernel.messaging.contracts import Message, Teller
from yong.kernel.records.contracts import Code, CodeList, Table

CATEGORY = CodeList(
    name="reports.category",
    title=Text("反映的类别", "Categories of reports"),
    codes=tuple(Code(code=code, title=title) for code, title in CATEGORIES.items()),
)
STATE = CodeList(
    name="reports.state",
    title=Text("反映的状态", "States of reports"),
    codes=tuple(Code(code=state.value, title=title) for state, title in STATES.items()),
)


_REFERENCE = general(
    "reference", Type.TEXT, "编号", "Number", required=True, pattern="[0-9]{12}", max_length=12
)
_CATEGORY = general("category", Type.CODE, "类别", "Category", codes="reports.category", required=True)
_CLASS = general("class", Type.TEXT, "细类代码", "Code of the class within the category", max_length=40)
_UNIT = general("unit", Type.TEXT, "处置单位", "Party that handles it", max_length=128)
_EXPECTED = general("expected_at", Type.MOMENT, "预计办结时间", "When it is expected to be done")
_STATE = general("state", Type.CODE, "状态", "State", codes="reports.state", required=True)
_ANSWER = general("answer", Type.TEXT, "答复（公开）", "Answer, which anybody may read", max_length=2000)

REPORT = Table(
    name="reports.report",
    title=Text("市民反映", "Residents' reports"),
    description=Text(
        "居民反映的城市管理问题；答复写入 answer 并改 state，反映人和公众即可看到",
        "What residents report of the city's upkeep; an answer goes into `answer`, the state with it",
    ),
    key="reference",
    subject="reporter",
    geometry="location",
    fields=(
        _REFERENCE,
        _CATEGORY,
        personal("description", Type.TEXT, "情况说明", "What is wrong", required=True, max_length=4000),
        personal("place", Type.TEXT, "位置描述", "Where, in words", required=True, max_length=200),
        personal("location", Type.GEOMETRY, "位置坐标", "Position", mask=Mask.PLACE),
        personal("contact_name", Type.TEXT, "联系人", "Contact's name", max_length=60, mask=Mask.NAME),
        personal(
            "contact_phone", Type.TEXT, "联系电话", "Contact's telephone",
            max_length=20, pattern="[0-9+() -]{5,20}", mask=Mask.PHONE,
        ),
        personal("contact_email", Type.TEXT, "电子邮箱", "E-mail address", max_length=200, pattern=r"[^@\s]+@[^@\s]+"),
        personal("device", Type.TEXT, "设备标识", "The device it was sent from", max_length=200),
        personal("answers", Type.JSON, "对该类问题的回答", "What was answered to the questions of the class"),
        personal("media", Type.TEXT, "反映人给出的图片地址", "Address of a picture, as the reporter gave it", max_length=1000),
        personal("reporter", Type.TEXT, "反映人（主体编号）", "The reporter's party", max_length=128),
        general("channel", Type.TEXT, "来源渠道", "The way it came in", max_length=60),
        _CLASS,
        _UNIT,
        _EXPECTED,
        _STATE,
        _ANSWER,
    ),
)  # fmt: skip

PROGRESS = Relation(
    name="reports.progress",
    title=Text("市民反映进度", "Progress of residents' reports"),
    description=Text(
        "每件市民反映的类别、区划、约百米精度的位置、状态和答复；不含反映内容和个人信息",
        "Of each report category, district, place to about 100 m, state and answer; neither its text nor persons",
    ),
    key=("reference",),
    owner="owner_id",
    district="district",
    time="received_at",
    geometry="location",
    sql="""SELECT r.reference, r.category, coalesce(r.class, r.category) AS class, r.district, r.owner_id, r.unit, r.state,
                  r.answer, r.created_at AS received_at, r.updated_at, r.expected_at, h.answered_at, h.closed_at,
                  CASE WHEN r.location->>'type' = 'Point' THEN jsonb_build_object('type', 'Point', 'coordinates',
                      jsonb_build_array(round((r.location->'coordinates'->>0)::numeric, 3),
                                        round((r.location->'coordinates'->>1)::numeric, 3))) END AS location
           FROM reports.report r
           LEFT JOIN LATERAL (
               SELECT min(x.recorded_from) FILTER (WHERE x.state = 'answered') AS answered_at,
                      min(x.recorded_from) FILTER (WHERE x.state = 'closed') AS closed_at
               FROM reports.report_history x WHERE x.id = r.id) h ON true
           WHERE r.ended_at IS NULL""",
    fields=(
        _REFERENCE,
        _CATEGORY,
        general(
            "class",
            Type.TEXT,
            "细类代码，没有时为类别代码",
            "Code of the class, or of the category where none is told",
        ),
        general("district", Type.TEXT, "所在区县代码", "Code of the district"),
        general("location", Type.GEOMETRY, "位置，精确到约 100 米", "Place, to about 100 m"),
        _STATE,
        _ANSWER,
        general("received_at", Type.MOMENT, "收到时间", "Received"),
        general("answered_at", Type.MOMENT, "答复时间", "Answered"),
        general("closed_at", Type.MOMENT, "办结时间", "Closed"),
        general("updated_at", Type.MOMENT, "最近变化时间", "Changed last"),
        _EXPECTED,
        general("owner_id", Type.TEXT, "承办单位", "The party that answers"),
        _UNIT,
    ),
)

RATING = Table(
    name="reports.rating",
    title=Text("市民评价", "Ratings by residents"),
    description=Text(
        "反映人对办结的反映的评价，每件一条，可修改",
        "What residents think of how reports of theirs were handled; one each, to be changed",
    ),
    key="reference",
    fields=(
        _REFERENCE,
        general(
            "score", Type.INTEGER, "分数（1 至 5）", "Score, 1 to 5", required=True, minimum=1, maximum=5
        ),
        personal("words", Type.TEXT, "意见", "In words", max_length=500),
    ),
)

_COLOURS = {State.RECEIVED: "#b91c1c", State.ANSWERED: "#b45309", State.CLOSED: "#15803d"}
ON_THE_MAP = StandardLayer(
    name="reports",
    title=Text("市民反映", "Residents' reports"),
    collection=PROGRESS.name,
    style=Style(
        by="state",
        classes=[
            Class(value=state.value, colour=_COLOURS[state], zh=title.zh, en=title.en)
            for state, title in STATES.items()
        ],
    ),
    position=20,
)

JOURNEY = Journey(
    table="reports.report",
    submit=api.submit,
    similar=api.similar,
    questions=(
        Question(
            name="what",
            title=Text("您要反映哪类问题？", "What kind of problem is it?"),
            inputs=(Input(field="category"),),
            notice=Text(
                "有人受伤或有危险时，请立即拨打 110、119 或 120。",
                "If anybody is hurt or in danger, call 110, 119 or 120 now.",
            ),
        ),
        Question(
            name="where",
            title=Text("问题在哪里？", "Where is it?"),
            inputs=(
                Input(field="district", label=Text("区、县（市）", "District"), required=True),
                Input(
                    field="place",
                    label=Text("路名、门牌或附近的地标", "Street, number or a landmark nearby"),
                    hint=Text(
                        "例如：中山东路 181 号门前", "For example: in front of 181 Zhongshan East Road"
                    ),
                ),
                Input(
                    field="location",
                    label=Text("坐标（选填）", "Position (optional)"),
                    hint=Text(
                        "知道经纬度时填写，例如经度 121.55、纬度 29.87（CGCS2000）；不知道可以留空",
                        "If you know it, for example longitude 121.55, latitude 29.87 (CGCS2000); else leave it empty",
                    ),
                ),
            ),
        ),
        Question(
            name="details",
            title=Text("发生了什么？", "What is wrong?"),
            inputs=(
                Input(
                    field="description",
                    label=Text("情况说明", "Tell us what you saw"),
                    hint=Text(
                        "请不要写他人的姓名、电话或证件号码",
                        "Leave out other people's names, numbers and papers",
                    ),
                ),
            ),
        ),
        Question(
            name="photos",
            title=Text("有照片吗？（选填）", "Do you have photos? (optional)"),
            photos=3,
            notice=Text(
                "请不要拍摄他人面部和车牌。照片不公开，仅供承办单位办理这件事。",
                "Leave out faces and number plates. Photos are not public: only the department that answers sees them.",
            ),
        ),
        Question(
            name="contact",
            title=Text("我们可以联系您吗？", "May we contact you?"),
            inputs=(
                Input(
                    field="contact_name", label=Text("姓名（选填）", "Name (optional)"), autocomplete="name"
                ),
                Input(
                    field="contact_phone",
                    label=Text("电话（选填）", "Telephone (optional)"),
                    autocomplete="tel",
                ),
            ),
            hint=Text(
                "不填也可以反映，并可凭编号查询进度。", "You need not: the number shows you how far it is."
            ),
            notice=Text(
                "姓名和电话是个人信息，仅供承办单位就这件事与您联系，不公开；说明处理目的的经办人才能看到全部内容。",
                "Name and telephone are personal data: only for the department that answers, to ask you about this "
                "matter. They are not public, and an officer sees them in full only by stating a purpose.",
            ),
        ),
    ),
)

REPORTING = Service(
    name="reports.report",
    title=Text("反映问题", "Report something"),
    summary=Text(
        "井盖、路灯、垃圾、占道等城市管理问题，反映后可查进度",
        "A broken cover or lamp, rubbish, a blocked road: tell the city and see what becomes of it",
    ),
    audience=Text("所有人，无需登录", "Anybody; no account needed"),
    needs=(
        Text("问题的类别和位置", "What kind of problem it is, and where"),
        Text("约三分钟", "About three minutes"),
    ),
    words=("随手拍", "投诉", "举报", "城管", "12345", "81890", "complaint", "pothole", "311"),
    journey=JOURNEY,
    progress=api.progress,
    matters=api.matters,
    rate=api.rate,
)

_AT = "/portal/progress/{reference}"
RECEIVED = Message(
    name="reports.received",
    meaning=Text("您的反映已收到", "A report of yours was received"),
    title=Text("已收到您的反映：{category}", "Your report was received: {category}"),
    body=Text(
        "编号 {number}。有答复或办结时会再通知您。",
        "Its number is {number}. You will be told when it is answered and when it is closed.",
    ),
    personal=True,
    portal=_AT,
)
ANSWERED = Message(
    name="reports.answered",
    meaning=Text("您的反映有答复", "A report of yours was answered"),
    title=Text("您的反映已答复：{category}", "Your report was answered: {category}"),
    body=Text("编号 {number}。答复见进度页。", "Its number is {number}. The answer is on its page."),
    personal=True,
    portal=_AT,
)
CLOSED = Message(
    name="reports.closed",
    meaning=Text("您的反映已办结", "A report of yours was closed"),
    title=Text("您的反映已办结：{category}", "Your report was closed: {category}"),
    body=Text("编号 {number}。办理过程见进度页。", "Its number is {number}. What was done is on its page."),
    personal=True,
    portal=_AT,
)
TELLER = Teller(
    name="reports.progress", events=(REPORT.event("Created"), REPORT.event("Updated")), tell=jobs.tell
)

MODULE = Module(
    name="reports",
    package="yong.domains.reports",
    title=Text("市民反映", "Residents' reports"),
    plan=("plan-82",),
    needs=("store", "access", "records", "geo", "documents", "messaging"),
    permissions=(
        Permission("reports.submit", Text("反映问题", "Report something")),
        Permission("reports.rate", Text("评价办理情况", "Rate how a report was handled")),
    ),
    declares=(
        CATEGORY,
        STATE,
        REPORT,
        RATING,
        PROGRESS,
        ON_THE_MAP,
        REPORTING,
        RECEIVED,
        ANSWERED,
        CLOSED,
        TELLER,
    ),
)
