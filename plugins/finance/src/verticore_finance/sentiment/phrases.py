"""The words from which the sample data is made. All companies are invented."""

from __future__ import annotations

STEMS = (
    "Norvik", "Haldan", "Kestrelo", "Brannock", "Tuulima", "Ostrava Line", "Merrivale", "Quillon", "Sandvala", "Pelto",
    "Arvonen", "Delmare", "Fjordex", "Grantham Vale", "Isokoski", "Jarnfelt", "Lumetra", "Marwick & Rowe", "Nordhagen",
    "Optiva", "Rautala", "Selvanto", "Tarnberg", "Ullswick", "Veridane", "Wexmoor", "Ylitalo", "Zenolith", "Corvane",
    "Eastmere",
)  # fmt: skip
FORMS = ("", "", " Group", " Oyj", " AB", " plc", " Holding", " Industries")
SECTORS = (
    "packaging maker", "shipping line", "software house", "crane builder", "grocery chain", "paper mill",
    "telecom operator", "tyre manufacturer", "insurer", "property developer", "drug maker", "brewer", "steel trader",
    "airline", "retail bank",
)  # fmt: skip
PLACES = (
    "Finland", "the Baltic states", "northern Germany", "Poland", "the Nordic countries", "Canada", "Brazil",
    "southern China", "the Netherlands", "Estonia", "the United Kingdom", "South Korea", "western Russia", "Turkey",
)  # fmt: skip
UNITS = (
    "packaging", "marine", "consumer", "wireless", "forestry", "logistics", "lending", "healthcare",
    "lifting equipment", "digital services", "construction", "fitness", "dairy", "energy", "printing",
)  # fmt: skip
PERIODS = (
    "in the first quarter", "in the second quarter", "in the third quarter", "in the fourth quarter",
    "in the first half", "in January-September", "during the fiscal year", "in the twelve months to June",
    "in the review period", "last year", "in the summer months", "between October and December",
)  # fmt: skip
GOOD_AMOUNTS = (
    "operating profit", "net sales", "order intake", "revenue", "free cash flow", "pretax profit", "the order backlog",
    "fee income", "net interest income", "underlying earnings",
)  # fmt: skip
GOOD_WHEN_HIGH = (
    *GOOD_AMOUNTS, "earnings per share", "gross margin", "market share", "passenger traffic", "customer satisfaction",
    "return on equity", "capacity utilisation",
)  # fmt: skip
LOSSES = ("the net loss", "the pretax loss", "the operating loss", "the loss from operations")
BAD_AMOUNTS = (
    *LOSSES, "the wage bill", "net debt", "the interest burden", "the cost base", "the impairment charge",
    "the credit loss provision", "the restructuring expense",
)  # fmt: skip
BAD_WHEN_HIGH = (
    *BAD_AMOUNTS, "staff turnover", "the number of warranty claims", "the average delivery delay", "the scrap rate",
    "customer churn", "the price of raw materials", "the share of overdue receivables",
)  # fmt: skip
WENT_UP = ("rose", "increased", "climbed", "grew", "jumped", "went up", "moved higher")
WENT_DOWN = ("fell", "decreased", "dropped", "declined", "shrank", "went down", "slipped")
CAUSES_GOOD = (
    "helped by strong demand in {place}", "thanks to new customers", "as the {unit} unit won more orders",
    "as prices held up", "after the plant in {place} reached full output", "on brisk sales of {unit} products",
)  # fmt: skip
CAUSES_BAD = (
    "hit by weak demand in {place}", "after a large customer left", "as the {unit} unit lost orders",
    "as competitors cut prices", "after a strike at the plant in {place}", "on sluggish sales of {unit} products",
)  # fmt: skip
CAUSES_PLAIN = (
    "according to the interim report", "the company said", "the {sector} reported on {day}",
    "excluding the {unit} unit", "measured in local currencies", "the finance chief told reporters in {place}",
    "figures published on {day} show",
)  # fmt: skip
GOOD_NEWS = (
    "{company} won a contract worth EUR {money} mn to supply {unit} systems to a customer in {place}",
    "The board of {company} proposes to raise the dividend to EUR {share} per share",
    "{company} will hire {count} people in {place} to meet demand for its {unit} services",
    "{company} lifted its guidance for the year after a better start than planned in {place}",
    "Analysts upgraded {company}, citing the recovery of its {unit} business",
    "{company} repaid its EUR {money} mn bridge loan two years ahead of schedule",
    "A court in {place} dismissed the claim of EUR {money} mn against {company}",
    "{company} ended the short-time work of {count} employees at its {unit} plant because orders have returned",
    "The regulator in {place} cleared {company} of all allegations about its {unit} sales",
    "{company} no longer expects to write down its {unit} assets in {place}",
)  # fmt: skip
BAD_NEWS = (
    "{company} lost a contract worth EUR {money} mn to supply {unit} systems to a customer in {place}",
    "The board of {company} proposes to cut the dividend to EUR {share} per share",
    "{company} will lay off {count} people in {place} because demand for its {unit} services has faded",
    "{company} lowered its guidance for the year after a worse start than planned in {place}",
    "Analysts downgraded {company}, citing the slump of its {unit} business",
    "{company} failed to repay its EUR {money} mn bridge loan on schedule",
    "A court in {place} upheld the claim of EUR {money} mn against {company}",
    "{company} began short-time work for {count} employees at its {unit} plant because orders have not returned",
    "The regulator in {place} opened an investigation into the {unit} sales of {company}",
    "{company} no longer expects to break even with its {unit} business in {place}",
)  # fmt: skip
PLAIN_NEWS = (
    "{company} will publish its interim report on {day} at 8.30 am",
    "{company}, a {sector}, has about {count} employees in {place}",
    "The {unit} unit of {company} is headquartered in {place} and was founded in {year}",
    "{company} appointed a new head of its {unit} unit, who starts on {day}",
    "The annual general meeting of {company} will be held on {day}",
    "{company} sold its {unit} property in {place} for EUR {money} mn, which has no effect on the result",
    "The contract of {company} with the {sector} in {place} covers {count} units and runs until {year}",
    "{company} has changed the name of its {unit} subsidiary in {place}",
    "The shares of {company} are listed in {place} under a new trading code from {day}",
    "{company} and a {sector} from {place} plan to study a joint {unit} venture",
    "The offer of {company} for the {unit} firm is valid until {day}",
    "{company} owns {percent} percent of the {sector}, unchanged since {year}",
    "Some {count} of the {unit} machines of {company} are in use in {place}",
    "The value of the order from {place} was not disclosed by {company}",
)  # fmt: skip
MIXED_NEWS = (
    "{company} won an order in {place}, but its {unit} unit lost one of about the same size",
    "At {company}, {good} rose {period} while {bad} rose as well",
    "{company} expects a difficult year, though its {unit} unit is doing better than feared",
    "{company} cuts {count} jobs in {place} to lift the margin of its {unit} unit by {percent} percentage points",
    "{company} closes its loss-making {unit} plant in {place}",
    "Higher prices offset lower volumes in the {unit} unit of {company} {period}",
)  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "August", "September", "October", "November")

