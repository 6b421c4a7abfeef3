"""What the kit asks the install as its operator, over its HTTP interface alone: what was kept, laid aside, commanded."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from yong.kernel.base.errors import Invalid, Unavailable
from yong.kernel.base.text import Text

_EVERY_S = 0.1


class Inside:
    """An install as an account with a key sees it; the key's account reads history and commands things."""

    def __init__(self, client: httpx.AsyncClient, key: str) -> None:
        self.client = client
        self._headers = {"X-API-Key": key}

    async def point(self, entity: str, attribute: str, at: datetime | None) -> Mapping[str, Any] | None:
        """The reading of an attribute at a moment, else its newest."""
        asked: dict[str, str] = {"attribute": attribute, "limit": "1"}
        if at is None:
            asked = {"attribute": attribute, "last": "1"}
        else:
            asked |= {"from": at.isoformat(), "to": (at + timedelta(milliseconds=1)).isoformat()}
        found = await self._json("GET", f"/history/{entity}", params=asked)
        return found[0] if found else None

    async def letter(self, thing: str, since: datetime) -> Text | None:
        """Why the newest message of a thing was laid aside, if one was since a moment."""
        found = await self._json("GET", "/sensing/dead-letters", params={"thing": thing, "limit": "1"})
        if not found or datetime.fromisoformat(found[0]["at"]) < since:
            return None
        reason = found[0]["reason"]
        return Text(reason["zh"], reason["en"])

    async def command(self, thing: str, name: str, arguments: Mapping[str, Any]) -> str:
        """Command a thing; the command's id."""
        order = {"name": name, "arguments": arguments, "timeout_s": 60}
        return str((await self._json("POST", f"/sensing/things/{thing}/commands", json=order))["id"])

    async def command_state(self, thing: str, id: str, *, until: str, within_s: float) -> str:
        """How a command stands once it stands as wished, or after so long."""
        state = ""
        async for _ in turns(within_s):
            found = await self._json("GET", f"/sensing/things/{thing}/commands", params={"limit": "20"})
            state = next((c["state"] for c in found if c["id"] == id), "")
            if state == until:
                break
        return state

    async def _json(self, method: str, path: str, **more: Any) -> Any:
        try:
            answer = await self.client.request(method, path, headers=self._headers, **more)
        except httpx.HTTPError as error:
            raise Unavailable(_AWAY, url=self.client.base_url, why=type(error).__name__) from None
        if answer.status_code >= 400:
            raise Invalid(_REFUSED, path=path, status=answer.status_code, why=answer.text[:300])
        return answer.json()


async def turns(within_s: float) -> Any:
    """Look, and look again every tenth of a second, for so long; at least once."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while True:
        yield
        if loop.time() >= end:
            return
        await asyncio.sleep(_EVERY_S)


_AWAY = Text("{url} 无法访问：{why}", "{url} cannot be reached: {why}")
_REFUSED = Text(
    "{path} 拒绝了本工具的密钥或请求（{status}）：{why}", "{path} refused the kit ({status}): {why}"
)
