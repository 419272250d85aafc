"""Keys follow content; results appear whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildways.analyses.cache import code_version, content_key, keep_only, write_whole


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20), st.integers(0, 19))
def test_another_value_gives_another_key_and_the_same_the_same(values: list[float], position: int) -> None:
    array = np.array(values)
    changed = array.copy()
    changed[position % len(values)] += 1.0 + abs(changed[position % len(values)])
    assert content_key(array) == content_key(np.array(values))
    assert content_key(array) != content_key(changed)


def test_shape_and_type_belong_to_the_content() -> None:
    keys = {
        content_key(np.zeros(4)),
        content_key(np.zeros((2, 2))),
        content_key(np.zeros(4, np.float32)),
        content_key(np.zeros(2), np.zeros(2)),
    }
    assert len(keys) == 4


def test_a_result_that_fails_half_way_is_not_there(tmp_path: Path) -> None:
    target = tmp_path / "result.npz"

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        write_whole(target, fail)
    assert list(tmp_path.iterdir()) == []


def test_only_named_results_are_kept(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
    keep_only(tmp_path, ["b"])
    assert [file.name for file in tmp_path.iterdir()] == ["b"]


def test_the_code_version_names_release_and_code() -> None:
    version, digest = code_version().split("+")
    assert version.count(".") == 2
    assert len(digest) == 8
