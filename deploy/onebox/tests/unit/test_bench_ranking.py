"""What the bench of the ranking measures with."""

import json

import pytest
from typer.testing import CliRunner

from onebox.bench.ranking import procedure
from onebox.cli import app
from shared.rules.pack import load_pack
from shared.rules.scoring import check_criteria


@pytest.mark.parametrize("criteria", [2, 7, 40])
def test_procedure_is_one_that_could_be_published_when_it_is_made_up(criteria: int) -> None:
    wanted, bids = procedure(500, criteria)
    check_criteria(wanted, load_pack("model"))
    assert (len(wanted), len(bids)) == (criteria, 500)
    assert len({bid.price for bid in bids}) == 500


def test_figures_stand_beside_a_peer_when_a_small_ranking_is_measured() -> None:
    ended = CliRunner().invoke(app, ["bench", "ranking", "--bids", "3", "--criteria", "2", "--runs", "10", "--json"])
    assert ended.exit_code == 0
    document = json.loads(ended.stdout)
    assert [figure["unit"] for figure in document["figures"]] == ["ms", "ms"]
    for figure in document["figures"]:
        assert figure["ratio"] == figure["value"] / figure["peer_value"]
