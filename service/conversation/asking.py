"""Which reply of replies.toml asks which question, and with which answers in it."""

from service.conversation.heard import Question

ASKED_BY: dict[Question, str] = {
    Question.REPORT_HOW: "report_how",
    Question.NAME: "ask_name",
    Question.ADDRESS: "ask_address",
    Question.ZIP: "ask_zip",
    Question.CONFIRM: "confirm_address",
    Question.CONSENT_TIPS: "consent_tips",
    Question.WEB: "web_confirm",
    Question.SADDLE: "ask_saddle",
    Question.CONTROL: "ask_control",
    Question.DETAIL: "answer_unclear",
}


ASKED_WITH: dict[str, tuple[str, ...]] = {
    "confirm_address": ("name", "address"),
    "zip_differs": ("zip", "place"),
    "zip_unknown": ("zip",),
}
