"""Tables of a network: sites, links between them, and links that name what is not there."""

from pathlib import Path

import pytest

from tests.readers.tables.files import read_tables, table_source, template, write_table
from wildways.model import BadInput, NotFound
from wildways.readers import Reader
from wildways.readers.fields import load_fields
from wildways.readers.tables import FlipperTags, NestingSites
from wildways.readers.tables.network import LINK_FIELDS, SITE_FIELDS, Network
from wildways.readers.templates import TEMPLATES, read_template

READER = Network()
SITES, LINKS = "site_id,name,latitude,longitude,citation", "link_id,from_site,to_site,directed,citation"
SAMPLES = (template("network_sites.csv"), template("network_links.csv"))
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "formats" / "network.md"


def test_both_templates_are_claimed_and_read_and_the_links_find_their_sites(tmp_path: Path) -> None:
    assert isinstance(READER, Reader)
    for name in ("network_sites.csv", "network_links.csv"):
        (tmp_path / name).write_bytes(template(name))
        assert READER.claims(tmp_path / name)
    sites, _, _ = read_tables(READER, tmp_path / "network_sites.csv")
    assert sites["site"]["site_id"].to_pylist() == ["LB", "MC", "CB"]
    assert sites["site"]["evidence_class"].to_pylist() == ["literature", "tracking", "local-knowledge"]
    assert sites["site"]["count_of"].to_pylist() == [None, "individuals", None]
    links, account, findings = read_tables(READER, tmp_path / "network_links.csv")
    assert (account.n_rows, account.n_kept, set(findings)) == (4, 4, {"date-missing"})
    assert links["link"]["to_site_id"].to_pylist() == ["MC", "MC", "CB", "Off Yucatan"]
    assert links["link"]["is_directed"].to_pylist() == [True, True, False, True]
    assert links["link"]["n_animals"].to_pylist() == [9, 31, None, 1]
    assert links["site"]["uncertainty_m"].to_pylist() == [20_000]


@pytest.mark.parametrize(("fields", "sample"), [(SITE_FIELDS, SAMPLES[0]), (LINK_FIELDS, SAMPLES[1])])
def test_every_field_is_in_the_template_and_in_the_data_dictionary(fields: str, sample: bytes) -> None:
    header = sample.decode().splitlines()[0].split(",")
    names = [field.name.replace("-", "_") for field in load_fields(fields)]
    assert sorted(header) == sorted(names)
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in names)


def test_a_link_to_an_unknown_site_is_kept_and_found(tmp_path: Path) -> None:
    write_table(tmp_path, SITES, ["A,Alpha,1,2,x", "B,Beta,3,4,x"], name="My_Sites.csv")
    rows = ["L1,A,B,yes,x", "L2,A,C,yes,x", "L3,D,C,yes,x"]
    _, account, findings = read_tables(READER, write_table(tmp_path, LINKS, rows, name="My_Links.csv"))
    assert account.n_kept == 3
    finding = findings["site-unknown"]
    assert not finding.refused
    assert (finding.n_rows, finding.place.line, finding.place.field, finding.example) == (2, 3, "to_site", "C")


@pytest.mark.parametrize("beside", [None, b"a,b\n1,2\n", b"\0\1"])
def test_links_without_a_table_of_sites_are_kept_and_said_to_be_unchecked(tmp_path: Path, beside: bytes | None) -> None:
    if beside is not None:
        (tmp_path / "sites.csv").write_bytes(beside)
    _, account, findings = read_tables(READER, write_table(tmp_path, LINKS, ["L1,A,B,yes,x"], name="links.csv"))
    assert account.n_kept == 1
    assert findings["sites-not-checked"].n_rows == 1


def test_unknown_direction_differs_from_none(tmp_path: Path) -> None:
    rows = ["L1,A,B,true,x", "L2,A,B,undirected,x", "L3,A,B,,x", "L4,A,B,perhaps,x"]
    tables, _, findings = read_tables(READER, write_table(tmp_path, LINKS, rows))
    assert tables["link"]["is_directed"].to_pylist() == [True, False, None, None]
    assert findings["flag-unreadable"].example == "perhaps"


