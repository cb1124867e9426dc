"""Tables, code and formulas; tables that only place things; a timetable; a glossary."""

from __future__ import annotations

import random

from tests.extraction.corpus.marks import Source
from tests.extraction.corpus.prose import paragraph, sentences
from tests.extraction.corpus.shell import semantic, soup

PAGES: dict[str, Source] = {}


def _rows(seed: int, count: int) -> str:
    chance = random.Random(seed)
    return "".join(
        f"<tr><td>{1900 + n}</td><td>{chance.randint(200, 900)}</td><td>{chance.randint(10, 99)}.{chance.randint(0, 9)}</td>"
        f"<td>{chance.choice(['calm', 'ice', 'storm', 'fog'])}</td></tr>"
        for n in range(count)
    )


PAGES["table-long"] = Source(
    "table",
    semantic(
        "Ships and levels since 1900",
        "⟦<h1>Ships and levels since 1900</h1><p>From the books of the harbour office.</p><table><thead><tr><th>Year</th><th>Ships</th><th>Level cm</th><th>Winter</th></tr></thead><tbody>"
        + _rows(51, 60)
        + "</tbody></table>⟧",
    ),
    "Ships and levels since 1900",
)

PAGES["table-div"] = Source(
    "table",
    soup(
        "Winners of the regatta",
        "⟦<h1>Winners of the regatta</h1><div class='t'><div class='r h'><div>Year</div><div>Boat</div><div>Helm</div></div>"
        + "".join(
            f"<div class='r'><div>{year}</div><div>{boat}</div><div>{helm}</div></div>"
            for year, boat, helm in [
                (2019, "Maja", "Piet Vos"),
                (2020, "not held", "nobody"),
                (2021, "Hope", "Ilse Brandt"),
                (2022, "Tern", "Jon Falk"),
                (2023, "Maja", "Anna Berg"),
                (2024, "Elsa", "Mira Olsson"),
            ]
        )
        + "</div>⟧",
        css=".t{display:table}.r{display:table-row}.r>div{display:table-cell}",
    ),
    "Winners of the regatta",
)

PAGES["layout-table"] = Source(
    "article",
    f"""<html><head><title>Welcome to the Ropewalk Museum</title></head><body bgcolor="#ffffff"><table width="700" cellpadding="4">
<tr><td colspan="2"><font size="5"><a href="/">Ropewalk Museum</a></font></td></tr>
<tr><td width="120" valign="top"><a href="1">Start</a><br><a href="2">Hours</a><br><a href="3">Way here</a><br><a href="4">Guest book</a></td>
<td valign="top">⟦<h2>Welcome to the Ropewalk Museum</h2><p>{paragraph(521)}</p><p>{paragraph(522)}</p>
<p>{paragraph(523)}</p><table border="1"><tr><th>Day</th><th>Open</th></tr><tr><td>Saturday</td><td>10 to 16</td></tr>
<tr><td>Sunday</td><td>12 to 16</td></tr></table>⟧</td></tr>
<tr><td colspan="2" align="center"><font size="1">Last change: 1998. Best seen at 800 by 600.</font></td></tr></table></body></html>""",
    "Welcome to the Ropewalk Museum",
)

PAGES["timetable"] = Source(
    "table",
    semantic(
        "Ferry timetable",
        """⟦<h1>Ferry timetable</h1><table><caption>Monday to Friday</caption><tr><th>Varnhem</th><td>06:40</td><td>09:10</td><td>12:40</td><td>17:15</td></tr>
<tr><th>Lilla Holm</th><td>07:00</td><td>09:30</td><td>13:00</td><td>17:35</td></tr><tr><th>Skerry</th><td>—</td><td>09:55</td><td>—</td><td>18:00</td></tr></table>
<table><caption>Sunday</caption><tr><th>Varnhem</th><td>10:00</td><td>16:00</td></tr><tr><th>Lilla Holm</th><td>10:20</td><td>16:20</td></tr></table>
<p>Bicycles are carried if there is room.</p>⟧""",
    ),
    "Ferry timetable",
)

