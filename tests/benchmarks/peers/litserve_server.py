"""LitServe with batches: https://lightning.ai/docs/litserve/features/batching."""

import os

import litserve as ls
from classifier import Classifier


class Sentiment(ls.LitAPI):
    def setup(self, device):
        self.classify = Classifier()

    def decode_request(self, request):
        return request["text"]

    def predict(self, texts):
        return self.classify(texts)

    def encode_response(self, output):
        return output


if __name__ == "__main__":
    api = Sentiment(max_batch_size=32, batch_timeout=float(os.environ["BATCH_TIMEOUT"]))
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=int(os.environ["WORKERS"]))
    server.run(host="127.0.0.1", port=int(os.environ["PORT"]), generate_client_file=False, log_level="warning")
