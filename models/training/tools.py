"""Tools, real and made up, and requests for them with arguments to copy."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from models.training import values
from models.training.draws import Draws
from models.training.words import NOUNS, VERBS, capital, made_up, plural

#: name | parameters | description | requests | value class of each parameter
TABLE = """
read_page||Read the text of the page in the current tab||
read_selection||Read the text that the user has selected||
find_in_page|text|Find a word or phrase in the page|find {0} on the page;where is {0};search the page for {0}|phrase
add_todo|text|Add an item to the to-do list|add {0} to my list;put {0} on the to-do list;todo: {0};I have to {0}, add it|phrase
list_todos||List the items on the to-do list|show my list;what is on my to-do list;list my todos;what do I have to do|
complete_todo|text|Mark a to-do item as done|mark {0} as done;{0} is done;tick off {0};I finished {0}|phrase
delete_todo|number:int|Delete a to-do item by its number|delete item {0};remove todo number {0};strike number {0}|count
remember|text|Save a fact about the user for later|remember that {0};keep in mind: {0};note that {0}|phrase
recall|query|Search the saved facts about the user|what do you know about {0};what did I tell you about {0};recall {0}|phrase
calculate|expression|Work out an arithmetic expression|calculate {0};what is {0};compute {0};how much is {0}|sum
open_tab|url|Open a web address in a new tab|open {0};go to {0};new tab with {0};load {0}|address
list_tabs||List the open tabs|which tabs are open;list my tabs;show the tabs|
close_tab|number:int|Close an open tab by its number|close tab {0};shut tab number {0}|count
create_note|title,text|Create a note with a title|make a note called {0}: {1};new note {0} with the text {1}|phrase,phrase
search_notes|query|Search the notes|search my notes for {0};find {0} in my notes;notes about {0}|phrase
highlight|text|Highlight a phrase in the page|highlight {0};mark {0} in yellow|phrase
scroll_to|text|Scroll the page to a phrase|scroll to {0};go down to {0};jump to {0} on the page|phrase
set_timer|minutes:int|Start a timer for a number of minutes|set a timer for {0} minutes;timer {0} min;ring in {0} minutes|count
send_mail|to,text|Send a mail to an address|send {0} a mail saying {1};mail {0}: {1};write to {0} that {1}|mail,phrase
bookmark|title|Save the page as a bookmark|bookmark this as {0};save this page as {0}|phrase
translate_page|language|Translate the page into a language|translate the page into {0};I want this page in {0}|place
show_map|place|Show a place on a map|show {0} on the map;where on the map is {0};map of {0}|place
convert_units|amount:int,unit|Convert an amount into another unit|convert {0} into {1};how much is {0} in {1}|count,word
play|title|Play a song or film|play {0};start {0};I want to hear {0}|phrase
call_person|name|Call a person by name|call {0};ring up {0};phone {0} for me|person
add_event|title,date|Add an event to the calendar|add {0} on {1} to my calendar;put {0} into the calendar for {1}|phrase,date
book_room|name,hour:int|Book a room for an hour|book {0} at {1};I need the room {0} at {1}|phrase,count
pay|name,amount:int|Pay an amount to a person|pay {0} {1};send {1} to {0}|person,count
switch_light|room,state|Switch the light of a room on or off|light in the {0} {1};turn the {0} light {1}|word,switch
download|address,name|Download a file under a name|download {0} as {1};save {0} under {1}|address,identifier
"""  # noqa: E501


@dataclass(frozen=True)
class Tool:
    """A tool as a prompt lists it, with what fills its requests."""

    name: str
    parameters: tuple[str, ...]
    description: str
    requests: tuple[str, ...]
    classes: tuple[str, ...]

    def line(self) -> str:
        """The prompt's line."""
        return f"- {self.name}({', '.join(self.parameters)}): {self.description}"


def _sum(rng: Draws) -> str:
    parts = [str(rng.randint(1, 999)) for _ in range(rng.randint(2, 3))]
    return rng.choice((" + ", " - ", " * ", "/", "+", " x ")).join(parts)


_CLASSES: dict[str, Callable[[Draws], str]] = {
    "phrase": values.phrase,
    "sum": _sum,
    "address": values.address,
    "mail": values.mail,
    "place": values.place,
    "person": values.person,
    "date": values.date,
    "word": values.word,
    "identifier": values.identifier,
    "number": values.number,
    "count": lambda rng: str(rng.randint(0, 10 ** rng.randint(1, 4))),
    "switch": lambda rng: rng.choice(("on", "off")),
}


def _tools() -> tuple[Tool, ...]:
    found = []
    for line in TABLE.strip().splitlines():
        name, parameters, description, requests, classes = line.split("|")
        found.append(
            Tool(
                name,
                tuple(filter(None, parameters.split(","))),
                description,
                tuple(filter(None, requests.split(";"))),
                tuple(filter(None, classes.split(","))),
            )
        )
    return tuple(found)


