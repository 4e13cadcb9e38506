"""Every table of the product in one place, for migrations and for erasing or copying all of it."""

from service.conversation.models import (
    Call,
    CallStep,
    Dialog,
    Event,
    Gap,
    InboundMessage,
    Recording,
)
from service.db import Base
from service.drip.models import DueStep, Enrollment
from service.heartbeat import JobRun
from service.history import HistoryEntry
from service.outbox.models import Echo, OutboundMessage, Post, Restore
from service.patients.models import Consent, Patient, Thread
from service.report_requests.models import PackageLedger, ReportRequest
from service.review.models import Alert, AlertNotice, Note, ReviewItem
from service.staff.models import (
    Duty,
    Passkey,
    RecoveryCode,
    SignInLink,
    SignInTry,
    SpentChallenge,
    Staff,
    StaffSession,
)

ALL: tuple[type[Base], ...] = (
    Alert,
    AlertNotice,
    Call,
    CallStep,
    Consent,
    Dialog,
    DueStep,
    Duty,
    Echo,
    Enrollment,
    Event,
    Gap,
    HistoryEntry,
    InboundMessage,
    JobRun,
    Note,
    OutboundMessage,
    PackageLedger,
    Passkey,
    Patient,
    Post,
    Recording,
    RecoveryCode,
    ReportRequest,
    Restore,
    ReviewItem,
    SignInLink,
    SignInTry,
    SpentChallenge,
    Staff,
    StaffSession,
    Thread,
)
