"""Make an empty sibling of the reference domain: every file in its place, and a test.

    make new-domain NAME=lighting
    python scripts/new_domain.py lighting --zh 照明 --en Lighting

What it makes passes `make check` and `make test` at once. It never touches a file that exists.
"""

import argparse
import keyword
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FILES = {
    "src/yong/domains/{name}/__init__.py": '''"""{en}."""
''',
    "src/yong/domains/{name}/manifest.py": '''"""{en} as a module: what it is, needs, permits and declares."""

from yong.kernel.base.module import Module
from yong.kernel.base.text import Text

MODULE = Module(
    name="{name}",
    package="yong.domains.{name}",
    title=Text("{zh}", "{en}"),
)
''',
    "src/yong/domains/{name}/contracts.py": '''"""What crosses the door of {name}: frozen types and events."""
''',
    "src/yong/domains/{name}/logic.py": '''"""The rules of {name}. Pure: no database, no web."""
''',
    "src/yong/domains/{name}/store.py": '''"""The SQL of {name}. Private to its service."""
''',
    "src/yong/domains/{name}/service.py": '''"""The use cases of {name}: one transaction each, with its events."""
''',
    "src/yong/domains/{name}/api.py": '''"""The only door of {name}: every function takes the City and the Caller, and authorizes first."""
''',
    "src/yong/domains/{name}/routes.py": '''"""The HTTP of {name}: parse, call `api`, answer."""

from litestar.types import ControllerRouterHandler

routes: tuple[ControllerRouterHandler, ...] = ()
''',
    "src/yong/domains/{name}/jobs.py": '''"""The work of {name} that nobody waits for: schedules and jobs."""
''',
    "src/yong/domains/{name}/policies.cedar": """// What the roles of {name} may do. What is not permitted here is denied.
""",
    "docs/domains/{name}.md": """# {en} · {zh}

What this domain is for, its Relations, its rules and its events. 本领域的用途、信息资源、规则和事件。
""",
    "tests/{name}/test_{name}.py": '''"""{en}: the domain is found, and its module says who it is in both languages."""

from yong.app import bootstrap
from yong.kernel.base.module import Registry


def test_the_domain_is_found() -> None:
    module = Registry(bootstrap.modules("ningbo")).module("{name}")
    assert module is not None
    assert module.title.zh
    assert module.title.en
''',
}


def problem(name: str) -> str | None:
    """Why a name cannot be a domain's; None when it can. It becomes a package and a database schema."""
    if not re.fullmatch(r"[a-z][a-z0-9]{1,29}", name):
        return "2 to 30 lower-case letters and digits, a letter first / 2 至 30 个小写字母和数字，字母开头"
    if keyword.iskeyword(name):
        return "a word of Python / 是 Python 的保留字"
    if name.startswith("pg") or name in ("public", "jobs", "information"):
        return "a schema of PostgreSQL / 与数据库的模式重名"
    for plane in ("kernel", "domains", "cities"):
        if (ROOT / "src/yong" / plane / name).exists():
            return "it exists already / 已经存在"
    if (ROOT / "tests" / name).exists():
        return "its tests exist already / 测试文件夹已经存在"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description="Make an empty domain / 新建一个空的领域")
    parser.add_argument("name")
    parser.add_argument("--zh", help="title in Chinese / 中文名称")
    parser.add_argument("--en", help="title in English / 英文名称")
    arguments = parser.parse_args()
    name = arguments.name
    wrong = problem(name)
    if wrong:
        parser.error(f"NAME={name!r}: {wrong}")
    facts = {"name": name, "zh": arguments.zh or name, "en": arguments.en or name.capitalize()}
    if any(set(text) & set('"\\{}\n') for text in facts.values()):
        parser.error("a title without quotes, backslashes and braces / 名称不能含引号、反斜杠和花括号")
    for path, content in FILES.items():
        file = ROOT / path.format(**facts)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write(content.format(**facts))
        print(file.relative_to(ROOT))


if __name__ == "__main__":
    main()
