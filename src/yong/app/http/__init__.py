"""HTTP: one front, one application, problem documents, health and the first pages."""

from yong.app.http.application import create_app
from yong.app.http.front import Front, serve

__all__ = ["Front", "create_app", "serve"]
