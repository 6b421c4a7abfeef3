"""What crosses the door of access."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from yong.kernel.base.text import Language, Text


class Kind(StrEnum):
    """What a party is."""

    CITY = "city"  # the root of the tree
    DEPARTMENT = "department"
    DISTRICT = "district"
    ORGANISATION = "organisation"
    PERSON = "person"
    DEVICE = "device"
    APPLICATION = "application"


class Administration(StrEnum):
    """三员分立: no account holds two of these (GB/T 22239, level 3)."""

    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role, declared in a module's manifest; the module's `policies.cedar` says what it may do.

    `name` is `<module>.<noun>` ("environment.operator"). `administration` marks the three that exclude
    one another. `staff` roles need a second factor.
    """

    name: str
    title: Text
    staff: bool = True
    administration: Administration | None = None


class Basis(StrEnum):
    """Why personal data may be processed (个人信息保护法 Art. 13)."""

    CONSENT = "consent"  # 同意
    CONTRACT = "contract"  # 订立、履行合同
    DUTY = "duty"  # 履行法定职责或者法定义务
    EMERGENCY = "emergency"  # 应对突发公共卫生事件，紧急情况下保护生命健康和财产安全
    PUBLIC_INTEREST = "public_interest"  # 为公共利益实施新闻报道、舆论监督
    DISCLOSED = "disclosed"  # 已经合法公开的个人信息
    LAW = "law"  # 法律、行政法规规定的其他情形


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose of processing, declared in a module's manifest; nobody may state another.

    `name` is `<module>.<noun>` ("access.inspection"), as `X-Purpose` and policies (`context.purpose`) say it.
    """

    name: str
    title: Text
    basis: Basis


class Mandate(msgspec.Struct, frozen=True, kw_only=True):
    """A role held within a scope. No scope field means the whole city; two mean both at once."""

    id: str
    role: str
    party: str | None = None  # rows owned by this party or one below it in the tree
    district: str | None = None  # rows whose GB/T 2260 code starts with this
    own: bool = False  # rows whose subject is the caller's own party
    until: date | None = None


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking. Made by `access.api` from a credential, never by a route or a domain by hand."""

    account: str  # the account's id; "anonymous"; or "module:<name>" for the system's own work
    party: str | None = None
    mandates: tuple[Mandate, ...] = ()
    factors: frozenset[str] = frozenset()  # password, totp, oidc, oidc_mfa, key, module
    language: Language = "zh"
    purpose: str | None = None
    request: str | None = None  # the request's id, for the audit trail
    session: str | None = None
    proofing: int = 0  # how far it was checked who this is, 0 to 3; a step of PROOFING_LEVELS


ANONYMOUS = Caller(account="anonymous")


class ProofingLevel(msgspec.Struct, frozen=True):
    """A step of the ladder, and what was checked to be on it."""

    level: int
    title: Text
    checked: Text


class Way(StrEnum):
    """How it was checked who somebody is."""

    WITHDRAWN = "withdrawn"
    REGISTER = "register"
    FACE = "face"
    COUNTER = "counter"
    CERTIFICATE = "certificate"


class ProofingMethod(msgspec.Struct, frozen=True):
    """A way of checking, and the level that it reaches."""

    way: Way
    level: int
    title: Text


class Proofed(msgspec.Struct, frozen=True, kw_only=True):
    """The level of an account, and since when and by which way it holds."""

    level: int
    method: str | None
    proved_at: datetime | None


PROOFING_LEVELS: tuple[ProofingLevel, ...] = (
    ProofingLevel(
        0, Text("未实名", "Not proofed"), Text("仅有本人填写的内容", "Only what you say of yourself")
    ),
    ProofingLevel(
        1,
        Text("初级实名", "Basic"),
        Text("姓名与证件号码已与登记库核对", "Name and number were compared with a register"),
    ),
    ProofingLevel(
        2,
        Text("中级实名", "Medium"),
        Text("已核对本人、姓名与证件三者一致", "Person, name and document were found to agree"),
    ),
    ProofingLevel(
        3,
        Text("高级实名", "High"),
        Text("在窗口当面核验，或以数字证书核验", "Checked face to face at a counter, or by a certificate"),
    ),
)
PROOFING_METHODS: tuple[ProofingMethod, ...] = (
    ProofingMethod(Way.WITHDRAWN, 0, Text("撤销实名", "Withdrawn")),
    ProofingMethod(Way.REGISTER, 1, Text("与登记库核对", "Compared with a register")),
    ProofingMethod(Way.FACE, 2, Text("人证比对", "Face compared with the document")),
    ProofingMethod(Way.COUNTER, 3, Text("窗口当面核验", "At a counter, face to face")),
    ProofingMethod(Way.CERTIFICATE, 3, Text("数字证书核验", "By a certificate")),
)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """A Relation as one caller may see it, compiled to SQL.

    `sql` is a complete SELECT over the Relation, to be used as a sub-query: `SELECT … FROM ({sql}) AS r`.
    Its columns are the Relation's key and the fields the caller may know of, in the Relation's order;
    masked values are already masked. Parameters are numbered from $1 and stand in `args`: append your own.
    `masked` are the fields masked in some or all rows; `absent` those left out. Where `audited`, personal
    data is read in clear: whoever reads must write it to the audit trail.
    """

    sql: str
    args: tuple[object, ...]
    fields: tuple[str, ...]
    masked: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    audited: bool = False
