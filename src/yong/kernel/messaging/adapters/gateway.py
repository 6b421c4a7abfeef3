"""Short messages through a gateway: an HTTP POST of JSON to the address that the operator has set.

The body is `{"id", "to", "text", "language"}`; the same letter has the same id, also as `Idempotency-Key`. Any answer of
2xx means that the gateway has taken it over.
"""

import aiohttp
import msgspec

from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.messaging.contracts import Channel, Failed, Letter
from yong.kernel.messaging.logic import telephone

_TIMEOUT_S = 20.0
_READ = 64 << 10
TEXT = 300  # characters; what is longer is cut


def opened(settings: Settings) -> bool:
    """Whether a gateway is set."""
    return settings.sms_url is not None


async def send(city: City, letter: Letter) -> None:
    """Hand a letter to the gateway. Raises Failed."""
    settings = city.settings
    if settings.sms_url is None:
        raise Failed("no gateway is set")
    text = letter.text if len(letter.text) <= TEXT else letter.text[: TEXT - 1] + "…"
    body = {"id": letter.id, "to": letter.address, "text": text, "language": letter.language}
    headers = {"Content-Type": "application/json", "Idempotency-Key": letter.id}
    if settings.sms_secret_file:
        headers["Authorization"] = f"Bearer {settings.sms_secret_file.read_text('utf-8').splitlines()[0]}"
    try:
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(
                settings.sms_url, data=msgspec.json.encode(body), headers=headers,
                allow_redirects=False,  # they would leave the host that is allowed
                timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S),
            ) as answer,
        ):  # fmt: skip
            await answer.content.read(_READ)
            if not 200 <= answer.status < 300:
                raise Failed(f"HTTP {answer.status}")
    except TimeoutError:
        raise Failed(f"no answer within {_TIMEOUT_S:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Failed(type(error).__name__) from None


SMS = Channel(
    name="messaging.sms",
    title=Text("短信", "Text message"),
    contact=Text("手机号码", "mobile number"),
    autocomplete="tel",
    address=telephone,
    opened=opened,
    send=send,
)
