"""One condition less: every way to make one door, or one line of the policy, a little wrong."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import CodeType, FunctionType, ModuleType
from typing import Any

from leerorkest import policy
from leerorkest.people.rules import Role

NARROWING = {"filter", "exclude", "Q", "get_object_or_404"}
PERIODS = {"on", "open", "keepers"}  # methods of a table that leave out what does not hold (any more)


@dataclass(frozen=True)
class Mutant:
    name: str
    function: str  # whose probes should notice: "schools.children", "people.Actor.sites"; a route for the policy
    swap: Callable[[], Callable[[], None]]  # put it in place; what comes back puts it right again

    @contextmanager
    def in_place(self) -> Iterator[None]:
        undo = self.swap()
        try:
            yield
        finally:
            undo()


# --- doors --------------------------------------------------------------------------------------------


def functions_of(module: ModuleType, room: str) -> dict[str, FunctionType]:
    """{"schools.children": …, "people.Actor.roles": …}: what is written in this module."""
    found: dict[str, FunctionType] = {}

    def note(name: str, thing: Any) -> None:
        function = thing.fget if isinstance(thing, property) else inspect.unwrap(thing) if callable(thing) else None
        if isinstance(function, FunctionType) and function.__code__.co_filename == module.__file__:
            found[name] = function

    for name, thing in vars(module).items():
        if inspect.isclass(thing) and thing.__module__ == module.__name__ and not getattr(thing, "_is_protocol", False):
            for inner, method in vars(thing).items():
                note(f"{room}.{name}.{inner}", method)
        elif callable(thing) and getattr(thing, "__module__", "") == module.__name__:
            note(f"{room}.{name}", thing)
    return found


def mutants_of(module: ModuleType, room: str) -> Iterator[Mutant]:
    source, functions = inspect.getsource(module), functions_of(module, room)
    for number in range(sum(1 for _ in changes(ast.parse(source)))):
        tree = ast.parse(source)
        name, what, change = list(changes(tree))[number]
        change()
        whole = f"{room}.{name}"
        if whole not in functions:  # the shape of an actor, without a body
            continue
        code = code_of(compile(ast.fix_missing_locations(tree), str(module.__file__), "exec"), name)
        yield Mutant(f"{whole}: {what}", whole, swap_code(functions[whole], code))
    yield from constants_of(module, room)


def code_of(code: CodeType, name: str) -> CodeType:
    for part in name.split("."):
        code = next(inner for inner in code.co_consts if isinstance(inner, CodeType) and inner.co_name == part)
    return code


def swap_code(function: FunctionType, code: CodeType) -> Callable[[], Callable[[], None]]:
    def swap() -> Callable[[], None]:
        before, function.__code__ = function.__code__, code
        return lambda: setattr(function, "__code__", before)

    return swap


Change = tuple[str, str, Callable[[], None]]


def changes(tree: ast.Module) -> Iterator[Change]:
    """(function, what is left out, how)."""
    for top in tree.body:
        inside = top.body if isinstance(top, ast.ClassDef) else [top]
        for function in inside:
            if not isinstance(function, ast.FunctionDef):
                continue
            name = f"{top.name}.{function.name}" if isinstance(top, ast.ClassDef) else function.name
            for node in [inner for line in function.body for inner in ast.walk(line)]:
                for what, change in changes_of(node):
                    yield name, what, change


def changes_of(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    match node:
        case ast.Call():
            yield from changes_of_call(node)
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr() | ast.Sub()):
            text = ast.unparse(node)
            yield f"only the left of {text}", lambda: become(node, node.left)
            if not isinstance(node.op, ast.Sub):
                yield f"only the right of {text}", lambda: become(node, node.right)
        case ast.BoolOp():
            for value in node.values:
                rest = [one for one in node.values if one is not value]
                left = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
                yield f"{ast.unparse(node)} without {ast.unparse(value)}", lambda left=left: become(node, left)
        case ast.If() | ast.IfExp():
            for answer in (True, False):
                yield (
                    f"{ast.unparse(node.test)} is always {answer}",
                    lambda answer=answer: setattr(node, "test", ast.Constant(answer)),
                )
        case ast.comprehension():
            for position, test in enumerate(node.ifs):
                yield f"without if {ast.unparse(test)}", lambda position=position: node.ifs.pop(position)
        case ast.UnaryOp(op=ast.Not()):
            yield f"without the not of {ast.unparse(node)}", lambda: become(node, node.operand)
        case ast.Tuple(elts=elements):
            for position, value in enumerate(elements):
                if is_role(value):
                    yield (
                        f"{ast.unparse(node)} without {ast.unparse(value)}",
                        lambda position=position: elements.pop(position),
                    )


def changes_of_call(node: ast.Call) -> Iterator[tuple[str, Callable[[], None]]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    text = ast.unparse(node)
    if name in NARROWING:
        for position in range(1 if name == "get_object_or_404" else 0, len(node.args)):
            yield (
                f"{name} without {ast.unparse(node.args[position])}",
                lambda position=position: node.args.pop(position),
            )
        for position, keyword in enumerate(node.keywords):
            yield f"{name} without {ast.unparse(keyword)}", lambda position=position: node.keywords.pop(position)
    elif name in PERIODS and isinstance(node.func, ast.Attribute):

        def always() -> None:
            node.func.attr, node.args, node.keywords = "all", [], []

        yield f"without the .{name} of {text}", always
    roles = [position for position, value in enumerate(node.args) if is_role(value)]
    for position in roles:
        yield f"{text} without {ast.unparse(node.args[position])}", lambda position=position: node.args.pop(position)
    if roles:

        def everyone() -> None:
            node.args = [value for value in node.args if not is_role(value)]
            node.args.append(ast.Starred(ast.Name("Role", ast.Load()), ast.Load()))

        yield f"{text} for every role", everyone


def is_role(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Role"


def become(node: ast.AST, other: ast.AST) -> None:
    node.__class__ = other.__class__
    node.__dict__.clear()
    node.__dict__.update(other.__dict__)


def constants_of(module: ModuleType, room: str) -> Iterator[Mutant]:
    """Tuples of roles with one less and one more; days of grace with one less and one more."""
    for name, value in list(vars(module).items()):
        others: list[tuple[str, Any]] = []
        if not name.isupper():
            continue
        if isinstance(value, tuple) and value and set(value) <= set(Role):
            others = [(f"without {role}", tuple(one for one in value if one != role)) for role in value]
            others += [(f"with {role}", (*value, role)) for role in Role if role not in value]
        elif isinstance(value, timedelta):
            others = [(f"{days:+} day", value + timedelta(days=days)) for days in (-1, 1)]
        for what, other in others:
            yield Mutant(f"{room}.{name}: {what}", f"{room}.", swap_constant(module, name, value, other))


def swap_constant(module: ModuleType, name: str, value: Any, other: Any) -> Callable[[], Callable[[], None]]:
    def swap() -> Callable[[], None]:
        setattr(module, name, other)
        return lambda: setattr(module, name, value)

    return swap


# --- the policy ---------------------------------------------------------------------------------------


def mutants_of_policy() -> Iterator[Mutant]:
    """Each line gone, each flag turned, each role taken out or let in."""
    for route, rule in list(policy.POLICY.items()):
        others: list[tuple[str, Any]] = [] if rule.closed else [("no line", None)]  # without a line it is closed too
        others += [
            (f"{flag} turned", replace(rule, **{flag: not getattr(rule, flag)}))
            for flag in ("public", "closed", "on_the_way_in")
            if not (flag == "on_the_way_in" and (rule.public or rule.closed)) and not (flag == "public" and rule.closed)
        ]
        if not rule.public and not rule.closed:
            others += [(f"{role} turned", replace(rule, roles=rule.roles ^ {role})) for role in Role]
            if rule.roles:
                others.append(("for everybody", replace(rule, roles=frozenset())))
        for what, other in others:
            yield Mutant(f"policy of {route}: {what}", route, swap_rule(route, rule, other))


def swap_rule(route: str, rule: Any, other: Any) -> Callable[[], Callable[[], None]]:
    def swap() -> Callable[[], None]:
        if other is None:
            del policy.POLICY[route]
        else:
            policy.POLICY[route] = other
        return lambda: policy.POLICY.__setitem__(route, rule)

    return swap


def module_of(room: str) -> ModuleType:
    return importlib.import_module(f"leerorkest.{room}.access")
