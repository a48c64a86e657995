"""The house: four floors, imports fall and never rise, no circle, and a file or function that fits on a screen."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"municipalities": 0, "signals": 1, "followup": 2, "signaalpunt": 3}
TOP_LEVEL = set(FLOORS) | {"tests"}
# Inside an app, top to bottom. What is not named here stands on the third shelf, between views and models.
SHELVES = {
    "urls": 6,
    "views": 5,
    "tasks": 5,
    "management": 5,
    "forms": 3,
    "login": 3,
    "emails": 3,
    "templatetags": 2,
    "models": 2,
    "migrations": 0,
}
LEAVES = {
    "workflow",
    "calendar",
    "languages",
    "receipt",
    "wording",
    "tokens",
    "contrast",
    "svg",
    "vault",
    "database",
    "tenancy",
    "permissions",
}
FORBIDDEN_NAMES = {"utils", "helpers", "services", "constants", "common", "misc", "core"}
LIMITS = {"file": 300, "test_file": 400, "function": 30, "test_function": 40, "view": 20, "task": 10}


def source_files():
    # Sorted, so that every worker of a parallel run collects the same tests in the same order.
    return [
        path
        for top in sorted(TOP_LEVEL)
        for path in sorted((ROOT / top).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def app_files():
    return [path for path in source_files() if path.relative_to(ROOT).parts[0] in FLOORS]


def module_of(path):
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path):
    """(module, line) of everything of ours that this file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        known = [name for name in names if name in MODULES]
        for name in known[-1:] if known else []:
            yield name, node.lineno
        # `from package import module` names the package as well; the module is what is meant.


MODULES = {module_of(path) for path in app_files()}


def shelf_of(module):
    parts = module.split(".")
    name = parts[1] if len(parts) > 1 else ""
    if name in LEAVES:
        return 0
    return SHELVES.get(name, 4)


@pytest.mark.parametrize("path", app_files(), ids=module_of)
def test_imports_fall(path):
    here = module_of(path)
    floor = FLOORS[here.split(".")[0]]
    for target, line in imports_of(path):
        target_floor = FLOORS[target.split(".")[0]]
        assert target_floor <= floor, f"{here}:{line} climbs to {target}"
        if target_floor == floor and floor < FLOORS["signaalpunt"]:
            assert shelf_of(target) <= shelf_of(here), f"{here}:{line} climbs to {target}"


def test_no_circle():
    graph = {module_of(path): {target for target, _line in imports_of(path)} for path in app_files()}
    done, path = set(), []

    def visit(module):
        assert module not in path, f"circle: {' -> '.join([*path[path.index(module) :], module])}"
        if module in done:
            return
        path.append(module)
        for target in graph.get(module, ()):
            if target != module:
                visit(target)
        path.pop()
        done.add(module)

    for module in graph:
        visit(module)


@pytest.mark.parametrize("path", source_files(), ids=module_of)
def test_no_import_inside_a_function(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden = [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
            assert not hidden, f"{path}:{hidden[0].lineno}"


def test_no_other_package_at_the_top():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= TOP_LEVEL


@pytest.mark.parametrize("path", source_files(), ids=module_of)
def test_names_of_the_house(path):
    assert path.stem not in FORBIDDEN_NAMES
    assert path.stem != "signals"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            names = {getattr(getattr(d, "func", d), "id", "") for d in node.decorator_list}
            assert "receiver" not in names, f"{path}:{node.lineno} listens to a Django signal"


@pytest.mark.parametrize("path", source_files(), ids=module_of)
def test_fits_on_a_screen(path):
    kind = "test_" if path.relative_to(ROOT).parts[0] == "tests" else ""
    text = path.read_text()
    assert len(text.splitlines()) <= LIMITS[kind + "file"]
    limit = LIMITS[kind + "function"]
    if not kind and "views" in module_of(path).split(".")[1:]:
        limit = LIMITS["view"]
    if path.stem == "tasks":
        limit = LIMITS["task"]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            assert length <= limit, f"{path}:{node.lineno} {node.name} has {length} lines"
