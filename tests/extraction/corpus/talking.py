"""Forums, questions and answers, comments, an issue, a chat."""

from __future__ import annotations

from tests.extraction.corpus.marks import Source
from tests.extraction.corpus.prose import paragraph, sentences
from tests.extraction.corpus.shell import semantic, soup

PAGES: dict[str, Source] = {}
NAMES = ["keel_hauler", "Mira", "old-salt", "tarpot", "Jon F.", "gullwatch", "anna_b", "quay4"]


def _post(n: int) -> str:
    name = NAMES[n % len(NAMES)]
    return f"""<div class="post" id="p{n}"><div class="avatar"><img src="a.png" alt=""></div>
⟦<div class="author">{name}</div><div class="when">{n + 2} April 2025, 1{n}:05</div>
<div class="body"><p>{paragraph(2000 + n, 2)}</p></div>⟧
<div class="controls"><button>Like</button><button>Reply</button></div></div>"""


PAGES["forum-thread"] = Source(
    "forum",
    soup(
        "Which antifouling for brackish water?",
        "⟦<h1>Which antifouling for brackish water?</h1>⟧" + "".join(_post(n) for n in range(8)),
    ),
    "Which antifouling for brackish water?",
)

PAGES["forum-table"] = Source(
    "forum",
    "<!doctype html><html lang=en><title>Engine will not start</title><body>"
    "<table width=100%><tr><td><a href=/>Boat board</a></td><td><a href=/l>Log in</a></td></tr></table>"
    "⟦<h2>Engine will not start</h2>⟧<table class=forumline width=100%>"
    + "".join(
        f"<tr><td valign=top width=150>⟦<b>{NAMES[n]}</b>⟧</td><td>⟦<span class=postdetails>Posted: {n + 1} May</span>"
        f"<hr><span class=postbody>{paragraph(2100 + n, 3)}</span>⟧</td></tr>"
        for n in range(5)
    )
    + "</table><table><tr><td><a href=/top>Back to top</a></td></tr></table></body></html>",
    "Engine will not start",
)

PAGES["questions-answers"] = Source(
    "forum",
    semantic(
        "How do I read a tide table? - Ask Sailors",
        f"""<div id="question">⟦<h1>How do I read a tide table?</h1>⟧<div class="votes"><button>▲</button>⟦<span>12</span>⟧<button>▼</button></div>
⟦<div class="prose"><p>{paragraph(221, 3)}</p><pre><code>06:12  0.4 m
12:31  2.1 m</code></pre><p>What do the two columns mean?</p></div><div class="user">asked by tarpot</div>
<ul class="comments"><li>Which harbour is it? – quay4</li><li>Varnhem, the inner basin. – tarpot</li></ul>⟧</div>
⟦<h2>2 answers</h2>⟧<div class="answer"><div class="votes"><button>▲</button>⟦<span>30</span>⟧<button>▼</button></div>⟦<div class="prose"><p>{paragraph(222, 3)}</p>
<p>The first is the time, the second the height above the zero mark.</p></div><div class="user">answered by old-salt</div>⟧</div>
<div class="answer"><div class="votes"><button>▲</button>⟦<span>4</span>⟧<button>▼</button></div>⟦<div class="prose"><p>Times are in winter time. Add an hour in summer.</p></div>
<div class="user">answered by anna_b</div>⟧</div>""",
    ),
    "How do I read a tide table?",
)


def _comment(n: int, depth: int) -> str:
    inner = _comment(n + 1, depth - 1) if depth else ""
    return f"""<div class="comment">⟦<div class="tagline"><a href="/u">{NAMES[n % 8]}</a> <span>{n + 1} hours ago</span></div>
<div class="md"><p>{paragraph(2300 + n, 2)}</p></div>⟧<ul class="flat-list buttons"><li><a href="#">reply</a></li><li><a href="#">share</a></li></ul>
<div class="child">{inner}</div></div>"""


PAGES["comments-nested"] = Source(
    "forum",
    soup(
        "Herons are back on the mud flats",
        "⟦<h1>Herons are back on the mud flats</h1><p>Seen this morning, forty of them.</p>⟧"
        "<div class='commentarea'>" + _comment(0, 3) + _comment(4, 2) + _comment(7, 0) + "</div>",
        css=".child{margin-left:2em}",
    ),
    "Herons are back on the mud flats",
)

PAGES["link-board"] = Source(
    "list",
    "<!doctype html><html lang=en><title>Boat News</title><body><center><table>"
    "<tr><td><b><a href=/>Boat News</a></b> <a href=/new>new</a> | <a href=/ask>ask</a> | <a href=/jobs>jobs</a></td></tr>"
    "<tr><td><table>"
    + "".join(
        f"<tr class=athing><td>⟦<span class=rank>{n + 1}.</span>⟧</td><td>⟦<span class=titleline><a href=/i{n}>{line}</a></span>⟧</td></tr>"
        f"<tr><td></td><td>⟦<span class=subtext>{37 * (n + 1) % 90} points by {NAMES[n % 8]} {n + 2} hours ago | {n * 3} comments</span>⟧</td></tr>"
        for n, line in enumerate(sentences(24, 12))
    )
    + "</table></td></tr><tr><td><a href=/faq>FAQ</a> | <a href=/legal>Legal</a></td></tr></table></center></body></html>",
    "Boat News",
)

PAGES["issue"] = Source(
    "forum",
    semantic(
        "Tide is an hour late in summer · Issue #41 · tidecalc",
        """<div class="gh-header">⟦<h1><span>Tide is an hour late in summer</span> <span>#41</span></h1><span class="state">Open</span>⟧<button>New issue</button></div>
<div class="timeline">"""
        + "".join(
            f"""<div class="timeline-item"><h3 class="head">⟦{NAMES[n]} commented on {n + 1} July⟧</h3>
<div class="comment-body">⟦<p>{paragraph(2500 + n, 2)}</p>{"<pre>ValueError: naive time" + chr(10) + "  at tide_at, line 88</pre>" if n == 1 else ""}⟧</div>
<div class="reactions"><button>👍 3</button></div></div>"""
            for n in range(4)
        )
        + """<div class="event">⟦tarpot added the label bug⟧</div></div><form><textarea>⟪my unsent draft about the bug⟫</textarea><button>Comment</button></form>""",
    ),
    "Tide is an hour late in summer",
)

PAGES["chat"] = Source(
    "app",
    """<!doctype html><html lang="en"><title>#slipway | Crew chat</title>
<style>body{display:flex;margin:0;height:100vh}.rail{width:180px}.log{overflow:auto;flex:1}</style>
<div class="rail" role="navigation"><div>Channels</div><div><a>#general</a></div><div><a>#slipway</a></div><div><a>#weather</a></div></div>
<div class="log" role="log">"""
    + "".join(
        f'<div class="msg" role="listitem">⟦<span class="sender">{NAMES[n % 4]}</span> <span class="time">09:{10 + n}</span><div class="msg-text">{line}</div>⟧</div>'
        for n, line in enumerate(sentences(26, 14))
    )
    + '</div><div contenteditable="true" role="textbox">⟪half a message not sent⟫</div></html>',
    "#slipway | Crew chat",
)
