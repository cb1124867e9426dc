"""Small talk: greetings of many kinds, questions about the assistant, and what it cannot do."""

from __future__ import annotations

from models.training import replies, values
from models.training.draws import Draws
from models.training.words import ADJECTIVES, NOUNS, VERBS, capital

_HELLO = (
    "hi;hello;hey;good morning;good evening;good day;hi there;hello there;greetings;hey you;hullo;"
    "hallo zusammen;servus;bonsoir;buenas;hei;grüezi;salaam;namaste;ola;privet;🙋;😃;🖐️;😺;🤗;"
    "hi :);hello :-);heya;evening;morning;good to see you;nice to meet you;hello friend"
).split(";")
_THANKS = (
    "thanks;thank you;thanks a lot;many thanks;thank you so much;great, thanks;that helped;"
    "well done;good job;perfect;awesome;nice work;vielen dank;merci beaucoup;mille grazie;"
    "obrigado;👍;👏;💯;❤️;😍;thanks 😺;thx;tysm;super;brilliant;very kind of you"
).split(";")
_BYE = (
    "bye;goodbye;see you;good night;see you later;bye bye;that is all;farewell;until tomorrow;"
    "have a nice day;I am leaving;auf wiedersehen;au plus tard;hasta luego;arrivederci;so long;"
    "😴;🚪;bye 😺;good night 😴;gotta go;take care;later;talk to you soon"
).split(";")
_WHO = (
    "who are you;what are you;tell me who you are;who made you;who built you;what is your name;"
    "do you have a name;what model are you;are you a person;are you human;describe yourself;"
    "which AI is this;what is this thing;how big are you;are you a language model;are you a robot"
).split(";")
_CAN = (
    "what can you do;help;how can you help me;what are you for;what can I ask you;I need help;"
    "how do I use this;what are your skills;show me what you can do;what is possible here;"
    "what tasks do you know;how do I start;give me some help;what does this extension do"
).split(";")
_PRIVATE = (
    "is this private;do you send my data;are you online;do you use the internet;is my data safe;"
    "does this work offline;who can read this;do you upload the page;is anything sent to a server;"
    "do you track me;where is my data;can others see what I type;are you in the cloud"
).split(";")
_LARGER = (
    "how do I get a better model;can I use a bigger model;how do I change the model;you are bad;"
    "can you be smarter;I want a larger model;switch model;upgrade;your answers are weak;"
    "where can I choose the model;load a stronger model;is there a bigger model"
).split(";")
_READY = "how are you;how are you doing;how is it going;what's up;are you ok;all good;you ok".split(
    ";"
)
#: each wording class and its reply; greetings more often, since any sign may be one
CLASSES = (
    (_HELLO, replies.HELLO),
    (_HELLO, replies.HELLO),
    (_THANKS, replies.WELCOME),
    (_THANKS, replies.WELCOME),
    (_BYE, replies.GOODBYE),
    (_BYE, replies.GOODBYE),
    (_WHO, replies.WHO),
    (_CAN, replies.CAN),
    (_PRIVATE, replies.PRIVATE),
    (_LARGER, replies.LARGER),
    (_READY, replies.READY),
)
_FACES = "😃 😎 ✨ 😺 🐱 🌸 🍀 🌻 🚲 🥳 😇 🫡 🌈 ⭐ 🐶 🍎".split()
_OPEN = (
    "what is the capital of {c};who wrote {n};write a poem about {n};tell me a joke;"
    "explain {n};write code to {v} a {n};who was {p};how tall is {c};how old is {p};"
    "write a song about a {a} {n};what is the best {n};teach me {n};solve a riddle about {n};"
    "should I buy a {n};why is the {n} {a};what do you think of {n};plan my trip to {c};"
    "how far is {c};which {n} should I choose;is {n} better than {n};make up a story about a {n};"
    "when was {p} born;compare {n} and {n};do my homework;what was in {y};give me advice on {n}"
).split(";")


def small_talk(rng: Draws) -> tuple[str, str]:
    """What somebody says, and the fixed reply."""
    wordings, reply = rng.choice(CLASSES)
    text = rng.choice(wordings)
    if reply == replies.HELLO and rng.random() < 0.25:
        # A sign alone, or any sign after a greeting: no tool is ever meant.
        text = rng.choice((rng.choice(_FACES), f"{text} {rng.choice(_FACES)}"))
    elif rng.random() < 0.12:
        text = f"{text} {rng.choice(_FACES)}"
    elif rng.random() < 0.15:
        text = f"{rng.choice(('ok', 'well', 'so', 'and', 'sorry'))}, {text}"
    text = capital(text) if rng.random() < 0.6 else text
    return text + rng.choice(("", "", "", "!", "?", ".", "!!")), reply


def open_question(rng: Draws) -> tuple[str, str]:
    """A question that needs knowledge or invention, and the reply that says so."""
    text = rng.choice(_OPEN)
    for mark, drawn in (
        ("{c}", values.place(rng)),
        ("{p}", values.person(rng)),
        ("{n}", rng.choice(NOUNS)),
        ("{a}", rng.choice(ADJECTIVES)),
        ("{v}", rng.choice(VERBS)),
        ("{y}", str(rng.randint(1200, 2030))),
    ):
        text = text.replace(mark, drawn)
    text = capital(text) if rng.random() < 0.6 else text
    return text + rng.choice(("", "?", "?", ".", "!")), replies.LIMIT
