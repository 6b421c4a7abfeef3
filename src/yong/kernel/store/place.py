"""Where the database is: embedded under the home folder, or by URL. The same code for both."""

from urllib.parse import quote, urlsplit, urlunsplit

from yong.kernel.base.settings import Settings
from yong.kernel.store import embedded
from yong.kernel.store.migrate import SERVING_ROLE
from yong.kernel.store.secrets import secret


def owner_url(settings: Settings) -> str:
    """The connection that migrates, backs up and prunes; no serving process uses it."""
    if settings.database_url:
        return settings.database_url
    return embedded.url_of(settings.home)


def serve_password(settings: Settings) -> str:
    """The serving role's password, made by this install."""
    return secret(settings.home, "postgres-serve")


def serve_url(settings: Settings) -> str:
    """The connection of every serving process, under the role that may not rewrite history."""
    if settings.database_serve_url:
        return settings.database_serve_url
    password = serve_password(settings)
    if settings.database_url:
        parts = urlsplit(settings.database_url)
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{SERVING_ROLE}:{quote(password)}@{place}"))
    return embedded.url(settings.home, SERVING_ROLE, password)
