"""Credentials are found, used for their host alone, and appear nowhere."""

import logging
from pathlib import Path

import pytest

from tests.connectors.conftest import Bench
from tests.connectors.fake_movebank import PASSWORD, TOKEN, USERNAME, refuse
from wildways.connectors.credentials import Credentials, find_credentials
from wildways.connectors.web import Web
from wildways.model import BadInput, NotAllowed


def without_secrets(bench: Bench, *names: str) -> dict[str, str]:
    return {name: text for name, text in bench.environment.items() if name not in names}


def test_name_and_password_come_from_the_environment(bench: Bench) -> None:
    bench.fetch()
    assert all(headers["authorization"].startswith("Basic ") for headers in bench.fake.sent_headers)
    assert all(headers["user-agent"].startswith("wildways/") for headers in bench.fake.sent_headers)


def test_a_token_does_instead(bench: Bench) -> None:
    bench.fetch(
        environment={**without_secrets(bench, "MOVEBANK_USERNAME", "MOVEBANK_PASSWORD"), "MOVEBANK_TOKEN": TOKEN}
    )
    assert all(asked["api-token"] == TOKEN for asked in bench.fake.asked)
    assert not any("authorization" in headers for headers in bench.fake.sent_headers)


def test_a_netrc_file_does_instead_for_its_host(bench: Bench, tmp_path: Path) -> None:
    environment = without_secrets(bench, "MOVEBANK_USERNAME", "MOVEBANK_PASSWORD")
    netrc = tmp_path / "netrc"
    netrc.write_text(f'machine 127.0.0.1 login {USERNAME} password "{PASSWORD}"\n')
    netrc.chmod(0o600)
    assert bench.fetch(environment=environment).n_rows == 12
    netrc.write_text("machine elsewhere login x password y\n")
    with pytest.raises(NotAllowed, match="credentials"):
        bench.fetch(environment=environment)
    netrc.write_text("gibberish hunter2\n")
    with pytest.raises(BadInput) as caught:
        bench.fetch(environment=environment)
    assert "hunter2" not in str(caught.value) or "bad toplevel token" in str(caught.value)


def test_the_public_needs_none(bench: Bench) -> None:
    bench.fake.is_public = True
    assert bench.fetch(environment=without_secrets(bench, "MOVEBANK_USERNAME", "MOVEBANK_PASSWORD")).n_rows == 12


def test_half_of_the_credentials_is_said() -> None:
    with pytest.raises(NotAllowed, match="MOVEBANK_PASSWORD is not set"):
        find_credentials("MOVEBANK", "x", {"MOVEBANK_USERNAME": "curie"})


def test_wrong_credentials_are_said_at_once(bench: Bench) -> None:
    with pytest.raises(NotAllowed) as caught:
        bench.fetch(environment={**bench.environment, "MOVEBANK_PASSWORD": "wrong"})
    assert caught.value.code == "credentials-refused"
    assert len(bench.fake.asked) == 1


@pytest.mark.parametrize("token", [True, False])
def test_secrets_are_in_no_file_no_log_and_no_error_even_if_the_service_echoes_them(
    bench: Bench, caplog: pytest.LogCaptureFixture, token: bool
) -> None:
    environment = {**bench.environment, "MOVEBANK_TOKEN": TOKEN} if token else bench.environment
    secrets = [TOKEN] if token else [PASSWORD, "s3cr3t%20pass%26word", "s3cr3t+pass%26word"]
    header = Credentials(USERNAME, PASSWORD).header or ""
    with caplog.at_level(logging.DEBUG):
        bench.fetch(environment=environment)
        bench.fake.tricks.append(refuse(400, f"Bad request: {' '.join(secrets)} {header}"))
        with pytest.raises(BadInput) as caught:
            bench.fetch(environment=environment)
    written = "".join(file.read_text() for file in bench.atlas.rglob("*") if file.is_file())
    for secret in (*secrets, header.removeprefix("Basic ")):
        assert secret not in written
        assert secret not in caplog.text
        if not token or secret in secrets:
            assert secret not in f"{caught.value} {caught.value.as_dict()!r} {caught.value.__context__!r}"
    assert "…" in caught.value.message


def test_credentials_do_not_show_themselves() -> None:
    shown = repr(Credentials(USERNAME, PASSWORD, TOKEN))
    assert PASSWORD not in shown
    assert TOKEN not in shown


@pytest.mark.parametrize(
    "address", ["http://www.movebank.org/x", "ftp://host/x", "www.movebank.org", "http://localhost.evil/x"]
)
def test_secrets_are_not_sent_in_the_clear(bench: Bench, address: str) -> None:
    with pytest.raises(BadInput, match="not an https address"):
        Web(address, Credentials(USERNAME, PASSWORD), bench.clock)


def test_an_atlas_cannot_say_where_credentials_go(bench: Bench) -> None:
    bench.write_module('server = "https://elsewhere.example"')
    with pytest.raises(BadInput, match="unknown"):
        bench.fetch()
