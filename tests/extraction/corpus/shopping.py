"""Products, lists of products, comparisons, a price page, a menu."""

from __future__ import annotations

from tests.extraction.corpus.marks import Source
from tests.extraction.corpus.prose import paragraph, sentences
from tests.extraction.corpus.shell import semantic, soup

PAGES: dict[str, Source] = {}

PAGES["product"] = Source(
    "product",
    soup(
        "Brass barometer, 15 cm",
        f"""<div class="product"><div class="breadcrumbs"><a>Shop</a> / <a>Instruments</a></div>
<div class="gallery"><img src="1.png" alt=""></div><div class="buybox">⟦<h1>Brass barometer, 15 cm</h1>
<div class="stars">4.6 out of 5 (212 reviews)</div><div class="price"><span>129</span><span>.00</span> <span>crowns</span></div>
<div class="stock">In stock, delivered on Thursday</div>⟧
<select><option>1</option><option>2</option></select><button>Add to basket</button></div>
⟦<h2>About this item</h2><ul><li>Solid brass case, lacquered</li><li>Scale in hectopascals</li><li>Made in Varnhem</li></ul>
<p>{paragraph(31)}</p><h2>Details</h2><table><tr><th>Weight</th><td>1.3 kg</td></tr><tr><th>Depth</th><td>5 cm</td></tr>
<tr><th>Article number</th><td>BB-15</td></tr></table><h2>Reviews</h2>
<div class="review"><b>Exact and handsome</b><span> by Anna</span><p>{paragraph(32, 2)}</p></div>
<div class="review"><b>Too heavy for our wall</b><span> by Piet</span><p>{paragraph(33, 2)}</p></div>⟧
<div class="also-bought"><h3>Customers also bought</h3><a>Ship's clock</a><a>Hygrometer</a><a>Chart lamp</a></div></div>""",
        head="""<script type="application/ld+json">{"@type":"Product","name":"Brass barometer, 15 cm",
"offers":{"@type":"Offer","price":"129.00","priceCurrency":"SEK"}}</script>""",
    ),
    "Brass barometer, 15 cm",
)

_GOODS = [
    ("Hemp rope 12 mm", "4.20 per metre"),
    ("Linen sail bag", "35.00"),
    ("Storm lantern", "62.50"),
    ("Wool watch cap", "18.00"),
    ("Deck brush", "9.90"),
    ("Tarred twine", "3.10"),
    ("Chart weights, pair", "27.00"),
    ("Bosun's whistle", "14.40"),
    ("Cork fender", "21.75"),
]

PAGES["product-list"] = Source(
    "list",
    soup(
        "Deck and rigging",
        "⟦<h1>Deck and rigging</h1>⟧<div class='filters'><label><input type=checkbox> In stock</label><label><input type=checkbox> On sale</label></div>"
        "<div class='grid'>"
        + "".join(
            f"<div class='card'><a href='/p{n}'><img alt='' src='p.png'>⟦<div class='name'>{name}</div></a><div class='price'>{price}</div>⟧<button>Buy</button></div>"
            for n, (name, price) in enumerate(_GOODS)
        )
        + "</div><div class='pagination'><a>1</a><a>2</a><a>3</a><a>Next page</a></div>",
        css=".grid{display:grid;grid-template-columns:1fr 1fr 1fr}",
    ),
    "Deck and rigging",
)

PAGES["comparison"] = Source(
    "table",
    semantic(
        "Three outboard engines compared",
        f"""⟦<h1>Three outboard engines compared</h1><p>{paragraph(34, 2)}</p>
<table><caption>Measured in March 2025</caption><thead><tr><th></th><th>Otter 4</th><th>Eider 5</th><th>Tern 6</th></tr></thead>
<tbody><tr><th>Power</th><td>3.0 kW</td><td>3.7 kW</td><td>4.4 kW</td></tr>
<tr><th>Weight</th><td>25 kg</td><td>27 kg</td><td>26 kg</td></tr>
<tr><th>Noise at 2 m</th><td>71 dB</td><td>68 dB</td><td>74 dB</td></tr></tbody></table>
<p>{paragraph(35, 2)}</p>⟧""",
    ),
    "Three outboard engines compared",
)

PAGES["pricing"] = Source(
    "product",
    f"""<!doctype html><html lang="en"><title>Berths and prices</title><style>.plans{{display:flex}}.plan{{border:1px solid}}</style>
<div class="nav-bar"><a>Marina</a><a>Prices</a><a>Map</a><a>Sign in</a></div>
<section class="hero">⟦<h1>A berth for every boat</h1><p>{sentences(36, 1)[0]}</p>⟧<a class="btn" role="button">Book now</a></section>
<section class="plans">⟦<div class="plan"><h3>Day</h3><p class="amount">180</p><ul><li>Water</li><li>Shower</li></ul></div>
<div class="plan"><h3>Month</h3><p class="amount">2400</p><ul><li>Water and power</li><li>Locker</li></ul></div>
<div class="plan"><h3>Season</h3><p class="amount">9800</p><ul><li>Everything in Month</li><li>Winter storage</li></ul></div>⟧</section>
<section class="faq">⟦<h2>Questions</h2><details open><summary>May I live on board?</summary><p>Yes, up to ninety days a year.</p></details>
<details><summary>Is there a crane?</summary>⟧<p>⟪Folded away answer about the crane⟫</p>⟦</details>⟧</section>
<div class="footer-links"><a>Rules</a><a>Jobs</a></div></html>""",
    "Berths and prices",
)

PAGES["listings"] = Source(
    "list",
    soup(
        "Boats for sale",
        "⟦<h1>Boats for sale</h1><p class='count'>5 boats found</p>⟧<ul class='results'>"
        + "".join(
            f"<li class='result'>⟦<h2><a href='/b{n}'>{name}</a></h2><p class='facts'>{year} · {length} m · {price} crowns</p><p>{paragraph(3800 + n, 1)}</p>⟧<a class='fav' role='button'>Save</a></li>"
            for n, (name, year, length, price) in enumerate(
                [
                    ("Clinker dinghy Elsa", 1964, 4.2, 8000),
                    ("Gaff cutter Hope", 1931, 11.6, 240000),
                    ("Motor launch Tern", 1988, 7.1, 56000),
                    ("Folkboat Maja", 1972, 7.6, 31000),
                    ("Pilot boat 7", 1955, 12.4, 130000),
                ]
            )
        )
        + "</ul>",
    ),
    "Boats for sale",
)
