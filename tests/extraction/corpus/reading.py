"""Articles, blogs, documentation, an encyclopaedia, a recipe."""

from __future__ import annotations

from tests.extraction.corpus.marks import Source
from tests.extraction.corpus.prose import paragraph, paragraphs
from tests.extraction.corpus.shell import semantic, soup

PAGES: dict[str, Source] = {}

PAGES["article-semantic"] = Source(
    "article",
    semantic(
        "The lock that was built twice",
        f"""<article>⟦<h1>The lock that was built twice</h1>
<p class="byline">By <span rel="author">Ilse Brandt</span>, <time datetime="2025-03-14">14 March 2025</time></p>
{paragraphs(1, 3)}
<figure><img src="lock.png" alt=""><figcaption>The eastern gate in 1932, before the second wall.</figcaption></figure>
<h2>The second attempt</h2>{paragraphs(2, 3)}
<blockquote><p>We were told it could not leak. It leaked on the first day.</p></blockquote>
{paragraphs(3, 2)}⟧</article>""",
        head="""<meta name="author" content="Ilse Brandt"><meta property="og:title" content="The lock that was built twice">
<meta property="og:site_name" content="Varnhem Courier"><meta property="article:published_time" content="2025-03-14T08:00:00Z">
<meta name="description" content="How a canal lock failed, and what was done about it.">""",
    ),
    "The lock that was built twice",
    author="Ilse Brandt",
    published="2025-03-14",
)

PAGES["article-soup"] = Source(
    "article",
    soup(
        "Dredger stays another year",
        f"""<div class="post hentry"><div class="breadcrumb"><a href="/">Home</a> › <a href="/n">News</a></div>
⟦<div class="entry-title"><h1>Dredger stays another year</h1></div>
<div class="entry-meta">Jon Falk, 2 May 2024</div>⟧
<div class="social-share"><a href="#">Share</a><a href="#">Post it</a><a href="#">Mail</a></div>
<div class="entry-content">⟦{paragraphs(4, 3)}⟧
<div class="inline-promo"><a href="/newsletter">Get our newsletter every Friday</a></div>
⟦{paragraphs(5, 3)}⟧</div>
<div class="related-posts"><div class="related-title">You may also like</div>
<a href="/r1">Five facts about mud</a> <a href="/r2">What a dredger costs</a> <a href="/r3">Sand for the beach</a></div>
</div>""",
        head="""<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",
"headline":"Dredger stays another year","datePublished":"2024-05-02","author":{"@type":"Person","name":"Jon Falk"}}</script>""",
    ),
    "Dredger stays another year",
    author="Jon Falk",
    published="2024-05-02",
)

PAGES["article-br"] = Source(
    "article",
    soup(
        "Letters from the lightship",
        "⟦<div class='text'><b>Letters from the lightship</b><br><br>"
        + "<br><br>".join(paragraph(600 + n, 5) for n in range(6))
        + "</div>⟧<div class='paging'><a href='?p=1'>1</a> <a href='?p=2'>2</a> <a href='?p=3'>Next</a></div>",
    ),
    "Letters from the lightship",
)

PAGES["news-interrupted"] = Source(
    "article",
    semantic(
        "Ice closes the inner basin",
        f"""<article>⟦<header><p class="kicker">Winter</p><h1>Ice closes the inner basin</h1>
<p class="standfirst">Three fishing boats were towed out on Sunday; more cold is expected.</p></header>
<p>{paragraph(71)}</p><p>{paragraph(72)}</p>⟧
<aside class="newsletter"><h3>Never miss the tide</h3><p>Subscribe to our daily letter.</p></aside>
⟦<p>{paragraph(73)}</p><p>{paragraph(74)}</p>⟧
<div class="advert" role="complementary">Advertisement: winter boots at half price</div>
⟦<p>{paragraph(75)}</p><p>{paragraph(76)}</p>⟧
</article>
<section class="comments-teaser"><button>Show 14 comments</button></section>""",
        extra="""<div role="dialog" aria-label="Cookies" class="cookie-banner" style="position:fixed;bottom:0;background:#eee">
<p>We use cookies to improve your visit.</p><button>Accept all</button><button>Only necessary</button></div>""",
    ),
    "Ice closes the inner basin",
)

PAGES["blog-short"] = Source(
    "article",
    soup(
        "A new rope",
        f"<div class='post'>⟦<h2>A new rope</h2><div class='date'>3 June</div><p>{paragraph(8, 2)}</p>⟧</div>",
    ),
    "A new rope",
)

