"""Access as a module: its permissions and the roles it ships."""

from yong.kernel.access.contracts import Administration, Basis, Purpose, Role
from yong.kernel.access.jobs import prune_audit, tidy
from yong.kernel.base.module import Module, Page, Permission
from yong.kernel.base.text import Text
from yong.kernel.store.jobs import Job

MODULE = Module(
    name="access",
    package="yong.kernel.access",
    title=Text("准入", "Access"),
    plan=("plan-34", "plan-37"),
    needs=("store",),
    understands=(Role, Purpose, Page),
    permissions=(
        Permission("access.sign_in", Text("登录", "Sign in")),
        Permission("access.sign_up", Text("注册居民账户", "Sign up as a resident")),
        Permission("access.prove_identity", Text("核验实名", "Prove identities")),
        Permission("access.operate", Text("运行维护", "Operate the system")),
        Permission("access.read_status", Text("查看系统状态", "Read the system's status")),
        Permission("access.manage_parties", Text("管理主体", "Manage parties")),
        Permission("access.manage_accounts", Text("管理账户", "Manage accounts")),
        Permission("access.grant", Text("授权与撤销", "Grant and revoke mandates")),
        Permission("access.manage_policies", Text("管理策略", "Manage policies")),
        Permission("access.read_policies", Text("查看策略", "Read the policies")),
        Permission("access.read_purposes", Text("查看处理目的", "Read the purposes of processing")),
        Permission("access.reach", Text("查找收件账户", "Find the accounts that work is meant for")),
        Permission("access.simulate", Text("策略模拟", "Simulate policies")),
        Permission("access.issue_credentials", Text("签发设备凭据", "Issue device credentials")),
        Permission("access.read_audit", Text("查看审计", "Read the audit trail")),
        Permission("access.verify_audit", Text("核验审计", "Verify the audit trail")),
    ),
    declares=(
        Role(name="access.anonymous", title=Text("未登录者", "Anybody"), staff=False),
        Role(name="access.resident", title=Text("居民", "Resident"), staff=False),
        Role(name="access.identity_clerk", title=Text("实名核验员", "Identity clerk")),
        Role(name="access.operator", title=Text("运行中心值班员", "Operations centre")),
        Role(name="access.department_officer", title=Text("部门经办人", "Department officer")),
        Role(
            name="access.system_admin",
            title=Text("系统管理员", "System administrator"),
            administration=Administration.SYSTEM,
        ),
        Role(
            name="access.security_admin",
            title=Text("安全管理员", "Security administrator"),
            administration=Administration.SECURITY,
        ),
        Role(
            name="access.audit_admin",
            title=Text("审计管理员", "Audit administrator"),
            administration=Administration.AUDIT,
        ),
        Purpose(
            name="access.service",
            title=Text("办理本人申请的事项", "Serve the person's own request"),
            basis=Basis.DUTY,
        ),
        Purpose(name="access.inspection", title=Text("监督检查", "Inspection"), basis=Basis.DUTY),
        Purpose(
            name="access.emergency", title=Text("应对突发事件", "Answer an emergency"), basis=Basis.EMERGENCY
        ),
        Purpose(
            name="access.rights",
            title=Text("答复个人行使权利的请求", "Answer a person's request about their own data"),
            basis=Basis.DUTY,
        ),
        Job(
            name="access.prune_audit",
            title=Text("清除超过保留期的审计条目", "Drop audit entries beyond their retention"),
            handler=prune_audit,
            schedule="40 18 * * *",  # 02:40 in China
        ),
        Job(
            name="access.tidy",
            title=Text("清除已结束的会话与用量计数", "Drop ended sessions and counts of use"),
            handler=tidy,
            schedule="23 * * * *",
        ),
    ),
)
