"""Every number dedup decides by, in one place, each with its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

HORIZON: Final = timedelta(hours=72)
"""How long an article is remembered, and how far apart copies may be. The raw topic keeps three days as well; wire
stories are reprinted within hours (Broder 1997 and later syndication studies see next to none after three days)."""

SHINGLE_WORDS: Final = 3
"""Words a shingle. Two are too common in news prose, four lose copies to single-word edits."""

MIN_HASHES: Final = 126
BAND_ROWS: Final = 3
BANDS: Final = MIN_HASHES // BAND_ROWS
"""42 bands of 3: an article of Jaccard J is a candidate with 1 - (1 - J^3)^42, that is 94% at .4, 99.99% at .6."""

CANDIDATE_JACCARD: Final = 0.25
"""Below this, two reports of one event by different hands are as likely as copies."""

COPY_JACCARD: Final = 0.6
COPY_CONTAINMENT: Final = 0.8
"""At either of these an article is a copy, unless its facts were exchanged (see below)."""

SHORT_BODY_WORDS: Final = 40
"""A body of fewer words is judged together with its title: "This story is developing, check back for updates" stands
under many different headlines."""

LEAST_SHINGLES: Final = 8
"""With fewer shingles on either side one shared phrase decides: then only the same words are a copy."""

EXCHANGED_NUMBERS: Final = 0.25
EXCHANGED_NAMES: Final = 0.3
"""Two texts that each hold such a share of numbers (names) the other lacks tell different things in the same words:
template stories (balances, quakes, closing prices, results). A cut or an addition leaves one side without such."""

TEMPLATE_SHINGLES: Final = 100
EXCHANGED_FACTS: Final = 2
"""From so many shingles on, one exchanged number or name is a desk's style ("ten kilometres", "10km"), not another
story: at a Jaccard of .8 a text of 100 shingles differs in some four words, and a template exchanges more than one."""

EXCHANGE_SHINGLES: Final = 400
"""Longer texts are not put to that test: they are not written from templates, and their fact sketch is too full."""

REWORKED_CONTAINMENT: Final = 0.5
"""Between CANDIDATE_JACCARD and COPY_JACCARD half of the article must stand in the other: two independent reports that
quote the same statement at length share less."""

AGREEING_FACTS: Final = 4
"""There both texts also need at least so many numbers and names to agree upon ..."""

AGREEING_NUMBERS: Final = 0.8
AGREEING_NAMES: Final = 0.75
"""... and such a share of the poorer side's numbers and names must stand in both."""

LONGEST_BYTES: Final = 131_072
"""Text is compared up to here (UTF-8 bytes, some 22,000 words): longer "articles" are data dumps, and time is bounded.
Whether two longer texts are exactly the same is still decided on the whole."""

EXPIRED_A_MESSAGE: Final = 4
"""At most so many expired entries are removed while one message is handled: more than come in, yet few."""

EXPIRED_A_STEP: Final = 256
"""At most so many are removed at once where no message waits: some 20 ms."""
