"""Screening by numbers."""

import pytest

from wildways.areas import Population, criteria, screen
from wildways.model.errors import BadInput


def test_every_criterion_states_where_its_number_is_from_and_that_it_is_to_be_confirmed():
    assert {criterion.id for criterion in criteria()} >= {"KBA A1a", "KBA B1", "KBA D1a", "IBA A4"}
    for criterion in criteria():
        assert 0 < criterion.share <= 1
        assert criterion.source
        assert criterion.status == "to be confirmed"


def test_a_share_and_the_units_decide():
    vulnerable = Population(global_individuals=2_000, red_list="VU")
    answers = {answer.criterion.id: answer.meets_quantitative_screen for answer in screen(20, vulnerable)}
    assert answers["KBA A1b"]
    assert answers["KBA D1a"]
    assert not answers["KBA B1"]
    few = {
        answer.criterion.id: answer.meets_quantitative_screen for answer in screen(18, Population(1_000, red_list="VU"))
    }
    assert not few["KBA A1b"]


def test_criteria_that_cannot_be_answered_are_left_out():
    assert screen(100, Population()) == []
    asked = {answer.criterion.id for answer in screen(100, Population(10_000, red_list="LC"))}
    assert asked == {"KBA B1", "KBA D1a"}
    assert "IBA A4" in {answer.criterion.id for answer in screen(100, Population(biogeographic_individuals=5_000))}
    declining = Population(10_000, red_list="CR", is_declining_only=True)
    assert "KBA A1c" in {answer.criterion.id for answer in screen(100, declining)}


def test_an_unknown_category_is_refused():
    with pytest.raises(BadInput) as refused:
        Population(red_list="threatened")
    assert refused.value.code == "red-list"
    with pytest.raises(BadInput):
        Population(global_individuals=0)
