"""What people do for themselves at the door: an account, a session and its end, and how far they are proved."""

import msgspec

from yong.kernel.access import identity
from yong.kernel.access.contracts import Caller, Proofed, Way
from yong.kernel.access.scope import allowed, authorize
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Unauthenticated
from yong.kernel.base.text import Language, Text

_CLOSED = Text("本系统不开放自行注册", "Nobody signs up by themselves here")


async def sign_up(city: City, caller: Caller, name: str, password: str, client: str) -> str:
    """Make a resident's account for whoever asks; its id.

    Raises Forbidden where `resident_sign_up` is off or a policy forbids it, else as `identity.sign_up`.
    """
    if not city.settings.resident_sign_up or not allowed(city, caller, "access.sign_up", "access"):
        raise Forbidden(_CLOSED)
    return await identity.sign_up(city, name, password, client)


async def open_session(
    city: City, caller: Caller, name: str, password: str, code: str | None, client: str, *, former: str | None
) -> str:
    """Sign in; the token of a new session. The session of the browser's `former` token, if any, ends."""
    authorize(city, caller, "access.sign_in", "access")
    token, _ = await identity.sign_in(city, name, password, code, client)
    if former:
        await identity.sign_out(city, former)
    return token


async def close_session(city: City, caller: Caller, token: str) -> None:
    """End a session of one's own, by its token; nothing where nobody is signed in."""
    if caller.account != "anonymous":
        await identity.sign_out(city, token)


async def prove_identity(city: City, caller: Caller, name: str, method: Way) -> int:
    """Note that the holder of an account was proved by a way; the new level. For who checks identities."""
    authorize(city, caller, "access.prove_identity", "access")
    return await identity.prove(city, caller, name, method)


async def proofed(city: City, caller: Caller) -> Proofed:
    """How far the caller is proved. Raises Unauthenticated."""
    if caller.account == "anonymous":
        raise Unauthenticated
    return await identity.proofed(city, caller.account)


def speaking(caller: Caller, language: Language) -> Caller:
    """The caller, who reads in this language: a page's choice goes before the browser's."""
    return caller if caller.language == language else msgspec.structs.replace(caller, language=language)
