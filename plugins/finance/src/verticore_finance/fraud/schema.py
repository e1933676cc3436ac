"""The input of the solution: one transaction or claim, its account, and what the account did before."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from platform_core.sdk import Cells, Columns, Derived, Example, History, Identity, Moment, Number, Past
from verticore_finance.moments import read_moment

REMEMBERED = 50
"""Earlier transactions of an account that are looked at, the latest ones."""

_ACCOUNT = (
    "account_id", "account_number", "card", "card_id", "card_number", "cc_num", "pan_hash", "customer", "customer_id",
    "client", "client_id", "user", "user_id", "member_id", "insured_id", "policyholder_id", "nameOrig", "sender",
    "payer",
)  # fmt: skip
_TIMESTAMP = (
    "time", "datetime", "transaction_time", "transaction_datetime", "transaction_date", "trans_date_trans_time",
    "trans_date", "tx_datetime", "tx_time", "TransactionDT", "purchase_time", "event_time", "booked_at", "created_at",
    "claim_date", "date",
)  # fmt: skip
_AMOUNT = (
    "amt", "transaction_amount", "TransactionAmt", "trans_amount", "tx_amount", "purchase_value", "claim_amount",
    "total_claim_amount", "value",
)  # fmt: skip
_KNOWN_LATER = (
    "chargeback", "chargeback_date", "chargeback_amount", "chargeback_reason", "is_chargeback", "dispute", "disputed",
    "dispute_date", "investigation", "investigation_outcome", "investigation_result", "investigation_date",
    "review_outcome", "review_decision", "analyst_decision", "isFlaggedFraud", "flagged", "flagged_at", "fraud_type",
    "fraud_scenario", "tx_fraud_scenario", "fraud_reason", "fraud_date", "reported_at", "reported_date", "confirmed_at",
    "confirmed_fraud", "status", "transaction_status", "claim_status", "card_blocked", "blocked_at", "closed_at",
    "close_date", "resolution", "outcome", "refunded", "reversed", "reversal_date", "recovered_amount", "loss_amount",
    "settlement_amount", "settlement_date", "paid_amount", "payout", "newbalanceOrig", "newbalanceDest",
)  # fmt: skip
_IGNORED = ("index", "row", "row_id", "unnamed: 0", "step", "unix_time", "epoch", "first", "last")
_UNIQUE = (
    "transaction_id",
    "trans_id",
    "tx_id",
    "trx_id",
    "transactionID",
    "claim_id",
    "claim_number",
    "payment_id",
    "trans_num",
)


def _readable(timestamp: str | None) -> str | None:
    if timestamp is not None and read_moment(timestamp) is None:
        raise ValueError(
            f"{timestamp!r} is no time; write ISO 8601 or seconds, or leave the column out with --map timestamp="
        )
    return timestamp


class FraudExample(Example):
    """A transaction or a claim, as it stands at the moment of decision."""

    account: Annotated[
        str | None,
        Identity(aliases=_ACCOUNT, title="Account"),
        Field(description="Whose transaction it is: account, card or customer. Kept as a keyed hash only."),
    ] = None
    timestamp: Annotated[
        str | None,
        AfterValidator(_readable),
        Moment(aliases=_TIMESTAMP, title="Time"),
        Field(description="When: ISO 8601, or seconds from any start.", examples=["2024-03-05T14:20:00", "86400"]),
    ] = None
    amount: Annotated[
        float | None,
        # No lower bound: refunds and reversals are negative, and they mean something.
        Number(aliases=_AMOUNT, title="Amount"),
        Field(description="Amount in one currency; refunds are negative.", examples=[42.5]),
    ] = None
    columns: Annotated[
        Cells,
        Columns(known_later=_KNOWN_LATER, ignored=_IGNORED, unique=_UNIQUE),
        Field(description="Everything else that is known at the moment of decision."),
    ] = {}
    history: Annotated[
        Past,
        History(most=REMEMBERED),
        Field(description="Earlier transactions of the account, oldest first, in the form of this one."),
    ] = ()
    derived: Annotated[Cells, Derived(), Field(description="Computed from the rest; never given.")] = {}
