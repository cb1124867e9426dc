"""Application-like pages: mail, boards, dashboards, settings, search, calendar."""

from __future__ import annotations

from tests.extraction.corpus.marks import Source
from tests.extraction.corpus.prose import paragraph, sentences

PAGES: dict[str, Source] = {}
_HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{}</title><style>{}</style></head><body>'

_MAILS = [
    ("Mira Olsson", "Boat keys", "The keys lie in the blue box by the gate.", "09:12"),
    ("Jon Falk", "Invoice 118", "Please find the amount for the new rudder.", "08:47"),
    ("Harbour office", "Crane on Friday", "Your lift is booked for half past ten.", "Yesterday"),
    ("Anna Berg", "Re: choir", "Tuesday suits all of us but the tenors.", "Yesterday"),
    ("Piet", "Photos of the launch", "Forty pictures, the best is number nine.", "Mon"),
    ("Net loft", "Your order", "Twenty metres of herring net are ready.", "Sun"),
]

PAGES["inbox"] = Source(
    "app",
    _HEAD.format("Inbox (6)", "body{display:flex}.row{display:flex;gap:1em}")
    + '<div class="folders" role="navigation"><div>Inbox</div><div>Sent</div><div>Drafts</div><div>Trash</div></div>'
    '<div role="main"><div role="toolbar"><button>Archive</button><button>Delete</button></div><div role="grid">'
    + "".join(
        f'<div class="row" role="row"><div role="gridcell"><input type="checkbox" aria-label="Select"></div>⟦<div role="gridcell">{who}</div>'
        f'<div role="gridcell"><span>{what}</span><span> – {text}</span></div><div role="gridcell">{when}</div>⟧</div>'
        for who, what, text, when in _MAILS
    )
    + "</div></div></body></html>",
    "Inbox (6)",
)

PAGES["mail-open"] = Source(
    "app",
    _HEAD.format("Crane on Friday – Mail", "body{display:flex}.list{width:200px}.read{flex:1}")
    + '<div class="list" role="navigation"><a>Boat keys</a><a>Invoice 118</a><a>Crane on Friday</a></div><div class="read">'
    f"""<div role="toolbar"><button>Reply</button><button>Forward</button></div>⟦<h2>Crane on Friday</h2>
<div class="from">Harbour office &lt;office@harbour.example&gt;</div><div class="to">to me, 11 April 2025</div>
<div class="mail-body"><div>Good morning,</div><div><br></div><div>{paragraph(41, 3)}</div><div><br></div>
<div>Please bring two fenders and the papers.</div><div><br></div><div>Ilse Brandt</div></div>⟧</div></body></html>""",
    "Crane on Friday",
)

_CARDS = {
    "To do": ["Sand the tiller", "Order copper nails", "Ask about insurance"],
    "Doing": ["Paint the waterline", "Splice the main sheet"],
    "Done": ["Change the oil", "Renew the flares", "Check the bilge pump", "Fix the hatch"],
}

PAGES["kanban"] = Source(
    "app",
    _HEAD.format("Refit of the Hope – Board", ".board{display:flex}.lane{width:200px}")
    + '<div class="app-header"><a>Boards</a><a>Members</a><button>Invite</button></div><div class="board">'
    + "".join(
        f'<div class="lane">⟦<h2>{lane}</h2>⟧'
        + "".join(
            f'<div class="card" draggable="true">⟦<div class="card-title">{card}</div>⟧</div>'
            for card in cards
        )
        + '<button class="add">Add a card</button></div>'
        for lane, cards in _CARDS.items()
    )
    + "</div></body></html>",
    "Refit of the Hope – Board",
)

PAGES["dashboard"] = Source(
    "app",
    _HEAD.format("Harbour dashboard", ".tiles{display:grid;grid-template-columns:repeat(3,1fr)}")
    + """<nav><a>Overview</a><a>Berths</a><a>Reports</a></nav><main>⟦<h1>Harbour dashboard</h1>
<div class="tiles"><div class="tile"><div class="label">Boats in port</div><div class="value">148</div></div>
<div class="tile"><div class="label">Free berths</div><div class="value">23</div></div>
<div class="tile"><div class="label">Water level</div><div class="value">+0.42 m</div></div></div>⟧
<svg width="300" height="80"><text x="5" y="20">chart axis 0 50 100</text></svg>
⟦<h2>Arrivals today</h2><table><tr><th>Ship</th><th>From</th><th>At</th></tr><tr><td>Aurora</td><td>Lilla Holm</td><td>09:40</td></tr>
<tr><td>Nordvind</td><td>Gdansk</td><td>13:05</td></tr><tr><td>Pax</td><td>Visby</td><td>18:20</td></tr></table>
<h2>Warnings</h2><ul><li>Crane 2 is out of service until Monday.</li><li>Gale warning for the outer roads.</li></ul>⟧</main></body></html>""",
    "Harbour dashboard",
)

PAGES["search-results"] = Source(
    "list",
    _HEAD.format("tide table - Search", "")
    + '<div class="searchbar"><input value="⟪tide table typed query⟫"><button>Search</button></div><div class="tabs" role="tablist"><a role="tab">All</a><a role="tab">Images</a><a role="tab">Maps</a></div>'
    '<div id="results">'
    + "".join(
        f'⟦<div class="g"><a href="/{n}"><h3>{title}</h3><cite>harbour{n}.example › tides</cite></a><div class="snippet">{text}</div></div>⟧'
        for n, (title, text) in enumerate(
            zip(
                [
                    "Tide tables for Varnhem",
                    "How tides are predicted",
                    "Tidal constants of 1911",
                    "Learn to read a tide table",
                    "The brackish tide",
                ],
                sentences(44, 5),
                strict=True,
            )
        )
    )
    + '</div><div id="related" class="related-searches" role="navigation"><div>Related searches</div><a>moon phases</a><a>spring tide</a></div></body></html>',
    "tide table - Search",
)

PAGES["calendar"] = Source(
    "app",
    _HEAD.format("April 2025 – Calendar", "td{border:1px solid;vertical-align:top}")
    + '<div role="toolbar"><button>Today</button><button>Previous</button><button>Next</button></div>⟦<h1>April 2025</h1>'
    "<table role='grid'><thead><tr><th>Mon</th><th>Tue</th><th>Wed</th><th>Thu</th><th>Fri</th></tr></thead><tbody>"
    "<tr><td>7</td><td>8<div>Choir 19:00</div></td><td>9</td><td>10</td><td>11<div>Crane 10:30</div></td></tr>"
    "<tr><td>14</td><td>15<div>Choir 19:00</div></td><td>16<div>Dentist</div></td><td>17</td><td>18<div>Good Friday</div></td></tr>"
    "</tbody></table>⟧</body></html>",
    "April 2025 – Calendar",
)

PAGES["settings"] = Source(
    "app",
    _HEAD.format("Notifications – Settings", "")
    + """<div class="side-menu" role="navigation"><a>Profile</a><a>Notifications</a><a>Billing</a></div><main>⟦<h1>Notifications</h1>
<p>Choose what the harbour may tell you about, and when.</p><fieldset><legend>Weather</legend><label>⟧<input type="checkbox" checked>⟦ Gale warnings</label>
<p class="help">Sent at once, also at night.</p><label>⟧<input type="checkbox">⟦ Daily forecast</label><p class="help">Sent at seven in the morning.</p></fieldset>
<fieldset><legend>Berth</legend><label>Phone number ⟧<input value="⟪555 0199 private⟫">⟦</label><p class="help">Used when your mooring lines chafe.</p></fieldset>⟧
<button>Save</button></main></body></html>""",
    "Notifications – Settings",
)
