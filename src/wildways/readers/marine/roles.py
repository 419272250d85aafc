"""What the fields of a format stand for: formats name one thing differently, the readers name it by its role."""

from collections.abc import Mapping

from wildways.readers.fields import load_table


def load_roles(table: str) -> Mapping[str, str]:
    """Role → field, from a table of fields with a column ``role``."""
    return {row["role"]: row["field"] for row in load_table(table)}


def name_fields(table: str, names: Mapping[str, str]) -> dict[str, str]:
    """Field → the name that queries have for its role; roles the format lacks come as fields that no file has."""
    roles = load_roles(table)
    return {roles.get(role, f"no {role}"): name for role, name in names.items()}