TOOLS = _tools()
ACTIONS = tuple(tool for tool in TOOLS if tool.requests)
READERS = tuple(tool for tool in TOOLS if not tool.requests)
#: requests for made-up tools: {v} verb, {n} noun, {0} an argument, {p0} its parameter's name
_FORMS = {
    0: ("{v} the {n}", "{v} my {n} now", "{n}: {v}", "please {v} the {n}"),
    1: (
        "{v} the {n} {0}",
        "{v} {0} as {n}",
        "{v} {0}",
        "{0} should be the {n}, {v} it",
        "the {n} {0} needs to be {v}ed",
        "{v} a {n} for {0}",
        "I want you to {v} the {n} with {0}",
        "which {n} is {0}? {v} it",
    ),
    2: (
        "{v} {0} to {1}",
        "{v} {0} and {1}",
        "{v} the {n} {0} with {1}",
        "{v} the {n} of {0} for {1}",
        "the {n} {0} belongs to {1}, {v} it",
        "{v} {0} on {1}",
        "{v} a {n}: {p0} {0}, {p1} {1}",
        # Another order than the tool's only where the request names the parameters.
        "{v} the {n} with {p1} {1} and {p0} {0}",
        "{1} is the {p1} and {0} the {p0}, {v} the {n}",
    ),
    3: (
        "{v} {0} from {1} to {2}",
        "{v} the {n} {0} with {1} and {2}",
        "{v} a {n}: {p2} {2}, {p0} {0}, {p1} {1}",
    ),
}


def made_up_tool(rng: Draws) -> Tool:
    """A tool that exists nowhere; its words, not its name, say when it fits."""
    verb = rng.choice(VERBS) if rng.random() < 0.6 else made_up(rng)
    noun = rng.choice(NOUNS) if rng.random() < 0.6 else made_up(rng)
    count = rng.choice((0, 1, 1, 1, 2, 2, 3))
    pool = [c for c in _CLASSES if c not in ("switch", "sum")]
    classes = tuple(rng.choice(pool) for _ in range(count))
    names: list[str] = []
    while len(names) < count:
        name = rng.choice(NOUNS) if rng.random() < 0.7 else made_up(rng)
        if name not in names:
            names.append(name)
    parameters = tuple(
        f"{name}:int" if kind == "count" else name
        for name, kind in zip(names, classes, strict=True)
    )
    described = rng.choice(("{v} the {n}", "{v} a {n}", "{v} one of the {p}", "{v} {p} of a kind"))
    described = described.replace("{v}", capital(verb)).replace("{n}", noun)
    described = described.replace("{p}", plural(noun))
    if names and rng.random() < 0.4:
        described += f" with a {names[-1]}"
    name = rng.choice((f"{verb}_{noun}", f"{verb}_{plural(noun)}", f"{noun}_{verb}", verb + noun))
    forms = tuple(form.replace("{v}", verb).replace("{n}", noun) for form in _FORMS[count])
    return Tool(name, parameters, described, forms, classes)


def renamed(rng: Draws, tool: Tool) -> Tool:
    """The tool under another name, at times with other parameter names."""
    if rng.random() < 0.5:
        return tool
    name = rng.choice((f"{made_up(rng)}_{tool.name}", made_up(rng), f"{tool.name}_{made_up(rng)}"))
    parameters = tuple(
        (made_up(rng) + (":int" if text.endswith(":int") else "")) if rng.random() < 0.4 else text
        for text in tool.parameters
    )
    if len(set(parameters)) < len(parameters):
        parameters = tool.parameters
    return Tool(name, parameters, tool.description, tool.requests, tool.classes)


def called(name: str, arguments: dict[str, str | int]) -> str:
    """The assistant's text of a call."""
    body = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>{body}</tool_call>"


def request(rng: Draws, tool: Tool) -> tuple[str, dict[str, str | int]]:
    """A request that a tool fits, with the arguments that stand in it."""
    drawn = [_CLASSES[kind](rng) for kind in tool.classes]
    text = rng.choice(tool.requests)
    shown = list(drawn)
    for place, kind in enumerate(tool.classes):
        if kind in ("phrase", "person", "place") and rng.random() < 0.15:
            shown[place] = f'"{drawn[place]}"'
    for place, parameter in enumerate(tool.parameters):
        text = text.replace(f"{{p{place}}}", parameter.split(":")[0])
    for place, value in enumerate(shown):
        text = text.replace(f"{{{place}}}", value)
    arguments: dict[str, str | int] = {}
    for parameter, value in zip(tool.parameters, drawn, strict=True):
        name, _, kind = parameter.partition(":")
        arguments[name] = int(value) if kind == "int" else value
    return text, arguments


def offered(rng: Draws, wanted: list[Tool], most: int = 7) -> list[Tool]:
    """A list with the wanted tools among others, in any order; names and texts are distinct."""
    found = list(wanted)
    for _ in range(rng.randint(0, most)):
        other = renamed(rng, rng.choice(TOOLS)) if rng.random() < 0.5 else made_up_tool(rng)
        if all(other.name != t.name and other.description != t.description for t in found):
            found.append(other)
    rng.shuffle(found)
    return found
