"""The benches that start a service: small ones, so that none measures what is not there any more."""

import json

import pytest
from typer.testing import CliRunner

from onebox.cli import app


@pytest.mark.parametrize(
    ("words", "figures"),
    [
        (["bids", "--bidders", "2", "--seconds", "5"], 3),
        (["ledger", "--clients", "2", "--seconds", "1"], 6),
        (["list", "--tenders", "1000", "--pages", "20"], 16),
        (["eligibility", "--providers", "200", "--rate", "50", "--seconds", "1"], 3),
        (["screening", "--providers", "300", "--names", "300"], 2),
    ],
    ids=["bids", "ledger", "list", "eligibility", "screening"],
)
def test_figures_stand_beside_a_peer_when_a_small_service_is_measured(words: list[str], figures: int) -> None:
    ended = CliRunner().invoke(app, ["bench", *words, "--json"])
    assert (ended.exit_code, ended.exception) == (0, None)
    found = json.loads(ended.stdout)["figures"]
    assert len(found) == figures
    for figure in found:
        assert figure["value"] > 0
        assert figure["ratio"] == figure["value"] / figure["peer_value"]
