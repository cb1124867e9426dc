"""Page frames as sites have them: semantic ones, and piles of ``div``."""

from __future__ import annotations


def semantic(title: str, main: str, head: str = "", lang: str = "en", extra: str = "") -> str:
    """HTML5 with header, nav, main, aside and footer."""
    return f"""<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}
<style>body{{font:16px sans-serif;max-width:960px;margin:auto}}nav ul{{display:flex;gap:1em;list-style:none}}</style>
</head><body>
<header><a href="/">Varnhem Courier</a>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sea">Sea</a></li><li><a href="/town">Town</a></li>
<li><a href="/about">About us</a></li></ul></nav></header>
<main>{main}</main>
<aside><h2>Most read</h2><ul><li><a href="/a">Ten walks with a view</a></li>
<li><a href="/b">Where to buy smoked eel</a></li></ul></aside>
{extra}
<footer><p>© 2026 Varnhem Courier · <a href="/imprint">Imprint</a> · <a href="/privacy">Privacy</a></p></footer>
</body></html>"""


def soup(
    title: str, main: str, head: str = "", lang: str = "en", css: str = "", after: str = ""
) -> str:
    """No element says what it is; classes do."""
    return f"""<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title} - Harbour Post</title>{head}
<style>.topbar,.menu{{display:flex;gap:12px}}.wrap{{display:flex}}.col{{flex:3}}.sidebar{{flex:1}}{css}</style>
</head><body>
<div id="page"><div class="topbar"><div class="logo"><a href="/">Harbour Post</a></div>
<div class="menu"><div class="menu-item"><a href="/n">News</a></div><div class="menu-item"><a href="/s">Sport</a></div>
<div class="menu-item"><a href="/w">Weather</a></div><div class="menu-item"><a href="/l">Log in</a></div></div></div>
<div class="wrap"><div class="col" id="content">{main}</div>
<div class="sidebar" id="secondary"><div class="widget"><div class="widget-title">Recent posts</div>
<ul><li><a href="/1">Storm over the skerries</a></li><li><a href="/2">New ferry timetable</a></li>
<li><a href="/3">Choir looks for tenors</a></li></ul></div>
<div class="widget ad-slot"><div>Advertisement</div><a href="/x">Save on marine paint today</a></div></div></div>
{after}
<div id="footer" class="site-footer"><div>Harbour Post, Quay 4</div><div><a href="/t">Terms</a> <a href="/c">Contact</a></div></div>
</div></body></html>"""
