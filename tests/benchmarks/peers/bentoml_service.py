"""BentoML with adaptive batches: https://docs.bentoml.com/en/latest/get-started/adaptive-batching.html."""

import os

import bentoml
from classifier import Classifier


@bentoml.service(workers=int(os.environ["WORKERS"]))
class Sentiment:
    def __init__(self) -> None:
        self.classify = Classifier()

    @bentoml.api(batchable=True, max_batch_size=32)
    def predict(self, texts: list[str]) -> list[dict]:
        return self.classify(texts)