FIGURE_TOPICS = {
    "order intake": "orders", "the order backlog": "orders", "the average delivery delay": "orders",
    "market share": "market", "passenger traffic": "market", "customer churn": "market",
    "the price of raw materials": "market", "customer satisfaction": "product", "the scrap rate": "product",
    "the number of warranty claims": "product", "the wage bill": "workforce", "staff turnover": "workforce",
    "net debt": "financing", "the interest burden": "financing", "the credit loss provision": "financing",
    "the share of overdue receivables": "financing", "capacity utilisation": "other",
}  # fmt: skip
"""Topics of the figures that are not ``earnings``."""

NEWS_TOPICS = {
    **dict(
        zip(
            GOOD_NEWS,
            ("orders", "dividend", "workforce", "guidance", "market", "financing", "legal", "workforce", "legal",
             "earnings"),
            strict=True,
        )
    ),
    **dict(
        zip(
            BAD_NEWS,
            ("orders", "dividend", "workforce", "guidance", "market", "financing", "legal", "workforce", "legal",
             "guidance"),
            strict=True,
        )
    ),
    **dict(
        zip(
            PLAIN_NEWS,
            ("earnings", "workforce", "other", "management", "management", "deals", "orders", "other", "market",
             "deals", "deals", "deals", "product", "orders"),
            strict=True,
        )
    ),
    **dict(zip(MIXED_NEWS, ("orders", "earnings", "guidance", "workforce", "other", "market"), strict=True)),
    "there will be no layoffs in {place}": "workforce",
    "there will be no dividend": "dividend",
}  # fmt: skip
"""Topics of the news, and of denials that speak of no figure."""
