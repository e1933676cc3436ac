"""A typed client of the HTTP API, for programs that talk to ``verticore serve``.

from platform_core.client import Client

with Client("http://127.0.0.1:8765") as client:
    prediction = client.predict("finance.sentiment@champion", [{"text": "Profit rose by a third."}])
    print(prediction.answers[0].label)
"""

from platform_core.client.client import Answer, Client, ModelSummary, Prediction

__all__ = ["Answer", "Client", "ModelSummary", "Prediction"]
