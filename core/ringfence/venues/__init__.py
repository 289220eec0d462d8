"""The venues: one file each, found by name. A file's name is the venue's name in every table."""

import pkgutil
from datetime import date
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from ringfence.errors import InputError, RuleMissingError

if TYPE_CHECKING:  # pydantic loads with the first rule that is asked for, not with the import
    from ringfence.rules import RuleSet


@cache
def names() -> tuple[str, ...]:
    """The venues on file, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def rule_sets(venue: str) -> "tuple[RuleSet, ...]":
    """All rules of one venue, oldest first. Raises InputError for a name not on file."""
    if venue not in names():
        raise InputError("venue", f"{venue!r} is not on file; there are {', '.join(names())}")
    rules: tuple[RuleSet, ...] = import_module(f"{__name__}.{venue}").RULES
    return rules


def document(venue: str) -> str:
    """The text of the venue's file: rule, units, scope, source, terms, since."""
    rule_sets(venue)  # refuses a name that is not on file
    return import_module(f"{__name__}.{venue}").__doc__ or ""


def in_force(venue: str, day: date) -> "tuple[RuleSet, ...]":
    """The rules of ``venue`` on ``day``, one or more by contract type; the oldest where none
    reaches back so far."""
    rules = rule_sets(venue)
    held: dict[str, RuleSet] = {}
    for rule in rules:
        for kind in rule.contract_types:
            if kind not in held or not rule.effective_from or rule.effective_from <= day:
                held[kind] = rule
    return tuple(dict.fromkeys(held.values()))


def rule_at(venue: str, contract_type: str, day: date) -> "RuleSet":
    """The rule of ``venue`` for ``contract_type`` in force on ``day``.

    Raises InputError where the venue does not list such contracts, RuleMissingError where no rule
    on file reaches back to that day.
    """
    rules = rule_sets(venue)
    of_type = [rule for rule in rules if contract_type in rule.contract_types]
    if not of_type:
        listed = sorted({kind for rule in rules for kind in rule.contract_types})
        has = " and ".join(listed)
        raise InputError(
            "contract_type", f"of {venue}, {has} contracts are on file, not {contract_type}"
        )
    for rule in reversed(of_type):
        if rule.effective_from is None or rule.effective_from <= day:
            return rule
    raise RuleMissingError("as_of", f"{day} is before the oldest rule on file, {of_type[0].id}")
