"""Every weight of the linking score, in one place.

Unit: the score is a sum; a mention joins the best event whose sum reaches ``LINK_AT``. The weights follow one scale:
1 is about what a shared country pair, a shared story or a day in common is worth. How they were set: by
``tests/eval/linking.py`` (a seeded stream of storylines with noise, the hand-made gold of the seed articles, and what
the extractor reads in the sample newsroom; ECB+ is only looked at, never tuned to); the measurement stands beside each
constant that it decided.
"""

from __future__ import annotations

from typing import Final

LINK_AT: Final = 1.5
"""A mention joins an event from here on. At 1.0, 1.5 and 2.0: pairwise F1 on 5,709 mentions of 900 made-up events
(seed 11) .940, .960, .964 (precision .918, .958, .970); on the main events of the sample newsroom .984, .984, .963;
pairs of ECB+ articles that meet, precision .951, .966, .968 and recall .408, .382, .348. The seed gold holds at all."""
MERGE_AT: Final = 3.5
"""Two events founded apart become one when a mention fits both this well, and they fit each other from here on."""
MERGE_LATE_AT: Final = 3.0
"""The same where no single report fits both, only all that the reports of each tell together, within ``STORY_DAYS``. At
5, 3, 2.5 and 2: pairwise F1 of 800 made-up events (seeds 11 and 12) .9706, .9712, .9689, .9677; pairs of ECB+ articles
that meet, precision .961, .963, .963, .963 and recall .576, .594, .594, .595."""
MERGE_OLD_AT: Final = 5.0
"""The same with more days between them."""
YOUNG_REPORTS: Final = 8
"""An event of so many reports, or fewer, is looked at so with every further one; later only when a report adds a name,
a town or a day."""

JOIN_AT: Final = 2.0
"""The same where one of them was founded by the article at hand, and no more than ``STORY_DAYS`` lie between them."""
TOLD_APART: Final = 0.0
"""An article whose sentences about the two fit each other worse than this knows them to be two."""

HOPELESS: Final = -6.0
"""What speaks so strongly against one event that nothing else, all told, could make up for it."""

# Participants. Each is scaled down by how many live events name it (see ``score.specificity``).
PERSON: Final = 2.0
FURTHER: Final = 0.5
"""Share of its weight that a second, third, ... shared person or body adds."""
BODY: Final = 1.6
COUNTRY: Final = 0.7
IMPLIED_COUNTRY: Final = 0.35
"""A country known on one side only through its people or bodies."""
DYAD: Final = 0.5
"""Two or more shared countries."""
OTHER_IDENTITY: Final = -4.0
"""It happened to different people, in a type that the person identifies."""
OTHER_PARTY: Final = -3.0
"""Each side names a person in the same role whom the other does not."""
OTHER_PERSON: Final = -0.8
"""Each side names a person the other does not, in different roles."""
OTHER_BODY: Final = -0.5
OTHER_COUNTRY: Final = -1.3
"""Each side names a country the other does not know."""
OTHER_ACTOR: Final = -2.5
"""Different countries act."""
SWAPPED: Final = -2.0
"""Who acts on whom is told the other way round."""

# Place.
SAME_CITY: Final = 1.7
SAME_AREA: Final = 0.8
SAME_PLACE_COUNTRY: Final = 0.3
OTHER_CITY: Final = -3.0
"""Two towns further apart than ``NEAR_KM`` (or of unknown distance)."""
NEAR_CITY: Final = 0.4
NEAR_KM: Final = 40.0
OTHER_AREA: Final = -1.0
OTHER_PLACE_COUNTRY: Final = -1.5

