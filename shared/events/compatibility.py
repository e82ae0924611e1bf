"""Whether a changed contract is compatible with the records and readers that exist.

While old and new versions run side by side, both directions must work: a new reader reads what an old writer wrote, and
an old reader reads what a new writer writes. Topics keep state for years, so there is no flag day.
"""

from typing import Any

Schema = dict[str, Any]

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """Every change from `old` to `new` that breaks a reader; empty if both can run side by side.

    Args:
        old: the committed JSON Schema.
        new: the one generated now.

    Returns:
        Sentences that start with the place, e.g. "salary.currency: has become required".
    """
    return sorted(set(_compare(old, new, old, new, "")))


def _compare(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> list[str]:
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    found = _compare_values(old, new, place)
    if "properties" in old or "properties" in new:
        found += _compare_fields(old, new, old_root, new_root, place)
    if "items" in old and "items" in new:
        found += _compare(old["items"], new["items"], old_root, new_root, f"{place}[]")
    for union in ("anyOf", "oneOf"):
        found += _compare_union(old, new, old_root, new_root, place, union)
    return found


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _compare_values(old: Schema, new: Schema, place: str) -> list[str]:
    here = place or "(whole)"
    found = [
        f"{here}: {word} changed from {old.get(word)!r} to {new.get(word)!r}"
        for word in ("type", "format", "pattern", "const", "enum")
        if old.get(word) != new.get(word)
    ]
    found += [
        f"{here}: {word} changed from {old.get(word)} to {new.get(word)}"
        for word in (*LOWER_BOUNDS, *UPPER_BOUNDS)
        if old.get(word) != new.get(word)
    ]
    return found


def _compare_fields(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> list[str]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    old_must, new_must = set(old.get("required", ())), set(new.get("required", ()))
    found = []
    for name in sorted(old_fields | new_fields):
        here = f"{place}.{name}" if place else name
        if name not in new_fields:
            found += [f"{here}: was removed"]
        elif name not in old_fields:
            found += [f"{here}: is new and required"] if name in new_must else []
        else:
            if name in new_must - old_must:
                found.append(f"{here}: has become required")
            if name in old_must - new_must:
                found.append(f"{here}: has become optional, but old readers require it")
            found += _compare(old_fields[name], new_fields[name], old_root, new_root, here)
    return found


def _compare_union(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str, union: str) -> list[str]:
    old_arms = {_arm(arm): arm for arm in old.get(union, ())}
    new_arms = {_arm(arm): arm for arm in new.get(union, ())}
    found = [f"{place}: {arm} is no longer allowed" for arm in old_arms.keys() - new_arms.keys()]
    found += [
        f"{place}: {arm} is newly allowed, but old readers refuse it" for arm in new_arms.keys() - old_arms.keys()
    ]
    for arm in old_arms.keys() & new_arms.keys():
        found += _compare(old_arms[arm], new_arms[arm], old_root, new_root, place)
    return found


def _arm(schema: Schema) -> str:
    return str(schema.get("$ref") or schema.get("type") or sorted(schema))
