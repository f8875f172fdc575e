"""The part of JSON Schema that open_badges.json uses; a keyword that is not known is an error."""

import re
from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]
KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
NOTES = {"$comment", "$defs"}


class Checker:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def faults(self, value: Any, schema: Schema | None = None, at: str = "$") -> Iterator[str]:
        """Where a value is not as the schema says, and by which keyword."""
        rules = self.schema if schema is None else schema
        for keyword, rule in rules.items():
            if keyword in NOTES:
                continue
            if keyword == "additionalProperties":
                extra = set(value) - set(rules["properties"]) if isinstance(value, dict) else ()
                yield from (f"{at}.{name}: not known" for name in extra if rule is False)
            else:
                yield from RULES[keyword](self, value, rule, at)

    def holds(self, value: Any, schema: Schema) -> bool:
        return next(self.faults(value, schema), None) is None

    def _ref(self, value: Any, rule: str, at: str) -> Iterator[str]:
        yield from self.faults(value, self.schema["$defs"][rule.removeprefix("#/$defs/")], at)

    def _type(self, value: Any, rule: str, at: str) -> Iterator[str]:
        is_flag = isinstance(value, bool) and rule != "boolean"
        if is_flag or not isinstance(value, KINDS[rule]):
            yield f"{at}: not of type {rule}"

    def _const(self, value: Any, rule: Any, at: str) -> Iterator[str]:
        if value != rule:
            yield f"{at}: not {rule}"

    def _enum(self, value: Any, rule: list[Any], at: str) -> Iterator[str]:
        if value not in rule:
            yield f"{at}: none of those listed"

    def _pattern(self, value: Any, rule: str, at: str) -> Iterator[str]:
        if isinstance(value, str) and not re.search(rule, value):
            yield f"{at}: {value!r} does not match {rule}"

    def _least(self, value: Any, rule: int, at: str) -> Iterator[str]:
        if isinstance(value, str | list) and len(value) < rule:
            yield f"{at}: shorter than {rule}"

    def _required(self, value: Any, rule: list[str], at: str) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (f"{at}.{name}: missing" for name in rule if name not in value)

    def _properties(self, value: Any, rule: dict[str, Schema], at: str) -> Iterator[str]:
        if isinstance(value, dict):
            for name in rule.keys() & value.keys():
                yield from self.faults(value[name], rule[name], f"{at}.{name}")

    def _items(self, value: Any, rule: Schema, at: str) -> Iterator[str]:
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.faults(item, rule, f"{at}[{number}]")

    def _first_items(self, value: Any, rule: list[Schema], at: str) -> Iterator[str]:
        if isinstance(value, list):
            for number, (item, wanted) in enumerate(zip(value, rule, strict=False)):
                yield from self.faults(item, wanted, f"{at}[{number}]")

    def _contains(self, value: Any, rule: Schema, at: str) -> Iterator[str]:
        if isinstance(value, list) and not any(self.holds(item, rule) for item in value):
            yield f"{at}: contains none that is {rule}"

    def _all_of(self, value: Any, rule: list[Schema], at: str) -> Iterator[str]:
        for wanted in rule:
            yield from self.faults(value, wanted, at)

    def _any_of(self, value: Any, rule: list[Schema], at: str) -> Iterator[str]:
        if not any(self.holds(value, wanted) for wanted in rule):
            yield f"{at}: meets none of {len(rule)} ways"


RULES: dict[str, Callable[[Checker, Any, Any, str], Iterator[str]]] = {
    "$ref": Checker._ref,
    "type": Checker._type,
    "const": Checker._const,
    "enum": Checker._enum,
    "pattern": Checker._pattern,
    "minLength": Checker._least,
    "minItems": Checker._least,
    "required": Checker._required,
    "properties": Checker._properties,
    "items": Checker._items,
    "prefixItems": Checker._first_items,
    "contains": Checker._contains,
    "allOf": Checker._all_of,
    "anyOf": Checker._any_of,
}