# Circumstances.
SAME_STORY: Final = 0.9
SAME_ARTICLE: Final = 1.1
"""The event is already told by the article of the mention."""
BESIDE: Final = 0.9
"""The same for a mention that names somebody or a place, and shares neither with the event."""
SINGLE: Final = 0.6
"""Added to both in a type of which an article seldom tells two, where nothing speaks against one event."""
PROMISED: Final = 1.0
"""One of them stands in the headline of an article, the other in its lead, which tells what the headline promises."""
REPEATED: Final = 1.5
"""The event is told by the revision of the article that this one replaces."""
ONCE_A_DAY: Final = 0.8
"""The same country, and times that fit, in a type of which a country seldom has two on one day."""
ANAPHORA: Final = 0.6
"""The mention names nothing by itself ("the truce") and its article tells an event of its type."""
SAME_GIST: Final = 1.5
"""The articles share ``GIST_SURE`` of what the shorter gist holds, or more: they tell one story."""
GIST_MANY: Final = 8
GIST_FURTHER: Final = 0.2
"""What each word that they share beyond ``GIST_MANY`` adds: a region and its leaders make three, a dozen only the story
itself. At 0, .1 and .2: pairs of ECB+ articles that meet, precision .982, .983, .983 and recall .609, .626, .647;
pairwise F1 of 1,797 made-up events, whose articles share few (seeds 11 and 12), .962, .963, .962. With ``SAME_GIST`` at
2 instead, however many they share, recall is .631 and F1 .958."""
SAME_GIST_MOST: Final = 2.5
"""It is worth no more than this. At 2 and 2.5: recall of those pairs .637 and .647, F1 .963 and .962."""
OTHER_GIST: Final = -1.2
"""They share nothing: other stories."""
STORY_DAYS: Final = 10
"""After so many days without a report, sharing a gist or words says less: the same people make other news by then."""
WORDS_LAST: Final = 0.5
"""The share of their weight that words keep for ever, a gist none. At 1, .5 and 0: pairs of ECB+ articles that meet,
precision .948, .952, .956 and recall .585 each; pairwise F1 of 400 made-up events, which are often told of again months
later (seed 11), .974, .974, .968."""
GIST_CHANCE: Final = 0.15
"""The share that articles of different stories have in common anyway."""
GIST_SURE: Final = 0.5
GIST_LEAST: Final = 3.0
"""A gist of fewer telling words says nothing."""
GIST_STORY: Final = 20
"""A word of the gists of more live events than this belongs to more than one story."""
CONFUSABLE_TYPE: Final = -1.0
WORD: Final = 0.45
WORDS_MOST: Final = 1.8
NO_WORDS: Final = -0.4
"""Not one telling word in common, though both have ``ENOUGH_WORDS``."""
ENOUGH_WORDS: Final = 5
SAME_AMOUNT: Final = 0.5
AMOUNTS_MOST: Final = 2 * SAME_AMOUNT
SAME_FIGURE: Final = 0.8
FEW: Final = 5
"""From this number on, the very same figure is no chance."""
OTHER_AMOUNT: Final = -0.7
AMOUNT_RATIO: Final = 4.0
"""Figures of one measure further apart than this factor speak against one event."""

# Time.
SAME_DAYS: Final = 1.0
SAME_PERIOD: Final = 0.6
"""They overlap, the narrower within a month."""
SAME_YEAR: Final = 0.2
STATE_OF_YEARS: Final = -0.5
"""What holds "since 2011" is not what happened on a day of this week."""
YEARS: Final = 400
"""Days from which on a time is one of years."""
IMPOSSIBLE: Final = -4.0
"""It took place before anybody planned it, or was planned after it took place."""
FOLLOWS_PLAN: Final = 0.8
"""It took place when it was planned for."""
SOON_DAYS: Final = 30
"""A plan without a date comes true within so many days as a rule."""
HORIZON_DAYS: Final = 120
"""A plan without a date may come true this many days later."""
DENIAL_DAYS: Final = 45
"""A denial or cancellation speaks about what was told at most this many days before."""

# Founding an event.
SURE_WITHOUT: Final = 0.6
"""Below this confidence a mention in passing that names nobody, no place, no day and no figure founds no event."""
SURE_WITH_FACTS: Final = 0.5
"""The same for one with a day or a figure."""

# Going back on what is held to have happened.
OUTWEIGH_LEAST: Final = 2
"""Voices that must say it did not happen before they can outweigh those who say it did: one alone is a dispute."""
OUTWEIGH: Final = 1.0
"""They must be more than so many times those who still say it did."""

# Dividing an event.
SPLIT_SOURCES: Final = 2
"""Independent sources on either side, and on that side alone, that name another day, town or person."""
SPLIT_FURTHER: Final = 1.0
"""What each further source on the weaker side counts against their being one."""
SPLIT_AT: Final = 0.5
"""The two sides become two events where they fit each other no better than this: a mention that fits an event so
little would have founded one of its own, with a margin. By ``tests/eval/dividing``: of 3,000 made-up events (seeds 11
and 12) none is divided at any threshold from -1 to 1.5; of 4,545 pairs of them of one type and country within 30 days,
thrown together, 2,562 are at -1, 2,804 here (2,715 of them exactly, .997 of their reports on the right side), 2,848 at
1.5. With ``SPLIT_FURTHER`` some 2 % more are, and of the single ones still none."""
SPLIT_PLAN_DAYS: Final = 2
"""Days after an event was over from which a report of what is ahead speaks of the next one."""