PAGES["encyclopaedia"] = Source(
    "article",
    semantic(
        "Varnhem Light – Harbour Encyclopaedia",
        f"""⟦<h1>Varnhem Light</h1>⟧<div class="hatnote siteSub">From the Harbour Encyclopaedia</div>
<div class="toc" role="navigation"><h2>Contents</h2><ol><li><a href="#h">History</a></li><li><a href="#l">Lamp</a></li></ol></div>
⟦<table class="infobox"><caption>Varnhem Light</caption><tr><th>Built</th><td>1847</td></tr>
<tr><th>Height</th><td>31 m</td></tr><tr><th>Range</th><td>18 nautical miles</td></tr></table>
<p><b>Varnhem Light</b> is a lighthouse on the northern mole. {paragraph(91)}</p>
<h2 id="h">History</h2><p>{paragraph(92)}</p><p>{paragraph(93)}</p>
<h2 id="l">Lamp</h2><p>{paragraph(94)}</p><ul><li>1847: rapeseed oil</li><li>1889: kerosene</li>
<li>1931: electric light</li></ul><h2>References</h2><ol><li>Brandt, I.: Lights of the North. 1975.</li>
<li>Council minutes, 3 May 1931.</li></ol>⟧""",
    ),
    "Varnhem Light",
)

PAGES["docs"] = Source(
    "docs",
    f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Configuration | tidecalc docs</title>
<style>.layout{{display:grid;grid-template-columns:200px 1fr 160px}}</style></head><body>
<div class="navbar"><a href="/">tidecalc</a><a href="/docs">Docs</a><a href="/blog">Blog</a><input placeholder="Search" value="⟪typed by the visitor⟫"></div>
<div class="layout"><div class="sidebar-nav" role="navigation"><ul><li><a href="1">Install</a></li><li><a href="2">Configuration</a></li>
<li><a href="3">Stations</a></li><li><a href="4">Exports</a></li></ul></div>
<div class="doc-content" role="main">⟦<h1>Configuration</h1><p>Settings are read from <code>tidecalc.toml</code> in the folder
where the program starts. {paragraph(101, 3)}</p><h2>Station</h2><p>Every station needs a name and a zero level.</p>
<pre><code>[station]
name = "Varnhem"
zero_m = 1.42</code></pre><h2>Options</h2><table><thead><tr><th>Name</th><th>Default</th><th>Meaning</th></tr></thead>
<tbody><tr><td><code>zero_m</code></td><td>0</td><td>height of the zero mark</td></tr>
<tr><td><code>harmonics</code></td><td>37</td><td>how many constituents are summed</td></tr></tbody></table>
<div class="admonition note"><p class="admonition-title">Note</p><p>Heights are metres above the zero mark.</p></div>
<p>{paragraph(102, 3)}</p>⟧<div class="pagination-nav"><a href="1">Previous: Install</a> <a href="3">Next: Stations</a></div></div>
<div class="toc-right"><ul><li><a href="#s">Station</a></li><li><a href="#o">Options</a></li></ul></div></div>
<div class="footer">Built with care. Edit this page.</div></body></html>""",
    "Configuration",
)

PAGES["api-reference"] = Source(
    "docs",
    semantic(
        "tide_at() — tidecalc",
        f"""⟦<h1><code>tide_at(station, when)</code></h1><p>Height of the water at a time. {paragraph(111, 2)}</p>
<h2>Parameters</h2><dl><dt>station</dt><dd>A <code>Station</code>, or its name.</dd><dt>when</dt><dd>A time with a zone.</dd></dl>
<h2>Returns</h2><p>Metres above the zero mark, as a number.</p><h2>Example</h2>
<pre>&gt;&gt;&gt; tide_at("Varnhem", noon)
0.83</pre><h2>Raises</h2><ul><li><code>UnknownStation</code> when the name is not known</li>
<li><code>NaiveTime</code> when the time has no zone</li></ul>⟧""",
    ),
    "tide_at() — tidecalc",
)

PAGES["recipe"] = Source(
    "article",
    soup(
        "Smoked eel soup",
        f"""<div class="recipe">⟦<h1>Smoked eel soup</h1><p>{paragraph(121, 3)}</p>
<h2>Ingredients</h2><ul class="ingredients"><li><span>300 g</span><span> smoked eel</span></li><li><span>1 l</span><span> fish stock</span></li>
<li><span>2</span><span> leeks</span></li><li><span>100 ml</span><span> cream</span></li></ul>
<h2>Method</h2><ol class="steps"><li>Cut the leeks and soften them in butter.</li><li>Add the stock and simmer for ten minutes.</li>
<li>Flake the eel, add it with the cream, and season with dill.</li></ol>
<p class="yield">Serves four. Takes 35 minutes.</p>⟧<div class="rating-widget"><button>Rate</button><button>Print</button></div></div>""",
        head="""<script type="application/ld+json">{"@type":"Recipe","name":"Smoked eel soup","author":"Mira Olsson"}</script>""",
    ),
    "Smoked eel soup",
    author="Mira Olsson",
)
