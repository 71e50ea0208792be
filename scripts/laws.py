"""Laws of the house that no linter knows; prints every breach with its place and fails if there is one.

The laws themselves stand in docs/conventions.md; the numbers in brackets are its rules.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("photic", "tests", "bench", "scripts", "examples")
LINES = 400  # the longest file
SUPPRESSIONS = 12  # of checks, in all files; this number may only fall (19)
COMPILED = ("photic/train/", "photic/experiment/")  # where jit, vmap and scan may stand (8)
LOOPS = ("photic/kernels/",)  # where scan may stand too: a recurrent cell is a loop over time
WITHOUT_JAX = ("photic/__init__.py", "photic/cli/", "photic/data/", "photic/export/plain.py", "photic/report/")
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}

Breach = tuple[int, str]


def length(text: str) -> Iterator[Breach]:
    """No file is longer than a person reads."""
    lines = text.count("\n")
    if lines > LINES:
        yield LINES, f"needs at most {LINES} lines, got {lines}: split it"


def suppressions(text: str) -> Iterator[Breach]:
    """A suppression gives its reason on its line (19)."""
    for number, comment in _suppressions(text):
        if not _REASONED.search(comment):
            yield number, "a suppression needs its reason on its line (19)"


_REASONED = re.compile(r"(noqa(: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*)?+|ignore(\[[^]]*\])?+)\W+[a-z]")


def _suppressions(text: str) -> Iterator[Breach]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and re.search(r"# (noqa|(type|pyrefly): ignore)", token.string):
            yield token.start[0], token.string


def pickles(tree: ast.AST) -> Iterator[Breach]:
    """Nothing that comes in runs code: no pickle, nor what is pickle inside."""
    for number, module, _ in _imports(tree):
        if module.split(".")[0] in {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}:
            yield number, f"needs another format than {module}: nothing that comes in may run code"


def imports_jax(tree: ast.AST) -> Iterator[Breach]:
    """These rooms work without JAX."""
    for number, module, _ in _imports(tree):
        if module.split(".")[0] in {"jax", "jaxlib", "optax"}:
            yield number, f"needs to do without {module} (docs/architecture.md)"


def compiles(tree: ast.AST, words: tuple[str, ...]) -> Iterator[Breach]:
    """Compilation and lanes live in train/ and experiment/ only (8)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in words and _is_jax(node.value):
            yield node.lineno, f"{node.attr} lives in train/ and experiment/ only (8)"


def inherits(tree: ast.AST) -> Iterator[Breach]:
    """Abstract or final, never super() or hasattr (9)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"super", "hasattr"}:
            yield node.lineno, f"{node.func.id}() is never needed here: compose, or ask the type (9)"


def private(tree: ast.AST) -> Iterator[Breach]:
    """A name with a leading underscore means: only this file (6)."""
    for number, module, names in _imports(tree):
        for name in names:
            if module.startswith("photic") and name.startswith("_") and not name.startswith("__"):
                yield number, f"{name} belongs to {module} alone (6)"


def _imports(tree: ast.AST) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, ()
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or "", tuple(alias.name for alias in node.names)


def _is_jax(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in {"jax", "lax"}


def breaches(path: str, text: str) -> Iterator[Breach]:
    """Every breach in one file, with its line."""
    tree = ast.parse(text)
    if Path(path).stem in VAGUE:
        yield 1, "a file carries the noun of its concept (1)"
    yield from length(text)
    yield from suppressions(text)
    yield from pickles(tree)
    if path.startswith("photic/"):
        yield from private(tree)
        yield from inherits(tree) if path != "photic/errors.py" else ()
        words = ("jit", "vmap", "pmap") if path.startswith(LOOPS) else ("jit", "vmap", "pmap", "scan")
        yield from compiles(tree, words) if not path.startswith(COMPILED) else ()
        yield from imports_jax(tree) if path.startswith(WITHOUT_JAX) else ()


def main() -> int:
    """Check every Python file of the repository."""
    files = [ROOT / "conftest.py", *(file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")))]
    texts = {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}
    found = [f"{path}:{line}: {words}" for path, text in texts.items() for line, words in breaches(path, text)]
    count = sum(len(list(_suppressions(text))) for text in texts.values())
    if count > SUPPRESSIONS:
        found.append(f"scripts/laws.py: needs at most {SUPPRESSIONS} suppressions, got {count} (19)")
    print("\n".join(found) or f"Laws kept in {len(texts)} files, {count} suppressions.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
