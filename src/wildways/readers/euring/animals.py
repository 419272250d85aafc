"""Which animal EURING records are of: the ring is the identity; taxon by species code."""

from string import ascii_uppercase, digits

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildways.model import TABLES
from wildways.readers.contract import reader_schema
from wildways.readers.euring.fields import (
    DOT,
    Codes,
    Mask,
    alphabet,
    as_keys,
    as_texts,
    consists_of,
    is_blank,
    translate,
)
from wildways.readers.euring.judge import Judge
from wildways.readers.euring.layout import Records
from wildways.readers.euring.names import UNKNOWN_SPECIES, scheme_names, species_names

_CAPITALS = alphabet(ascii_uppercase.encode())
_RING = alphabet((ascii_uppercase + digits + ".+-*/").encode())
_ENDS_RING = alphabet((ascii_uppercase + digits).encode())
_METAL_RING = as_keys(np.frombuffer(b"A0", dtype=np.uint8)[None])
_PADDING = ((r"^\.+", ""), (r"([^0-9.])\.+", r"\1"), (r"\.+([^0-9.])", r"\1"), (r"\.+", "."))
"""Dots beside anything but digits only fill the number to ten characters; between digits they also part them."""


def find_animals(records: Records, judge: Judge) -> pa.StringArray:
    """Name each animal by scheme and ring number without its padding dots: ``DEH OA97604``.

    One dot stays between two digits, where ``3..12345`` and ``312345`` are different rings. An animal known by another
    mark than a metal ring has the method in its name, ``DEH C0 K12``: a neck ring may have the number of a metal ring.
    """
    scheme, ring = records.field("ringing_scheme"), records.field("identification_number")
    judge.refuse("scheme-unreadable", "ringing_scheme", ~consists_of(scheme, _CAPITALS))
    judge.refuse("ring-unreadable", "identification_number", ~_is_ring(ring))
    schemes = as_texts(scheme)
    judge.remark("scheme-code", "ringing_scheme", _is_unlisted(schemes))
    numbers = _without_padding(ring)
    method = records.field("primary_identification_method")
    is_other_mark = (as_keys(method) != _METAL_RING) & ~is_blank(method)
    if is_other_mark.any():
        named = pc.binary_join_element_wise(as_texts(method), numbers, " ")
        numbers = pc.if_else(pa.array(is_other_mark), named, numbers)
    return pc.binary_join_element_wise(schemes, numbers, " ")


def find_taxa(records: Records, judge: Judge, taxon: str | None) -> pa.StringArray:
    """Name the taxon by the species concluded, else the one mentioned; the code where the list has no such species.

    `taxon` stands where both are missing or say that the species is unknown.
    """
    concluded, mentioned = (as_texts(records.field(f"species_{how}")) for how in ("concluded", "mentioned"))
    names = pc.coalesce(translate(concluded, _species), translate(mentioned, _species))
    codes = translate(names, lambda name: None if "A" <= name[0] <= "Z" else name)
    judge.remark("species-code", "species_concluded", codes.is_valid().to_numpy(zero_copy_only=False))
    if taxon is not None:
        return pc.fill_null(names, taxon)
    judge.remark("taxon-missing", "species_concluded", names.is_null().to_numpy(zero_copy_only=False))
    return names


def gather_animals(encounters: pa.Table) -> pa.Table:
    """One row an animal, sorted: of several taxa the first in the alphabet, sex where the records agree."""
    keys = ["study_id", "organism_id"]
    sexed = encounters.select([*keys, "taxon", "sex", "ring_id"])
    known = pc.if_else(pc.equal(sexed["sex"], "u"), None, sexed["sex"])
    sexed = sexed.append_column("known", known)
    wanted = [("taxon", "min"), ("sex", "min"), ("known", "min"), ("known", "max"), ("ring_id", "min")]
    animals = sexed.group_by(keys).aggregate(wanted).sort_by([(key, "ascending") for key in keys])
    is_agreed = pc.equal(animals["known_min"], animals["known_max"])
    unsure = pc.if_else(animals["sex_min"].is_valid(), "u", None)
    columns = {
        "study_id": animals["study_id"],
        "organism_id": animals["organism_id"],
        "taxon": animals["taxon_min"],
        "sex": pc.if_else(pc.fill_null(is_agreed, False), animals["known_min"], unsure),
        "life_stage": pa.nulls(len(animals), pa.string()),
        "ring_id": animals["ring_id_min"],
    }
    schema = reader_schema(TABLES["organism"])
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def _without_padding(ring: Codes) -> pa.StringArray:
    numbers = as_texts(ring)
    bare = pc.replace_substring(numbers, ".", "")
    is_parted = _has_dots_between_digits(ring)
    if not is_parted.any():
        return bare
    for pattern, replacement in _PADDING:
        numbers = pc.replace_substring_regex(numbers, pattern, replacement)
    return pc.if_else(pa.array(is_parted), numbers, bare)


def _has_dots_between_digits(ring: Codes) -> Mask:
    has_dots, is_after_digit = np.zeros(len(ring), dtype=bool), np.zeros(len(ring), dtype=bool)
    is_after_dots = np.zeros(len(ring), dtype=bool)
    for column in ring.T:
        is_digit, is_dot = (column - np.uint8(48)) < 10, column == DOT
        has_dots |= is_digit & is_after_dots
        is_after_dots = is_dot & (is_after_dots | is_after_digit)
        is_after_digit = is_digit
    return has_dots


def _is_ring(codes: Codes) -> Mask:
    return consists_of(codes[:, :-1], _RING) & consists_of(codes[:, -1:], _ENDS_RING)


def _is_unlisted(schemes: pa.StringArray) -> Mask:
    unlisted = translate(schemes, lambda scheme: None if scheme in scheme_names() else scheme)
    is_unlisted: Mask = unlisted.is_valid().to_numpy(zero_copy_only=False)
    return is_unlisted


def _species(code: str) -> str | None:
    if code == UNKNOWN_SPECIES or not code.strip(" -"):
        return None
    return species_names().get(code, code)