_CODE = """def tide(hours, parts):
    total = 0.0
    for amplitude, speed, phase in parts:
        total += amplitude * cos(speed * hours - phase)
    return total"""

PAGES["code-tutorial"] = Source(
    "code",
    soup(
        "Predict the tide in ten lines",
        f"""⟦<h1>Predict the tide in ten lines</h1><p>{paragraph(541, 3)}</p><p>This is the whole program:</p>⟧
<div class="code-toolbar"><button class="copy-btn">Copy</button>⟦<pre class="language-python"><code>{_CODE}</code></pre>⟧</div>
⟦<p>Call <code>tide(0, parts)</code> for midnight. {paragraph(542, 3)}</p>
<pre><code><span class="kw">assert</span> tide(<span class="n">0</span>, []) == <span class="n">0.0</span></code></pre><p>{paragraph(543, 2)}</p>⟧""",
    ),
    "Predict the tide in ten lines",
)

PAGES["code-numbered"] = Source(
    "code",
    semantic(
        "tidecalc/core.py at main",
        "<div class='file-header'>⟦<h1>core.py</h1><span>5 lines, 171 bytes</span>⟧<button>Raw</button><button>Blame</button></div><table class='highlight'>"
        + "".join(
            f"<tr><td class='num' data-line='{n}'></td><td class='code' style='white-space:pre'>⟦{line}⟧</td></tr>"
            for n, line in enumerate(_CODE.split("\n"), 1)
        )
        + "</table>",
    ),
    "tidecalc/core.py at main",
)

_MATH = """⟨<math display="block"><semantics><mrow><mi>h</mi><mo>=</mo><mi>A</mi><mo>cos</mo><mo>(</mo><mi>ω</mi><mi>t</mi><mo>)</mo></mrow>
<annotation encoding="application/x-tex">h = A \\cos(\\omega t)</annotation></semantics></math>¦h = A \\cos(\\omega t)⟩"""
_KATEX = """⟨<span class="katex"><span class="katex-mathml" style="position:absolute;clip:rect(1px,1px,1px,1px);height:1px;width:1px;overflow:hidden"><math><semantics>
<mrow><msup><mi>c</mi><mn>2</mn></msup><mo>=</mo><mi>g</mi><mi>d</mi></mrow><annotation encoding="application/x-tex">c^2 = g d</annotation></semantics></math></span>
<span class="katex-html" aria-hidden="true"><span>c</span><span>2</span><span>=</span><span>g</span><span>d</span></span></span>¦c^2 = g d⟩"""

PAGES["math"] = Source(
    "math",
    semantic(
        "Waves in shallow water",
        f"""<article>⟦<h1>Waves in shallow water</h1><p>{paragraph(561, 3)}</p><p>A single constituent has the height</p>{_MATH}
<p>where A is the amplitude. Long waves travel at a speed given by {_KATEX}, with the depth d. {paragraph(562, 3)}</p>
<p>In plain MathML without a source: ⟨<math><mi>k</mi><mo>=</mo><mfrac><mn>7</mn><mi>L</mi></mfrac></math>¦k = 7/L⟩.</p><p>{paragraph(563, 3)}</p>⟧</article>""",
    ),
    "Waves in shallow water",
)

PAGES["glossary"] = Source(
    "list",
    soup(
        "Words of the waterfront",
        "⟦<h1>Words of the waterfront</h1>⟧<div class='letters'><a>A</a> <a>B</a> <a>C</a></div>⟦<dl>"
        + "".join(
            f"<dt>{word}</dt><dd>{text}</dd>"
            for word, text in zip(
                ["Bollard", "Capstan", "Fairlead", "Groyne", "Hawser", "Slipway", "Windlass"],
                sentences(57, 7),
                strict=True,
            )
        )
        + "</dl>⟧",
    ),
    "Words of the waterfront",
)
