"""What a command's document says of it: the legal consequence, and what it may be refused for.

The refusals are read off the code that refuses, so that the document cannot forget one.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from functools import cache

from domain import acts, cases, corrections, links, papers, reference
from domain.cases import CASE_KINDS
from domain.decider import CommandType
from domain.units import role_name
from eventstore import application


def described(kind: CommandType) -> str:
    """The description of a command in the OpenAPI document."""
    meant = inspect.getdoc(kind.cls) or ""
    by = "、".join(map(_who, kind.by)) or "任一单位或该事项的责任方"
    area = kind.name.partition(".")[0]
    refusals = "\n".join(f"- `{code}`：{zh}" for code, zh in reasons(area).items())
    return f"{meant}\n\n由谁作出 / by: {by}\n\n可能的不予办理 / may be refused:\n{refusals}"


def _who(party: str) -> str:
    """A role with its name; the code of a unit, whose name is the law's to say."""
    name = "系统" if party == "system" else role_name(party)
    return party if name == party else f"{name}（{party}）"


@cache
def reasons(area: str) -> dict[str, str]:
    """The refusal codes and Chinese words in the code that decides for an area; `*`: for any."""
    if area == "*":
        modules = [application.__name__, cases.__name__]
    elif area == "task":
        modules = [f"{acts.__name__}.decisions"]
    elif area == "case":
        modules = [corrections.__name__, links.__name__]
    elif area == "reference":
        modules = [reference.__name__]
    elif area in ("letter", "document"):
        modules = [f"{papers.__name__}.{part}" for part in ("decisions", "grounds")]
    else:
        home = inspect.getmodule(CASE_KINDS[area].decide)
        assert home is not None
        modules = [home.__name__]
        package = importlib.import_module(home.__name__.rpartition(".")[0])
        if package.__name__ != "domain.cases":
            inside = pkgutil.iter_modules(package.__path__)
            modules = [f"{package.__name__}.{module.name}" for module in inside]
    found: dict[str, str] = {}
    for name in modules:
        module = importlib.import_module(name)
        found |= _of_source(inspect.getsource(module))
        for guard in vars(module).values():  # what it asks of others: whether a duty may move, …
            if not inspect.isfunction(guard) or guard.__module__ in modules:
                continue
            if guard.__module__.startswith("domain."):
                found = _of_source(inspect.getsource(guard)) | found
    return dict(sorted(found.items()))


def _of_source(source: str) -> dict[str, str]:
    """Every `Refused(code, zh, …)` and `need(fine, code, zh, …)` in a module's source."""
    found: dict[str, str] = {}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        given = {"Refused": node.args, "need": node.args[1:]}.get(node.func.id, [])
        match given:
            case [ast.Constant(value=str(code)), said, *_]:
                if isinstance(said, ast.Name):
                    said = _nearest(tree, said.id, node.lineno) or said
                found.setdefault(code, _words(said))
    return found


def _nearest(tree: ast.AST, name: str, line: int) -> ast.expr | None:
    """The value last given to `name` above a line."""
    above = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and node.lineno < line
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    return max(above, key=lambda node: node.lineno).value if above else None


def _words(said: ast.expr) -> str:
    """The text as written, with `…` for what is filled in."""
    match said:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(p.value if isinstance(p, ast.Constant) else "…" for p in parts)  # type: ignore[misc]
        case _:
            return "…"
