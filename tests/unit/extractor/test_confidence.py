import math
from dataclasses import replace

from services.extractor.confidence import coefficients, company, confidence, evidence
from services.extractor.drafts import Draft
from services.extractor.nlp import default_parser
from services.extractor.reading import Text, read
from services.extractor.stage import Extractor
from tests.eval.calibration import MEANINGS, SIGNS, Judged, fit, reliability
from tests.unit.extractor.articles import PUBLISHED, mentions


def drafts(text: str) -> list[Draft]:
    (found,) = read([Text("", text, PUBLISHED)], default_parser(), "full")
    assert not isinstance(found, Exception)
    return found.drafts


def test_more_evidence_gives_more_confidence(extractor: Extractor) -> None:
    (bare,) = mentions(extractor, "Police arrested Leyla Demir.")
    (full,) = mentions(extractor, "Turkish police arrested Leyla Demir in Izmir on Monday.")
    assert full.confidence > bare.confidence


def test_what_is_told_again_is_surer(extractor: Extractor) -> None:
    (once,) = mentions(extractor, "Police arrested Leyla Demir.")
    first, *_ = mentions(extractor, "Police arrested Leyla Demir.\nRain fell.\nTwo men were arrested in Rome.")
    assert first.confidence > once.confidence


def test_no_coefficient_turns_evidence_round() -> None:
    assert all(coefficients()[name] * sign >= 0 for name, sign in SIGNS.items())


def test_the_table_has_every_feature_and_no_other() -> None:
    told = drafts("Peru and Chile held peace talks.")
    assert set(coefficients()) == set(MEANINGS) == set(evidence(told[0], company(told)))


def test_confidence_is_the_logistic_of_the_sum() -> None:
    one, *others = drafts("Iran and Norway agreed on Monday in Geneva to exchange 12 prisoners.")
    among = company([one, *others])
    total = sum(coefficients()[name] * value for name, value in evidence(one, among).items())
    assert confidence(one, among) == round(min(0.99, 1 / (1 + math.exp(-total))), 3)


def test_confidence_stays_between_its_bounds(extractor: Extractor) -> None:
    text = "Iran and Norway agreed on Monday in Geneva to exchange 12 prisoners. A swap was discussed."
    assert all(0.01 <= mention.confidence <= 0.99 for mention in mentions(extractor, text))


def test_a_fit_learns_what_tells_right_from_wrong_and_keeps_the_signs() -> None:
    nothing = dict.fromkeys(MEANINGS, 0.0) | {"base": 1.0}
    dated, noted = nothing | {"dated": 1.0}, nothing | {"place": 1.0}
    right = Judged("a", dated, 0.5, right=True, spurious=False)
    wrong = Judged("b", nothing, 0.5, right=False, spurious=True)
    turned = Judged("c", noted, 0.5, right=False, spurious=True)
    found, _, loss = fit([right, wrong, turned] * 20, [])
    assert found["dated"] > 0
    assert found["place"] == 0
    assert loss > 0


def test_reliability_tells_how_far_confidence_is_from_what_holds() -> None:
    sure = Judged("a", {}, 0.9, right=True, spurious=False)
    assert reliability([sure] * 9 + [replace(sure, right=False)])["calibration_error"] <= 0.2
    assert reliability([replace(sure, right=False)] * 10)["calibration_error"] == 0.9
