"""Who somebody is: accounts, sessions, tokens, keys and device credentials.

Credentials are random or hashed slowly (argon2); what is looked up often is kept for seconds and forgotten
at once when PostgreSQL says `access_changed`.
"""

from yong.kernel.access.identity.accounts import change_password, create_account, grant, reset
from yong.kernel.access.identity.callers import (
    DEVICE,
    SESSION_COOKIE,
    caller_again,
    caller_as,
    caller_for,
    caller_of,
    standing,
    system_caller,
    token_for,
    turn_of,
)
from yong.kernel.access.identity.devices import (
    issue_devices,
    revoke_device,
    revoked_since,
    verify_device,
    verify_devices,
)
from yong.kernel.access.identity.ended import tidy
from yong.kernel.access.identity.factors import confirm, enrol, seal_stored
from yong.kernel.access.identity.keys import issue_key
from yong.kernel.access.identity.known import Known
from yong.kernel.access.identity.parties import create_party, end_party, rename_party
from yong.kernel.access.identity.proofing import proofed, prove
from yong.kernel.access.identity.residents import make_resident, sign_up
from yong.kernel.access.identity.sessions import sign_in, sign_out

__all__ = [
    "DEVICE",
    "SESSION_COOKIE",
    "Known",
    "caller_again",
    "caller_as",
    "caller_for",
    "caller_of",
    "change_password",
    "confirm",
    "create_account",
    "create_party",
    "end_party",
    "enrol",
    "grant",
    "issue_devices",
    "issue_key",
    "make_resident",
    "proofed",
    "prove",
    "rename_party",
    "reset",
    "revoke_device",
    "revoked_since",
    "seal_stored",
    "sign_in",
    "sign_out",
    "sign_up",
    "standing",
    "system_caller",
    "tidy",
    "token_for",
    "turn_of",
    "verify_device",
    "verify_devices",
]
