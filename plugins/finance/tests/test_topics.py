import time

import pytest
from verticore_finance.sentiment.sample import make_sentences
from verticore_finance.sentiment.schema import SentimentExample
from verticore_finance.sentiment.topics import TOPICS, review, topic_of

ONE_OF_EACH = {
    "earnings": "Operating profit rose to EUR 13.1 mn from EUR 8.7 mn a year earlier.",
    "guidance": "The company expects net sales to grow and repeated its guidance for 2025.",
    "orders": "It won a contract to supply cranes to a port in Poland.",
    "deals": "The group will acquire a 60 % stake in its Estonian competitor.",
    "financing": "The company signed a new credit facility and repaid its bridge loan.",
    "dividend": "The board proposes a dividend of EUR 0.40 per share.",
    "workforce": "The mill will lay off 120 employees in the autumn.",
    "legal": "A court fined the bank after an investigation by the regulator.",
    "management": "The board of directors appointed a new chairman after she resigned.",
    "product": "It launched a new version of its scanner and filed two patents.",
    "market": "Shares closed lower as analysts downgraded the sector.",
    "other": "The building stands near the river.",
}


@pytest.mark.parametrize("topic", ONE_OF_EACH)
def test_a_plain_sentence_gets_its_topic(topic: str) -> None:
    assert topic_of(ONE_OF_EACH[topic]) == topic


def test_every_topic_is_tried() -> None:
    assert tuple(sorted(ONE_OF_EACH)) == tuple(sorted(TOPICS))


def test_who_said_it_does_not_count() -> None:
    assert topic_of("The name of the unit has changed, according to the interim report.") == "other"


def test_a_faint_word_alone_is_not_enough() -> None:
    assert topic_of("The firm offers services to towns.") == "other"


def test_agrees_with_the_topics_for_which_the_sample_was_made() -> None:
    sentences = make_sentences()
    assert sum(topic_of(made.text) == made.topic for made in sentences) > 0.9 * len(sentences)


def test_is_a_fact_of_every_prediction() -> None:
    example = SentimentExample(text=ONE_OF_EACH["dividend"])
    assert review(example, ("negative", "neutral", "positive")).facts == {"topic": "dividend"}


def test_takes_less_than_a_millisecond() -> None:
    sentences = [made.text for made in make_sentences()[:200]]
    started = time.perf_counter()
    for text in sentences:
        topic_of(text)
    assert (time.perf_counter() - started) / len(sentences) < 1e-3
