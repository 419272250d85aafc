"""The build computes what changed and nothing else, wherever it runs."""

import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from wildways.analyses import Run, Unit, build_atlas, open_executor, read_products
from wildways.analyses.computing import run_unit
from wildways.model import Atlas, BadInput, NotFound, open_atlas
from wildways.store import Workspace

POPULATIONS = ("steppe-antelopes", "border-gazelles")
COARSE = "cell_m = 5000"


@pytest.fixture(scope="module")
def built_atlas(demo_atlas: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two populations of the demonstration on coarse cells, ingested and built. Do not change it."""
    folder = tmp_path_factory.mktemp("built") / "atlas"
    shutil.copytree(demo_atlas, folder, ignore=shutil.ignore_patterns("releases", "products", "cache", "builds"))
    module = folder / "modules" / "ungulates.toml"
    head, *populations = module.read_text(encoding="utf-8").split("[[populations]]")
    *populations, tail = (*populations[:-1], *populations[-1].split("[[analyses]]", 1))
    kept = [text for text in populations if any(f'id = "{name}"' in text for name in POPULATIONS)]
    text = "[[populations]]".join([head, *kept]) + "[[analyses]]" + tail
    module.write_text(text.replace(METHOD, f"{METHOD}\nparameters = {{ {COARSE} }}"), encoding="utf-8")
    _build(open_atlas(folder))
    return folder


@pytest.fixture
def atlas(built_atlas: Path, tmp_path: Path) -> Atlas:
    """A copy to change."""
    return open_atlas(shutil.copytree(built_atlas, tmp_path / "atlas"))


METHOD = 'method = "corridors"'


def _build(atlas: Atlas, executor: Executor | None = None) -> list[Run]:
    atlas = open_atlas(atlas.folder)
    with Workspace.open(atlas.workspace, read_only=True) as workspace, open_executor(workers=2) as threads:
        return build_atlas(atlas, workspace, executor or threads)


def _edit(atlas: Atlas, old: str, new: str) -> None:
    file = atlas.folder / "modules" / "ungulates.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def _set_parameters(atlas: Atlas, parameters: str) -> None:
    _edit(atlas, COARSE, f"{COARSE}, {parameters}")


class _Dying(Executor):
    """Computes a few units, then the machine goes down."""

    def __init__(self, units: int) -> None:
        self.left = units

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_a_second_build_of_unchanged_evidence_computes_nothing(atlas: Atlas) -> None:
    before = {product.id: product for product in read_products(atlas)}
    assert all(run.unchanged for run in _build(atlas))
    assert {product.id: product for product in read_products(atlas)} == before


def test_what_changes_only_the_merge_reuses_every_bridge(atlas: Atlas) -> None:
    _set_parameters(atlas, "stopover_level = 0.2")
    runs = _build(atlas)
    assert all(run.n_units > 0 and run.n_computed == 0 for run in runs)
    stopovers = [product for product in read_products(atlas) if product.role == "stopovers"]
    assert {product.method.parameters["stopover_level"] for product in stopovers} == {0.2}


def test_a_build_that_was_killed_resumes_where_it_was(atlas: Atlas) -> None:
    _set_parameters(atlas, "location_error_m = 35.0")
    with pytest.raises(KeyboardInterrupt):
        _build(atlas, _Dying(units=5))
    runs = _build(atlas)
    n_migrations = next(remark.count for remark in runs[0].remarks if remark.code == "migrations")
    assert n_migrations - runs[0].n_computed == 5


def test_a_product_that_is_no_longer_declared_is_dropped(atlas: Atlas) -> None:
    gone = POPULATIONS[0]
    text = (atlas.folder / "modules" / "ungulates.toml").read_text(encoding="utf-8")
    head, *populations = text.split("[[populations]]")
    kept = [population for population in populations if f'id = "{gone}"' not in population]
    (atlas.folder / "modules" / "ungulates.toml").write_text("[[populations]]".join([head, *kept]), encoding="utf-8")
    _build(atlas)
    assert not any(product.population == gone for product in read_products(atlas))


def test_a_decided_window_rebuilds_its_population_alone(atlas: Atlas) -> None:
    proposals = sorted((atlas.workspace / "windows").glob("*.csv"))
    header, first, *_ = proposals[0].read_text(encoding="utf-8").splitlines()
    animal, year, season = first.split(",")[:3]
    (atlas.folder / "windows").mkdir(exist_ok=True)
    decided = f"{header.split(',displacement')[0]}\n"
    columns = decided.strip().split(",")
    row = dict.fromkeys(columns, "") | {"animal_id": animal, "bio_year": year, "season": season, "decided_by": "A"}
    (atlas.folder / "windows" / "a.csv").write_text(decided + ",".join(row[c] for c in columns) + "\n")
    population = proposals[0].stem.split(".")[1]
    _edit(atlas, f'id = "{population}"\ntaxon', f'id = "{population}"\nwindows = "windows/a.csv"\ntaxon')
    changed = [run.population for run in _build(atlas) if not run.unchanged]
    assert changed == [population]
    product = next(product for product in read_products(atlas) if product.population == population)
    assert product.inputs.windows_sha256 is not None


def test_the_same_products_whatever_the_number_of_workers(atlas: Atlas, built_atlas: Path) -> None:
    shutil.rmtree(atlas.workspace / "cache")
    shutil.rmtree(atlas.workspace / "builds")
    with open_executor(workers=1) as one:
        _build(atlas, one)
    for product in read_products(open_atlas(built_atlas)):
        path = Path(product.id) / product.file
        assert (atlas.products_folder / path).read_bytes() == (
            open_atlas(built_atlas).products_folder / path
        ).read_bytes()


def test_another_scheme_computes_no_window_and_no_bridge_again(atlas: Atlas) -> None:
    _set_parameters(atlas, 'scheme = "mapp2"')
    runs = _build(atlas)
    assert all(run.n_units > 0 and run.n_computed == 0 for run in runs)
    corridors = [product for product in read_products(atlas) if product.role == "corridors"]
    assert {product.method.parameters["scheme_rule"]["footprint_of"] for product in corridors} == {"mean"}


def test_a_unit_that_fails_is_reported_again_but_not_computed_again(
    atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set_parameters(atlas, "location_error_m = 40.0")
    calls: list[str] = []

    def failing(unit: Unit, cache: str) -> None:
        calls.append(unit.label)
        if unit.label == calls[0]:
            raise ZeroDivisionError
        run_unit(unit, cache)

    monkeypatch.setattr("wildways.analyses.computing.run_unit", failing)
    first = _build(atlas)
    assert calls.count(calls[0]) == 2
    assert [failure.count for run in first for failure in run.failures] == [1]
    assert any("could not be computed" in c["en"] for product in read_products(atlas) for c in product.caveats)
    n_calls = len(calls)
    again = _build(atlas)
    assert len(calls) == n_calls
    assert [run.failures for run in again] == [run.failures for run in first]
    assert all(run.unchanged for run in again)


@pytest.fixture
def cluster() -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, silence_logs=False
    ) as local:
        yield local.scheduler_address


@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_gives_what_threads_give(atlas: Atlas, built_atlas: Path, cluster: str) -> None:
    shutil.rmtree(atlas.workspace / "cache")
    shutil.rmtree(atlas.workspace / "builds")
    with open_executor(cluster) as executor:
        runs = _build(atlas, executor)
    assert all(run.n_computed == run.n_units > 0 and not run.failures for run in runs)
    for product in read_products(open_atlas(built_atlas)):
        path = Path(product.id) / product.file
        assert (atlas.products_folder / path).read_bytes() == (
            open_atlas(built_atlas).products_folder / path
        ).read_bytes()


@pytest.mark.parametrize(("address", "error"), [("tcp://127.0.0.1:1", NotFound), ("nonsense://x", BadInput)])
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_is_not_there_is_said(address: str, error: type[Exception]) -> None:
    with pytest.raises(error), open_executor(address):
        pass


def test_an_unknown_method_or_parameter_is_refused_by_file_and_key(atlas: Atlas) -> None:
    _set_parameters(atlas, "cell = 500")
    with pytest.raises(BadInput) as caught:
        _build(atlas)
    assert caught.value.place.field == "analyses.0.parameters.cell"
    assert str(caught.value.place.file).endswith("ungulates.toml")