def test_links_without_ids_or_with_one_id_twice_are_told_apart(tmp_path: Path) -> None:
    tables, _, findings = read_tables(READER, write_table(tmp_path, LINKS, ["L1,A,B,,x", "L1,A,C,,x", ",A,A,,x"]))
    assert tables["link"]["link_id"].to_pylist() == ["L1", "L1 #2", "A → A #3"]
    assert {"id-repeated", "id-missing", "link-to-itself"} <= set(findings)


def test_statements_count_as_literature_where_they_cite_and_as_expert_where_not(tmp_path: Path) -> None:
    tables, _, findings = read_tables(READER, write_table(tmp_path, LINKS, ["L1,A,B,,Someone (2001)", "L2,A,B,,"]))
    assert tables["link"]["evidence_class"].to_pylist() == ["literature", "expert"]
    assert (findings["evidence-class-assumed"].n_rows, findings["citation-missing"].n_rows) == (2, 1)
    tables, _, findings = read_tables(
        READER, write_table(tmp_path, LINKS, ["L2,A,B,,"]), table_source(citation="The atlas (2024)")
    )
    assert tables["link"]["citation"].to_pylist() == ["The atlas (2024)"]
    assert "citation-missing" not in findings


def test_a_link_without_an_end_and_a_site_without_an_id_are_refused(tmp_path: Path) -> None:
    _, account, findings = read_tables(READER, write_table(tmp_path, LINKS, ["L1,A,,,x", "L2,A,B,,x"]))
    assert (account.n_kept, findings["field-missing"].place.field) == (1, "to_site")
    _, account, findings = read_tables(READER, write_table(tmp_path, SITES, [",Alpha,1,2,x", "B,Beta,3,4,x"]))
    assert (account.n_kept, findings["field-missing"].place.field) == (1, "site_id")


def test_one_site_at_two_places_and_twice_is_noted(tmp_path: Path) -> None:
    rows = ["A,Alpha,0.5,179.999,x", "A,Alpha,0.5,-179.999,x", "A,Alpha,0.5,-179.9,x"]
    _, _, findings = read_tables(READER, write_table(tmp_path, SITES, rows))
    assert (findings["site-moved"].n_rows, findings["site-moved"].place.line) == (1, 4)
    assert findings["site-repeated"].n_rows == 2


def test_a_table_of_deployments_becomes_links_and_sites_by_its_mapping(shared: Path) -> None:
    """39 ovenbirds from 20 places in two regions to 38 places in three: regions are names, places are sites."""
    file = shared / "data" / "connectivity_oven" / "oven_deployments.csv"
    columns = {
        "link-id": "id",
        "from-site": "origin",
        "from-longitude": "origin_lon",
        "from-latitude": "origin_lat",
        "to-site": "target_nearest",
        "to-longitude": "target_lon",
        "to-latitude": "target_lat",
        "evidence-class": "=tracking",
    }
    source = table_source(columns=columns, taxon="Seiurus aurocapilla", citation="MigConnectivity")
    assert not READER.claims(file)
    tables, account, findings = read_tables(READER, file, source)
    assert (account.n_rows, account.n_kept) == (39, 39)
    assert findings["site-told-apart"].n_rows == 39
    assert "sites-not-checked" not in findings
    sites = tables["site"]
    assert len(sites) == len(set(sites["site_id"].to_pylist())) == 58
    assert set(sites["name"].to_pylist()) == {"NH", "MD", "Cuba", "Hisp", "FL"}
    ends = {*tables["link"]["from_site_id"].to_pylist(), *tables["link"]["to_site_id"].to_pylist()}
    assert ends == set(sites["site_id"].to_pylist())
    with pytest.raises(BadInput) as caught:
        read_tables(READER, file)
    assert caught.value.code == "columns"


