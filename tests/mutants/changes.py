"""The small changes that are made to a module, one at a time: a comparison, a sum, a number, an entry of a table."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Div: ast.Mult,
}  # fmt: skip
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor"}
_LEFT_ALONE = {"decorator_list", "annotation", "returns", "type_params", "bases"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `line` as it stands in the file (from 1), `what` in words that tell it apart on its line."""

    line: int
    what: str
    _place: tuple[Any, str, int | None]
    _new: Any

    def apply(self) -> Any:
        """Makes the change in the tree; returns what stood there, for `put`."""
        holder, name, at = self._place
        old = getattr(holder, name) if at is None else getattr(holder, name)[at]
        self.put(self._new)
        return old

    def put(self, value: Any) -> None:
        holder, name, at = self._place
        if at is None:
            setattr(holder, name, value)
        else:
            getattr(holder, name)[at] = value


def changes(tree: ast.Module) -> list[Change]:
    """Every change of a module. Docstrings, annotations, imports, decorators and `__slots__` stay as they are."""
    return list(_within(tree))


def _within(node: ast.AST) -> Iterator[Change]:
    for name, value in ast.iter_fields(node):
        if name in _LEFT_ALONE:
            continue
        children = value if isinstance(value, list) else [value]
        for at, child in enumerate(children):
            if not isinstance(child, ast.AST) or isinstance(child, ast.Import | ast.ImportFrom) or _is_text(child):
                continue
            place = (node, name, at if isinstance(value, list) else None)
            yield from (
                Change(_line(child), f"{_said(child)} → {said}", place, _placed(new, child))
                for said, new in _instead(child, name)
            )
            yield from _within(child)


def _line(node: ast.AST) -> int:
    return _line(node.target) if isinstance(node, ast.comprehension) else getattr(node, "lineno", 0)


def _is_text(node: ast.AST) -> bool:
    """A docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _placed(new: ast.AST, old: ast.AST) -> ast.AST:
    return ast.fix_missing_locations(ast.copy_location(new, old))


def _said(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else text[:69] + "…"


def _instead(node: ast.AST, field: str) -> Iterator[tuple[str, ast.AST]]:
    """What may stand in place of a node, with words for it."""
    found: list[ast.AST] = []
    match node:
        case ast.Compare():
            found += _compared(node)
        case ast.BinOp() if type(node.op) in _SUMS:
            found.append(ast.BinOp(node.left, _SUMS[type(node.op)](), node.right))
        case ast.AugAssign() if type(node.op) in _SUMS:
            found.append(ast.AugAssign(node.target, _SUMS[type(node.op)](), node.value))
        case ast.BoolOp():
            found.append(ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values))
            found += [_joined(node.op, _without(node.values, at)) for at in range(len(node.values))]
        case ast.UnaryOp():
            found.append(node.operand)
        case ast.IfExp():
            found.append(ast.IfExp(node.test, node.orelse, node.body))
        case ast.Constant():
            found += _constants(node.value)
        case ast.Call():
            found += _called(node)
        case ast.Dict():
            found += [ast.Dict(_without(node.keys, at), _without(node.values, at)) for at in range(len(node.keys))]
        case ast.Set() if len(node.elts) > 1:
            found += [ast.Set(_without(node.elts, at)) for at in range(len(node.elts))]
        case ast.List() if isinstance(node.ctx, ast.Load):
            found += [ast.List(_without(node.elts, at), node.ctx) for at in range(len(node.elts))]
        case ast.Return(value=ast.expr()) if not isinstance(node.value, ast.Constant):
            found.append(ast.Return(ast.Constant(None)))
        case ast.Assign() | ast.Expr() if field == "body":
            yield "nothing", ast.Pass()
        case ast.Raise():
            yield "nothing", ast.Pass()
        case ast.Continue():
            found.append(ast.Break())
        case ast.comprehension() if node.ifs:
            found += [
                ast.comprehension(node.target, node.iter, _without(node.ifs, at), node.is_async)
                for at in range(len(node.ifs))
            ]
        case _:
            pass
    if field == "test" and not isinstance(node, ast.Compare | ast.UnaryOp):
        found.append(ast.UnaryOp(ast.Not(), node))  # type: ignore[arg-type]
    yield from ((_said(new), new) for new in found)


def _joined(op: ast.boolop, values: list[ast.expr]) -> ast.expr:
    return ast.BoolOp(op, values) if len(values) > 1 else values[0]


def _without(values: list[Any], at: int) -> list[Any]:
    return values[:at] + values[at + 1 :]


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for at, op in enumerate(node.ops):
        for other in _COMPARISONS[type(op)]:
            yield ast.Compare(node.left, [*node.ops[:at], other(), *node.ops[at + 1 :]], node.comparators)


def _constants(value: Any) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, str):
        yield ast.Constant(f"{value}~")


def _called(node: ast.Call) -> Iterator[ast.AST]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if other := _CALLS.get(name):
        func = ast.Name(other, ast.Load()) if isinstance(node.func, ast.Name) else node.func
        yield ast.Call(
            ast.Attribute(node.func.value, other, ast.Load()) if isinstance(node.func, ast.Attribute) else func,
            node.args, node.keywords,
        )  # fmt: skip
    for at in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, _without(node.keywords, at))
