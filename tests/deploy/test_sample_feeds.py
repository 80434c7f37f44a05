"""The list of the sample newsroom's feeds that containers use is the one the newsroom itself gives out."""

from deploy.sample.articles import load_outlets
from deploy.sample.feeds import opml
from services.fetcher.opml import read_opml
from services.runtime.outbound_rules import OutboundGuard
from tests.deploy import compose_file
from tests.deploy.compose_file import ROOT

PATH = ROOT / "deploy" / "feeds" / "sample.opml"
FETCHER = compose_file.read()["services"]["fetcher"]


def test_it_is_the_newsrooms_own_list() -> None:
    assert PATH.read_bytes() == opml(load_outlets(), 8090)


def test_the_fetcher_may_reach_its_feeds_and_nothing_else_on_its_machine() -> None:
    guard = OutboundGuard(FETCHER["environment"]["DATELINE_FETCH_ALLOW_HOSTS"].split(","))
    feeds = read_opml(PATH.read_bytes(), PATH.name).subscriptions
    assert len(feeds) == 6
    for feed in feeds:
        assert guard.check(feed.url).port == 8090


def test_a_browser_finds_the_sample_at_the_same_addresses() -> None:
    assert FETCHER["ports"] == ["127.0.0.1:8090:8090"]
    newsroom = compose_file.read()["services"]["newsroom"]["command"][0]
    assert "--host 0.0.0.0 --port 8090" in newsroom
