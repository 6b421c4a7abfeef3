"""The door of access: who is calling, what they may do, and what was done."""

from yong.kernel.access.api.oversight import (
    audit_entries,
    check_policy,
    policies,
    purposes,
    set_policy,
    simulate,
    verify_audit,
    withdraw_policy,
)
from yong.kernel.access.api.parts import first_run, listening, open_parts
from yong.kernel.access.api.people import (
    accounts,
    create_account,
    create_party,
    disable_account,
    enable_account,
    grant,
    issue_credentials,
    issue_key,
    reset_account,
    revoke,
    revoke_credentials,
    revoke_key,
)
from yong.kernel.access.audit import audit, audit_of, keep_sealing
from yong.kernel.access.identity import (
    caller_of,
    revoked_since,
    system_caller,
    token_for,
    verify_device,
    verify_devices,
)
from yong.kernel.access.openid.links import link, links, unlink
from yong.kernel.access.scope import allowed, authorize, effective, may_touch, refusal, scoped
from yong.kernel.access.simulator import Explanation

__all__ = [
    "Explanation",
    "accounts",
    "allowed",
    "audit",
    "audit_entries",
    "audit_of",
    "authorize",
    "caller_of",
    "check_policy",
    "create_account",
    "create_party",
    "disable_account",
    "effective",
    "enable_account",
    "first_run",
    "grant",
    "issue_credentials",
    "issue_key",
    "keep_sealing",
    "link",
    "links",
    "listening",
    "may_touch",
    "open_parts",
    "policies",
    "purposes",
    "refusal",
    "reset_account",
    "revoke",
    "revoke_credentials",
    "revoke_key",
    "revoked_since",
    "scoped",
    "set_policy",
    "simulate",
    "system_caller",
    "token_for",
    "unlink",
    "verify_audit",
    "verify_device",
    "verify_devices",
    "withdraw_policy",
]
