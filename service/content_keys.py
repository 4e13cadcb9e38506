"""Every key of replies.toml and voice.toml that the program says, with its placeholders."""

from collections.abc import Mapping
from typing import Final

REPLIES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        (
            "welcome", "menu", "help", "opted_out", "opted_in", "report_how", "ask_name",
            "ask_address", "ask_zip", "report_confirmed", "report_already", "address_unclear",
            "consent_tips", "tips_started", "tips_already", "tips_declined", "paused", "resumed",
            "slower", "mornings", "evenings", "still_there",
            "not_enrolled", "no_more", "call_back_promised", "check_in_thanks", "not_understood",
            "person_will_read", "media_only", "language_set", "safety_emergency",
            "safety_cauda_equina", "safety_spine_trauma", "safety_suicide", "safety_urgent",
            "safety_review", "dialog_expired", "answer_unclear", "missed_call", "report_held",
            "ask_saddle", "ask_control",
            "report_household", "report_corrected", "same_address", "notice_returned",
            "web_confirm", "web_confirm_tips", "web_declined", "out_of_order",
        ),
        frozenset[str](),
    ),
    **dict.fromkeys(
        (
            "report_reserved", "report_already_week", "notice_listed", "notice_sooner",
            "notice_later",
        ),
        frozenset({"week"}),
    ),
    "report_waiting": frozenset({"place", "week"}),
    "report_mailed_before": frozenset({"day"}),
    "notice_mailed_tracking": frozenset({"tracking"}),
    "zip_differs": frozenset({"zip", "place"}),
    "zip_unknown": frozenset({"zip"}),
    **dict.fromkeys(("report_link", "notice_mailed"), frozenset({"link"})),
    "confirm_address": frozenset({"name", "address"}),
    "question_again": frozenset({"question"}),
    "staff_alert": frozenset({"level", "item", "code", "link"}),
    "staff_alert_many": frozenset({"count", "level", "code", "link"}),
    **dict.fromkeys(("alert_taken", "alert_gone", "alert_unknown"), frozenset({"link"})),
    "alert_noted": frozenset({"minutes", "link"}),
    "staff_digest": frozenset({"emergency", "urgent", "review", "overdue", "link"}),
    **dict.fromkeys(("staff_alert_away", "staff_handed_over"), frozenset({"level", "link"})),
    "worker_stopped": frozenset({"since", "link"}),
}  # fmt: skip


SPOKEN: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        (
            "greeting", "connecting", "desk_busy", "whisper", "ask_number",
            "number_kept", "other_language", "menu", "anything_else", "not_heard",
            "not_understood", "report_how", "report_by_text", "report_already",
            "will_be_recorded", "ask_name", "ask_address", "ask_zip",
            "report_confirmed", "report_person_checks", "tips_menu", "tips_rest",
            "no_tip_yet", "consent_calls", "consent_either", "tips_by_call",
            "tips_by_text", "tips_declined", "tips_need_number", "resume_offer",
            "ask_feel", "ask_which_sign", "check_in", "check_in_thanks",
            "tip_call_intro", "tip_choices", "news_call_intro", "news_choices",
            "news_mailed", "news_returned", "machine_message", "opted_out",
            "message_choice", "call_back_promised", "person_will_hear",
            "voicemail_prompt", "voicemail_thanks", "goodbye", "trouble",
            "safety_emergency", "safety_cauda_equina", "safety_spine_trauma",
            "safety_suicide", "safety_urgent", "safety_close", "offer_on_call",
            "on_call_missed", "alert_call_emergency", "alert_call_urgent",
            "alert_call_taken", "alert_call_gone", "alert_call_left", "ring_connecting", "ring_over",
            "ring_left",
        ),
        frozenset[str](),
    ),
    "confirm_address": frozenset({"name", "address"}),
    "ring_whisper": frozenset({"whom"}),
    **dict.fromkeys(("news_listed", "news_sooner", "news_later"), frozenset({"week"})),
}  # fmt: skip
