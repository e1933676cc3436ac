"""Plain FastAPI: one text a request, the model called in a thread."""

import os

import uvicorn
from classifier import Classifier
from fastapi import FastAPI
from pydantic import BaseModel


class Request(BaseModel):
    text: str


app = FastAPI()
classify = Classifier()


@app.post("/predict")
def predict(request: Request) -> dict:
    return classify([request.text])[0]


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
