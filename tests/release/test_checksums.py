"""Proving that a release is what was written."""

import random
import subprocess
from pathlib import Path

import pytest

from wildways.model import Corrupt, NotFound
from wildways.release import open_release, verify_release
from wildways.release.checksums import CHECKSUMS_FILE, hash_file, read_checksums


def change(file: Path, content: bytes) -> None:
    file.chmod(0o644)
    file.write_bytes(content)


def damage(release: Path) -> Corrupt:
    with pytest.raises(Corrupt) as error:
        verify_release(release)
    return error.value


def test_a_release_verifies_and_so_does_sha256sum(release: Path) -> None:
    verify_release(release)
    run = subprocess.run(["sha256sum", "-c", CHECKSUMS_FILE], cwd=release, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert set(read_checksums(release)) | {CHECKSUMS_FILE} == {
        file.relative_to(release).as_posix() for file in release.rglob("*") if file.is_file()
    }


def test_one_flipped_bit_anywhere_is_found(release: Path) -> None:
    chance = random.Random(11)
    files = sorted(file for file in release.rglob("*") if file.is_file())
    for _ in range(200):
        file = chance.choice(files)
        good = file.read_bytes()
        place = chance.randrange(len(good))
        change(file, good[:place] + bytes([good[place] ^ (1 << chance.randrange(8))]) + good[place + 1 :])
        with pytest.raises(Corrupt):
            verify_release(release)
        change(file, good)
    verify_release(release)


def test_a_missing_file_is_named(release: Path) -> None:
    (release / "README.md").unlink()
    error = damage(release)
    assert error.place.file == release / "README.md"
    assert "is missing" in error.message


def test_an_added_file_is_named(release: Path) -> None:
    (release / "data" / "extra.csv").write_text("x")
    error = damage(release)
    assert error.place.file == release / "data" / "extra.csv"
    assert "does not belong" in error.message


def test_a_changed_file_is_named(release: Path) -> None:
    file = next(release.glob("data/*.gpkg"))
    change(file, file.read_bytes() + b"\0")
    error = damage(release)
    assert error.place.file == file
    assert "not as it was written" in error.message


def test_a_link_out_of_the_release_is_refused(release: Path, tmp_path: Path) -> None:
    file = release / "README.md"
    (tmp_path / "copy").write_bytes(file.read_bytes())
    file.unlink()
    file.symlink_to(tmp_path / "copy")
    assert "not a plain file" in damage(release).message


def test_large_files_may_be_left_unhashed(release: Path) -> None:
    file = max(release.glob("data/*"), key=lambda path: path.stat().st_size)
    change(file, b"x" * file.stat().st_size)
    verify_release(release, hash_below_bytes=file.stat().st_size)
    with pytest.raises(Corrupt):
        verify_release(release, hash_below_bytes=file.stat().st_size + 1)


def test_a_cut_file_is_found_by_its_size_alone(release: Path) -> None:
    file = next(release.glob("data/*.tif"))
    change(file, file.read_bytes()[:-1])
    with pytest.raises(Corrupt, match="bytes instead of"):
        open_release(release).verify_sizes()


def test_verifying_tells_how_far_it_is(release: Path) -> None:
    told: list[tuple[int, int]] = []
    verify_release(release, progress=lambda done, total, label: told.append((done, total)))
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] == len(read_checksums(release))


def test_a_folder_without_checksums_is_no_release(tmp_path: Path) -> None:
    for call in (verify_release, open_release):
        with pytest.raises(NotFound) as error:
            call(tmp_path)
        assert error.value.code == "release-missing"


def test_a_damaged_catalogue_is_not_opened(release: Path) -> None:
    change(release / "catalogue.json", b"{}")
    with pytest.raises(Corrupt):
        open_release(release)


def test_only_listed_files_have_a_path(release: Path) -> None:
    opened = open_release(release)
    assert hash_file(opened.path("README.md")) == opened.checksums["README.md"]
    for name in ("../atlas.toml", "/etc/passwd", "", "data"):
        with pytest.raises(NotFound):
            opened.path(name)
