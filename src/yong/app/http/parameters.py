"""Parameters of a query that an operation does not know are refused: a filter that is misspelt must not show everything.

A handler that takes whatever comes says so (`opt={"any_query": True}`); pages for people are no operations and do too:
their addresses are passed on with additions of others.
"""

from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import CookieParameter, HeaderParameter, ParameterKwarg

from yong.kernel.base.errors import Malformed, Problem
from yong.kernel.base.text import Text

_MOST = 20  # are named
_NOT_QUERIES = frozenset(
    {"request", "data", "city", "caller", "body", "headers", "cookies", "state", "scope"}
)


@cache
def known(handler: HTTPRouteHandler) -> frozenset[str] | None:
    """The parameters of a handler's query by the names that a request has them under; None when it takes any."""
    if handler.opt.get("any_query") or not handler.include_in_schema:
        return None
    path = {name for paths in handler.paths for name in _path_names(paths)}
    found = set()
    for name, field in handler.parsed_fn_signature.parameters.items():
        if name in path or name in _NOT_QUERIES:
            continue
        told = field.kwarg_definition
        if isinstance(told, HeaderParameter | CookieParameter):
            continue
        found.add((isinstance(told, ParameterKwarg) and told.name) or name)
    return frozenset(found)


def _path_names(path: str) -> list[str]:
    return [part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")]


def refuse_unknown(connection: "ASGIConnection[Any, Any, Any, Any]", handler: BaseRouteHandler) -> None:
    """A guard of every handler. Raises Malformed that names what is unknown and what is known."""
    query: bytes = connection.scope["query_string"]
    if not query or not isinstance(handler, HTTPRouteHandler):
        return
    names = known(handler)
    if names is None:
        return
    unknown = sorted({name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)} - names)
    if unknown:
        raise Malformed(
            Text("没有参数 {unknown}；可用：{known}", "There is no parameter {unknown}; there are: {known}"),
            unknown=", ".join(name[:64] for name in unknown[:_MOST]),
            known=", ".join(sorted(names)) or "–",
            problems=tuple(Problem(f"/{name[:64]}", _UNKNOWN) for name in unknown[:_MOST]),
        )


_UNKNOWN = Text("没有此参数", "There is no such parameter")
