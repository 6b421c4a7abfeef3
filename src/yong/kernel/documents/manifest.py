"""Documents as a module: what it permits, and the Relation over what it keeps."""

from yong.kernel.access.contracts import Role
from yong.kernel.base.module import Module, Permission
from yong.kernel.base.relation import Relation, Type, general, personal
from yong.kernel.base.text import Text
from yong.kernel.documents.contracts import Template
from yong.kernel.documents.jobs import remove_due, sweep
from yong.kernel.store.jobs import Job

DOCUMENT = Relation(
    name="documents.document",
    title=Text("文件", "Documents"),
    description=Text(
        "保存的文件：是什么、属于谁、保管多久；不含内容", "The files that are kept: what, whose and for how long; not their content"
    ),
    key=("id",),
    owner="owner_id",
    district="district",
    subject="subject",
    time="created_at",
    sql="""SELECT d.id, CASE WHEN d.personal = 'no' THEN d.title ELSE d.media_type END AS title, d.title AS full_title,
                  d.filename, d.media_type, d.bytes, d.sha256, d.width, d.height, d.owner_id, d.district, d.subject,
                  d.belongs_to, d.belongs_id, d.redacted_from, d.personal, d.level, d.retention,
                  EXISTS (SELECT 1 FROM documents.hold h WHERE h.document_id = d.id AND h.lifted_at IS NULL) AS held,
                  d.created_at, d.created_by, d.ended_at, d.removed_at,
                  CASE WHEN d.ended_at IS NOT NULL AND c.years IS NOT NULL THEN make_date(
                      extract(year FROM d.ended_at AT TIME ZONE 'Asia/Shanghai')::integer + 1 + c.years, 1, 1) END AS due_on
           FROM documents.file d LEFT JOIN documents.retention c ON c.code = d.retention""",
    fields=(
        general("id", Type.TEXT, "编号", "Number"),
        general("title", Type.TEXT, "标题（涉及个人的文件为其类型）", "Title; the type where it is about a person"),
        personal("full_title", Type.TEXT, "标题全文", "Full title"),
        personal("filename", Type.TEXT, "文件名", "File name"),
        general("media_type", Type.TEXT, "类型", "Media type"),
        general("bytes", Type.INTEGER, "大小", "Size", unit="AD"),
        general("sha256", Type.TEXT, "SHA-256 散列值", "SHA-256 of the content"),
        general("width", Type.INTEGER, "图片宽度（像素）", "Width in pixels"),
        general("height", Type.INTEGER, "图片高度（像素）", "Height in pixels"),
        general("owner_id", Type.TEXT, "所属主体", "The party whose it is"),
        general("district", Type.TEXT, "区划代码", "Code of the district"),
        personal("subject", Type.TEXT, "涉及的主体", "The party it is about"),
        general("belongs_to", Type.TEXT, "所附资源", "The Relation that it belongs to"),
        general("belongs_id", Type.TEXT, "所附记录", "The row there"),
        general("redacted_from", Type.TEXT, "遮盖自（原照片编号）", "The photo of which it is a covered copy"),
        general("personal", Type.TEXT, "内容的个人信息标记", "Whether the content is about a person"),
        general("level", Type.TEXT, "内容的数据级别", "Level of the content"),
        general("retention", Type.TEXT, "保管期限类别", "Retention class"),
        general("held", Type.BOOLEAN, "是否冻结（不得销毁）", "Whether it is held and may not be removed"),
        general("created_at", Type.MOMENT, "存入时间", "Kept since"),
        general("created_by", Type.TEXT, "存入账户", "Account that kept it"),
        general("ended_at", Type.MOMENT, "办结时间", "When its matter was closed"),
        general("due_on", Type.DATE, "保管期满日", "Day on which its retention has run out"),
        general("removed_at", Type.MOMENT, "销毁时间", "When it was removed"),
    ),
)  # fmt: skip

MODULE = Module(
    name="documents",
    package="yong.kernel.documents",
    title=Text("文件", "Documents"),
    plan=("plan-43f",),
    needs=("store", "access"),
    understands=(Template,),
    permissions=(
        Permission("documents.keep", Text("存入文件", "Keep files")),
        Permission("documents.open", Text("打开文件", "Open files")),
        Permission(
            "documents.redact",
            Text(
                "为照片制作遮盖人脸和号牌的副本，降低其标记",
                "Make copies of photos with faces and plates covered, under a weaker label",
            ),
        ),
        Permission("documents.end", Text("办结文件、确定保管期限", "Close a document's matter, classify it")),
        Permission("documents.hold", Text("冻结与解冻文件", "DocumentHold documents, and lift holds")),
        Permission(
            "documents.approve_removal",
            Text("批准销毁到期文件", "Approve the removal of documents that are due"),
        ),
        Permission("documents.remove", Text("销毁到期文件", "Remove documents that are due")),
        Permission("documents.manage_retention", Text("维护保管期限表", "Keep the retention classes")),
        Permission("documents.hand_over", Text("打包移交档案", "Pack documents for an archive")),
        Permission("documents.render", Text("排版公文", "Set papers")),
        Permission("documents.sign", Text("以本市证书签章", "Sign with the city's certificate")),
        Permission("documents.verify", Text("验证电子签章和移交包", "Verify signatures and packages")),
        Permission("documents.check", Text("核验全部文件内容", "Verify the content of all files")),
    ),
    declares=(
        DOCUMENT,
        Role(name="documents.archivist", title=Text("档案管理员", "Archivist")),
        Template(name="documents.handover", title=Text("文件移交清单", "List of documents handed over")),
        Job(
            name="documents.remove_due",
            title=Text("销毁保管期满且可销毁的文件", "Remove documents whose retention has run out"),
            handler=remove_due,
            schedule="5 19 * * *",  # 03:05 in China
        ),
        Job(
            name="documents.sweep",
            title=Text("清除无主的文件内容和未完成的上传", "Take away content nobody has, and stale uploads"),
            handler=sweep,
            schedule="20 19 * * *",  # 03:20 in China
        ),
    ),
)
