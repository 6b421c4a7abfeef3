"""Accounts that people make for themselves: a person's party, an account and the role of a resident, at once."""

import re
import unicodedata

from yong.kernel.access import logic
from yong.kernel.access.audit import audit
from yong.kernel.access.contracts import Mandate
from yong.kernel.access.identity.accounts import grant
from yong.kernel.access.identity.callers import system_caller
from yong.kernel.access.identity.parties import create_party
from yong.kernel.access.identity.passwords import hashed
from yong.kernel.access.identity.sessions import slow_down
from yong.kernel.base import ids
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.store.database import Connection, Database

_NAME = re.compile(r"[\w.@+-]{2,64}")
_WRONG_NAME = Text(
    "用户名应为 2 至 64 个字符，可用文字、数字和 . _ @ + -，不含空格",
    "A user name has 2 to 64 letters, digits and . _ @ + -, and no spaces",
)
_TAKEN = Text("这个用户名已被使用，请换一个", "This user name is taken; choose another")


async def sign_up(city: City, name: str, password: str, client: str) -> str:
    """Make a resident's account with a password of their own; its id.

    Raises Invalid with every problem, Conflict for a name that is taken, TooMany as signing in does.
    """
    slow_down(city, client)
    name = unicodedata.normalize("NFC", name)
    problems = logic.password_problems(password, name)
    if not _NAME.fullmatch(name):
        problems.insert(0, Problem("/name", _WRONG_NAME))
    if problems:
        raise Invalid(None, problems=tuple(problems))
    kept = await hashed(password)
    async with city[Database].transaction() as connection:
        return await make_resident(city, connection, name=name, password_hash=kept, by="sign-up")


async def make_resident(
    city: City, connection: Connection, *, name: str | None, password_hash: str | None, by: str
) -> str:
    """A new account of a resident, who sees what is about them and nothing else; its id.

    Without a name it is called by its id. Raises Conflict for a name that is taken.
    """
    caller, id_ = system_caller("access"), ids.new_id()
    party = f"person-{id_}"
    await create_party(connection, caller, id=party, kind="person", zh="居民", en="Resident", parent=None)
    done = await connection.execute(
        """INSERT INTO access.account (id, name, party_id, password_hash) VALUES ($1, $2, $3, $4)
           ON CONFLICT (name) DO NOTHING""",
        id_,
        name or f"resident-{id_}",
        party,
        password_hash,
    )
    if done.endswith(" 0"):
        raise Conflict(_TAKEN)
    await audit(connection, caller, "access.create_account", f"account:{id_}", {"by": by})
    await grant(city, connection, caller, id_, Mandate(id="", role="access.resident", own=True), None)
    return id_
