"""Sound files of every format, made once."""

import pytest

from tests.readers.corpus import Seed, make_seeds


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seed, ...]:
    """A sound file of every kind that is read."""
    return make_seeds(tmp_path_factory.mktemp("seeds"))
