"""``finance.sentiment``: is a sentence good, bad or neutral for the company that it speaks of?"""

from __future__ import annotations

from platform_core.sdk import CardNotes, ClassTarget, Recipe, Sample, Solution
from platform_core.sdk.adapters import TableAdapter
from verticore_finance.sentiment.adapter import PhraseBankAdapter
from verticore_finance.sentiment.sample import DESCRIPTION, write_sample
from verticore_finance.sentiment.schema import LABELS, SentimentExample
from verticore_finance.sentiment.topics import review

solution = Solution(
    id="finance.sentiment",
    title="Sentiment of financial sentences",
    summary="Sorts sentences of news, reports and headlines into negative, neutral and positive for the company.",
    example=SentimentExample,
    target=ClassTarget(
        aliases=("label", "sentiment", "tone", "polarity", "class", "target", "category", "y"), order=LABELS
    ),
    adapters=(PhraseBankAdapter(), TableAdapter()),
    head="platform_core.sdk.heads:ClassificationHead",
    recipes={
        "head": Recipe(epochs=40, batch_size=64, learning_rate=5e-3, patience=8),
        "lora": Recipe(epochs=4, batch_size=32, learning_rate=1e-3, head_learning_rate=2e-3),
        "full": Recipe(epochs=3, batch_size=32, learning_rate=1e-4, head_learning_rate=1e-3),
    },
    default_method="lora",
    review=review,
    sample=Sample(
        write=write_sample,
        description=DESCRIPTION,
        requests=(
            {"text": "Operating profit rose to EUR 13.1 mn from EUR 8.7 mn a year earlier."},
            {"text": "The company will publish its half-year report on 14 August."},
            {"text": "Net loss widened and the board proposes no dividend for the year."},
            {"text": "The quarterly loss narrowed more than analysts had expected."},
        ),
    ),
    notes=CardNotes(
        intended_use=(
            "Sorting single English sentences of company reports, news and headlines by what they mean for the company "
            "concerned, to rank, filter or count them; a person reads what matters."
        ),
        limits=(
            "One label per sentence: a sentence with good and bad news gets the one that prevails.",
            "It judges the words, not the market: it predicts no prices.",
            "Sentences in other languages, and styles far from the training data, need training data of their own.",
            "The topic comes from fixed English words, not from training; where no word tells, it is ``other``.",
            "Irony, and comparisons whose baseline is in another sentence, are often missed.",
        ),
        risks=(
            "Automatic trading on single predictions can lose money.",
            "A model trained on news of one sector or time can be systematically wrong on another.",
        ),
    ),
)