def test_every_template_is_claimed_by_its_reader_alone(tmp_path: Path) -> None:
    readers = {reader.name: reader for reader in (FlipperTags(), NestingSites(), READER)}
    for name, templates in TEMPLATES.items():
        for file in templates:
            (tmp_path / file).write_bytes(template(file))
            assert [reader for reader in readers if readers[reader].claims(tmp_path / file)] == [name]
    with pytest.raises(NotFound) as caught:
        read_template("movebank.csv")
    assert caught.value.code == "template-unknown"


PLACED = "link_id,from_site,from_latitude,from_longitude,to_site,to_latitude,to_longitude,to_uncertainty_m,citation"


def test_links_that_bring_the_positions_of_their_ends_make_the_sites(tmp_path: Path) -> None:
    rows = ["L1,LB,1,2,MC,3,4,500,x", "L2,LB,1,2,MC,3,4,900,x", "L3,LB,1,2,Far,,,,x"]
    file = write_table(tmp_path, PLACED, rows)
    assert READER.claims(file)
    tables, account, findings = read_tables(READER, file)
    assert (account.n_rows, account.n_kept) == (3, 3)
    assert tables["link"]["to_site_id"].to_pylist() == ["MC", "MC", "Far"]
    sites = tables["site"].select(["site_id", "name", "latitude", "longitude", "uncertainty_m"]).to_pylist()
    assert [tuple(site.values()) for site in sites] == [("LB", "LB", 1, 2, None), ("MC", "MC", 3, 4, 900)]
    assert tables["site"]["source_row"].to_pylist() == [1, 1]
    assert "position-missing" not in findings
    assert findings["sites-not-checked"].example == "Far"


def test_one_name_at_several_positions_is_several_sites_that_keep_the_name(tmp_path: Path) -> None:
    rows = ["L1,NH,1,2,MC,3,4,,x", "L2,NH,1.5,2,MC,3,4,,x", "L3,NH,1,2,NH,1,2,,x"]
    tables, _, findings = read_tables(READER, write_table(tmp_path, PLACED, rows))
    assert tables["link"]["from_site_id"].to_pylist() == [
        "NH 1.00000 2.00000",
        "NH 1.50000 2.00000",
        "NH 1.00000 2.00000",
    ]
    assert set(tables["link"]["to_site_id"].to_pylist()) == {"MC", "NH 1.00000 2.00000"}
    assert tables["site"]["name"].to_pylist() == ["NH", "MC", "NH"]
    assert (findings["site-told-apart"].n_rows, findings["site-told-apart"].example) == (3, "NH")
    assert findings["link-to-itself"].n_rows == 1


def test_positions_alone_are_ends_enough(tmp_path: Path) -> None:
    columns = "from_latitude,from_longitude,to_latitude,to_longitude,citation"
    file = write_table(tmp_path, columns, ["1,2,3,4,x", "1,,3,4,x", "91,2,3,4,x"])
    assert READER.claims(file)
    tables, account, findings = read_tables(READER, file)
    assert (account.n_rows, account.n_kept) == (3, 1)
    assert {code for code, finding in findings.items() if finding.refused} == {"field-missing", "latitude-range"}
    assert tables["link"]["link_id"].to_pylist() == ["1.00000 2.00000 → 3.00000 4.00000 #1"]
    assert tables["site"]["site_id"].to_pylist() == ["1.00000 2.00000", "3.00000 4.00000"]


def test_a_value_after_an_equals_sign_stands_for_all_rows(tmp_path: Path) -> None:
    file = write_table(tmp_path, "to,n", ["A,3", "B,4"])
    columns = {"from-site": "=LB", "to-site": "to", "evidence-class": "=tracking", "directed": "=true"}
    tables, _, findings = read_tables(READER, file, table_source(columns=columns, citation="x"))
    assert tables["link"]["from_site_id"].to_pylist() == ["LB", "LB"]
    assert tables["link"]["evidence_class"].to_pylist() == ["tracking", "tracking"]
    assert tables["link"]["is_directed"].to_pylist() == [True, True]
    assert "evidence-class-assumed" not in findings
    with pytest.raises(BadInput) as caught:
        read_tables(READER, file, table_source(columns={**columns, "evidense": "=tracking"}))
    assert (caught.value.code, caught.value.place.field) == ("columns-field", "evidense")
