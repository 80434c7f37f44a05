"""Write the newsroom's HTML pages. Pure: stories in, HTML5 out.

The pages carry the furniture of real news sites (navigation, most read, newsletter box, related links, footer, and at
outlets of the kind ``page`` a promotion amid the text), because finding the article among it is part of what the sample
tries out.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from deploy.sample.articles import MONTHS, Outlet
from deploy.sample.feeds import FEED_TYPES, SAMPLE_NOTICE, feed_url
from deploy.sample.schedule import Story, base_url
from deploy.sample.state import format_moment

SECTIONS = ("World", "Politics", "Business", "Science", "Culture", "Sport", "Opinion")

_STYLE = """
body{margin:0;font:1.05rem/1.55 Georgia,serif;color:#1b1b1b;background:#fff}
.sample-banner{background:#ffd84d;font:600 .9rem/1.4 system-ui,sans-serif;padding:.5rem 1rem;text-align:center}
header,nav,footer,.columns{max-width:68rem;margin:0 auto;padding:.6rem 1rem}
nav ul{display:flex;flex-wrap:wrap;gap:1rem;list-style:none;padding:0;margin:0}
.columns{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:2rem}
.byline,.tagline,footer,aside{font-family:system-ui,sans-serif;font-size:.9rem;color:#444}
.promo,.newsletter{border:1px solid #ccc;padding:.8rem;margin:1rem 0}
@media(max-width:45rem){.columns{grid-template-columns:1fr}}
""".strip()


def index_page(outlets: Iterable[Outlet], port: int) -> str:
    """The newsroom's own front door: the six outlets with their pages and feeds."""
    rows = "\n".join(
        f'<li><a href="{base_url(outlet, port)}/">{escape(outlet.name)}</a> – {escape(outlet.tagline)} '
        f'(<a href="{feed_url(outlet, port)}">{outlet.feed_kind.upper()} feed</a>)</li>'
        for outlet in outlets
    )
    body = f"""<header><h1>Sample newsroom</h1></header>
<main class="columns"><section>
<p>Six fictional outlets. Nothing they report has happened; people, companies and groups are invented.</p>
<ul>
{rows}
</ul>
<p><a href="/opml">All feeds as OPML</a> · <a href="/status">Progress of the schedule</a></p>
</section></main>"""
    return _document("en", "Dateline sample newsroom (fictional)", "", body)


def front_page(outlet: Outlet, stories: Sequence[Story], port: int) -> str:
    """An outlet's front page; ``stories`` come newest first."""
    teasers = "\n".join(
        f'<section class="teaser"><h2><a href="{escape(story.url)}">{escape(story.title)}</a></h2>\n'
        f"<p>{escape(story.lead)}</p></section>"
        for story in stories
    )
    head = _feed_link(outlet, port) + f'\n<link rel="canonical" href="{base_url(outlet, port)}/">'
    body = f"""{_masthead(outlet)}
<div class="columns">
<main>
<h1>{escape(outlet.name)}</h1>
{teasers or "<p>The first edition is being prepared.</p>"}
</main>
{_sidebar(outlet, stories[:5])}
</div>
{_footer(outlet)}"""
    return _document(outlet.language, outlet.sample_name, head, body)


def article_page(story: Story, related: Sequence[Story], port: int) -> str:
    """The page of one article; ``related`` are earlier stories of the same outlet."""
    outlet = story.outlet
    body = f"""{_masthead(outlet)}
<div class="columns">
<main>
<article>
<header class="article-head">
<p class="kicker">World</p>
<h1>{escape(story.title)}</h1>
<p class="byline">By <span class="author">{escape(story.author)}</span> · {_dates(story)}</p>
</header>
<div class="article-body">
{_paragraphs(story, related)}
</div>
</article>
<section class="related"><h2>Related stories</h2>
{_links(related) or "<p>More coverage soon.</p>"}
</section>
</main>
{_sidebar(outlet, related)}
</div>
{_footer(outlet)}"""
    return _document(outlet.language, f"{story.title} | {outlet.sample_name}", _article_head(story, port), body)


def not_found_page(outlet: Outlet | None = None) -> str:
    """What a reader sees at an address that does not exist, or not yet."""
    name = outlet.sample_name if outlet else "Dateline sample newsroom (fictional)"
    language = outlet.language if outlet else "en"
    body = '<main class="columns"><section><h1>Page not found</h1><p><a href="/">Front page</a></p></section></main>'
    return _document(language, f"Page not found | {name}", "", body)


def _document(language: str, title: str, head: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="{escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)}</title>
{head}
<style>{_STYLE}</style>
</head>
<body>
<div class="sample-banner" role="note">{SAMPLE_NOTICE}</div>
{body}
</body>
</html>
"""


def _article_head(story: Story, port: int) -> str:
    outlet = story.outlet
    properties = {
        "og:type": "article",
        "og:title": story.title,
        "og:description": story.lead,
        "og:url": story.url,
        "og:site_name": outlet.sample_name,
        "og:locale": outlet.language.replace("-", "_"),
        "article:published_time": format_moment(story.published_at),
        "article:modified_time": format_moment(story.updated_at),
        "article:author": story.author,
        "article:section": "World",
    }
    lines = [
        f'<link rel="canonical" href="{escape(story.url)}">',
        _feed_link(outlet, port),
        f'<meta name="description" content="{escape(story.lead)}">',
        f'<meta name="author" content="{escape(story.author)}">',
        *(f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()),
    ]
    if outlet.text_kind == "json-ld":
        lines.append(f'<script type="application/ld+json">{_json_ld(story, port)}</script>')
    return "\n".join(lines)


def _json_ld(story: Story, port: int) -> str:
    outlet = story.outlet
    fields = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": story.url,
        "headline": story.title,
        "description": story.lead,
        "datePublished": format_moment(story.published_at),
        "dateModified": format_moment(story.updated_at),
        "author": [{"@type": "Person", "name": story.author}],
        "publisher": {"@type": "Organization", "name": outlet.sample_name, "url": f"{base_url(outlet, port)}/"},
        "inLanguage": outlet.language,
        "isAccessibleForFree": True,
        "articleBody": "\n\n".join(story.paragraphs),
    }
    # Inside a script element HTML escapes mean nothing; only "<" could end the element early.
    return json.dumps(fields, ensure_ascii=False).replace("<", "\\u003c")


def _paragraphs(story: Story, related: Sequence[Story]) -> str:
    blocks = [f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in story.paragraphs]
    if story.outlet.text_kind == "page" and len(blocks) > 3:
        links = _links(related[:2])
        promo = f'<aside class="promo"><h2>Read more</h2>\n{links}</aside>' if links else _newsletter(story.outlet)
        blocks.insert(3, promo)
    return "\n".join(blocks)


def _dates(story: Story) -> str:
    text = _time_element(story.published_at, "published")
    if story.is_revised:
        text += " · Updated " + _time_element(story.updated_at, "updated")
    return text


def _time_element(moment: datetime, name: str) -> str:
    utc = moment.astimezone(UTC)
    label = f"{utc.day} {MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} GMT"
    return f'<time datetime="{format_moment(moment)}" class="{name}">{label}</time>'


def _masthead(outlet: Outlet) -> str:
    sections = "\n".join(f'<li><a href="/#{section.lower()}">{section}</a></li>' for section in SECTIONS)
    return f"""<header class="masthead">
<p class="logo"><a href="/">{escape(outlet.name)}</a></p>
<p class="tagline">{escape(outlet.tagline)}</p>
</header>
<nav aria-label="Sections"><ul>
{sections}
</ul></nav>"""


def _sidebar(outlet: Outlet, stories: Sequence[Story]) -> str:
    return f"""<aside class="sidebar">
<section class="most-read"><h2>Most read</h2>
{_links(stories) or "<p>Nothing here yet.</p>"}
</section>
{_newsletter(outlet)}
</aside>"""


def _newsletter(outlet: Outlet) -> str:
    return f"""<aside class="newsletter"><h2>The morning briefing</h2>
<p>Get the best of the {escape(outlet.name)} in your inbox before breakfast.</p>
<form><label>E-mail <input type="email" disabled></label> <button type="button" disabled>Sign up</button></form>
</aside>"""


def _links(stories: Iterable[Story]) -> str:
    items = "\n".join(f'<li><a href="{escape(story.url)}">{escape(story.title)}</a></li>' for story in stories)
    return f"<ul>\n{items}\n</ul>" if items else ""


def _footer(outlet: Outlet) -> str:
    return f"""<footer>
<ul><li><a href="/#about">About us</a></li><li><a href="/#contact">Contact the newsroom</a></li>
<li><a href="/#terms">Terms of use</a></li><li><a href="/#privacy">Privacy</a></li>
<li><a href="/feed.xml">Feed</a></li></ul>
<p>{escape(outlet.name)} is an invented outlet. All names and events on this site are fictional.</p>
</footer>"""


def _feed_link(outlet: Outlet, port: int) -> str:
    media_type = FEED_TYPES[outlet.feed_kind].partition(";")[0]
    title, address = escape(outlet.sample_name), feed_url(outlet, port)
    return f'<link rel="alternate" type="{media_type}" title="{title}" href="{address}">'
