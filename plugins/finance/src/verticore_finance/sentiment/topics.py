"""What a sentence is about, by plain rules: each topic has words, and the topic whose words weigh most wins.

No model is asked, so the topic of a sentence does not change with training, and everyone can read why it was given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from platform_core.sdk import Review
from verticore_finance.sentiment.schema import SentimentExample


class Words(NamedTuple):
    """What speaks for a topic, as a regular expression; a telling word weighs as much as two faint ones."""

    telling: str
    faint: str = "(?!)"


OTHER: Final = "other"
WORDS: Final[Mapping[str, Words]] = {
    "guidance": Words(
        "guidance|outlook|profit warning|projects? (?:that|the|revenue|sales)|full-year target|"
        "expects? (?:that|its|the|net|sales|operating|to (?:grow|increase|break))|will be at the level|"
        "(?:is|are) expected to (?:be|grow|increase|decrease|rise|fall|improve)",
        "forecasts?|expects?|estimates? (?:that|the)|targets?|aims?",
    ),
    "legal": Words(
        "court|lawsuits?|sued|sues|suing|litigation|regulators?|antitrust|cartel|fined|fines|probe|"
        r"investigation|infring\w+|competition authority|allegations?|arbitration",
        "settlement|settled|claims? of|police|law",
    ),
    "deals": Words(
        r"acqui(?:re|res|red|ring|sitions?)|take ?-?over|merg(?:es?|ers?|ed|ing)|divest\w*|buyout|"
        r"joint (?:\w+ ){0,3}venture|letter of intent|stake|sold its|sells its|the sale of its|tender offer|"
        "(?:public|the) offer (?:of|for)|(?:the|this|present) deal|transaction|purchased|"
        r"agreed to (?:buy|sell)|buyer|seller|owns [\d.]+ (?:%|percent|per cent)|"
        "memorandum of understanding|teamed up|substantial holder",
        "owns|owned|subsidiary|deal",
    ),
    "dividend": Words(
        "dividends?|capital repayment|(?:share )?buy-?backs?|repurchase of (?:own )?shares|own shares|"
        "per share dividend|pay (?:a |no )?dividend|"
        "(?:propose|approve)[sd]? (?:a |no |that the company would pay )?dividend",
    ),
    "workforce": Words(
        r"lay-?offs?|laid off|lays? off|redundanc\w+|jobs?|hir(?:es?|ed)|recruit\w*|workforce|"
        "employee negotiations|short-time work|wages?|staff turnover|strikes?|dismissals?",
        "personnel|employees|staff|staffers|employs|pensions?|working hours|reductions",
    ),
    "orders": Words(
        "order intake|order backlog|order ?book|contracts?|won an order|framework agreement|awarded|bids?|"
        "will (?:be )?(?:supply|suppl|deliver|provide)(?:y|ied|ed)?|agreements? (?:with|to)|"
        "(?:value|delivery) of the order|order(?:s|ed)?",
        "agreement|deliver(?:y|ies)|tender|supply",
    ),
    "financing": Words(
        r"loans?|credit facility|bonds?|financing|refinanc\w+|debt|rights (?:issue|offering)|share issue|"
        "directed (?:share )?(?:issue|offering)|convertible|interest (?:burden|expenses?|costs?)|funding|"
        r"stock options?|new shares|credit rating|overdue receivables|covenants?|credit loss\w*",
        "facility|shares subscribed",
    ),
    "management": Words(
        "appoint(?:s|ed|ments?)?|finance director|chair(?:man|woman)|board of directors|board member|"
        "resign(?:s|ed|ation)?|steps? down|new head of|general meeting|elected|will succeed|"
        r"(?:Mr|Ms|Mrs)\.? \w+ (?:joins?|joined|has)|has (?:previously )?held",
        "chief executive|ceo|cfo|managing director|president|board",
    ),
    "earnings": Words(
        "profits?|loss(?:es)?|earnings|eps|(?:sales|income) (?:increase|decrease|growth)d?|ebitda?|net sales|"
        "revenues?|cash flow|margins?|"
        "sales (?:rose|fell|increased|decreased|grew|declined|returned|of|by|to)|"
        r"turnover (?:rose|fell|increased|decreased|of|was)|(?:interest|fee) income|impairment\w*|"
        "write(?:s|-| )?(?:down|off)s?|cost base|return on equity|break even|"
        "(?:interim|annual|half-year) (?:report|results?)|"
        r"(?:rise|increase|growth|drop|fall) in (?:\w+ )?sales|restructuring (?:expense|charge|cost)s?",
        "results?|turnover|sales|consensus|quarter|loss-making",
    ),
    "product": Words(
        "launch(?:es|ed|ing)?|new version|patents?|has developed|clinical|prototype|new products?|warranty|"
        "scrap rate|customer satisfaction",
        "products?|model|technolog(?:y|ies)|software|solutions?|platform|features?|enables?|brands?|"
        "services?|applications?",
    ),
    "market": Words(
        r"shares? (?:in \w+ )?(?:closed|rose|fell|gained|lost|were|traded|are listed)|share price|"
        r"market share|index(?:es)?|higher \w* ?prices|helsinki 25|delisted|upgraded|downgraded|trading code|"
        "competitors?|raw materials?|customer churn|passenger traffic|market analysis",
        r"markets?|demand|competition|competitive\w*|analysts?|rating|prices?|growth",
    ),
}
"""Topic → the words that speak for it."""

TOPICS: Final = (*WORDS, OTHER)

_LEAST: Final = 2
_TAILS: Final = re.compile(
    r"\b(?:according to|figures published|told (?:reporters|investors)|stock exchange release)\b[^,.;]*",
    re.IGNORECASE,
)
_PATTERNS: Final = {
    topic: re.compile(rf"\b(?:(?P<telling>{words.telling})|{words.faint})\b", re.IGNORECASE)
    for topic, words in WORDS.items()
}


def topic_of(sentence: str) -> str:
    """Return the topic of a sentence, one of :data:`TOPICS`.

    Each different word counts once, and one faint word is not enough. Of topics with equal weight the one whose word
    comes first in the sentence wins.
    Who said it (``according to the interim report``) does not count.
    """
    return _heaviest(_TAILS.sub("", sentence)) or OTHER


def review(example: SentimentExample, labels: object) -> Review:  # noqa: ARG001 - the topic depends on no label
    """Return the topic, as a fact of the prediction."""
    return Review(facts={"topic": topic_of(example.text)})


def _heaviest(text: str) -> str | None:
    best, best_rank = None, (0, 0)
    for topic, pattern in _PATTERNS.items():
        weights: dict[str, int] = {}
        first = 0
        for match in pattern.finditer(text):
            first = first if weights else match.start()
            weights[match[0].casefold()] = 2 if match.lastgroup else 1
        rank = (sum(weights.values()), -first)
        if rank > best_rank and rank[0] >= _LEAST:
            best, best_rank = topic, rank
    return best
