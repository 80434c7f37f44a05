from services.extractor.stage import Extractor
from tests.unit.extractor.articles import mentions


def test_more_evidence_gives_more_confidence(extractor: Extractor) -> None:
    (bare,) = mentions(extractor, "Police arrested Leyla Demir.")
    (full,) = mentions(extractor, "Turkish police arrested Leyla Demir in Izmir on Monday.")
    assert full.confidence > bare.confidence


def test_a_mere_reference_is_less_certain_than_a_statement(extractor: Extractor) -> None:
    (stated,) = mentions(extractor, "Peru and Chile held peace talks.")
    (referred,) = mentions(extractor, "Peace talks between Peru and Chile were the topic of the day.")
    assert referred.confidence < stated.confidence


def test_confidence_stays_between_its_bounds(extractor: Extractor) -> None:
    text = "Iran and Norway agreed on Monday in Geneva to exchange 12 prisoners. A swap was discussed."
    assert all(0.05 <= mention.confidence <= 0.97 for mention in mentions(extractor, text))
