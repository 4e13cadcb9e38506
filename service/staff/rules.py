"""Roles, and how long links and sessions live. Pure."""

from datetime import timedelta
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is to the clinic."""

    FRONT_DESK = "front_desk"
    CLINICIAN = "clinician"
    ADMIN = "admin"


MAY_CLOSE_FLAGS = (Role.CLINICIAN, Role.ADMIN)
"""Whether somebody is out of danger is a clinical judgement; the front desk takes, rings and hands over."""

LINK_LIFE = timedelta(hours=24)
"""A sign-in link works once, within this time."""

IDLE = timedelta(minutes=30)
"""A session ends when nobody has used it for so long (45 CFR 164.312(a)(2)(iii), automatic logoff;
ASVS 5.0 7.3.1 leaves the figure to the clinic). A screen that refreshes itself is not a person."""

ABSOLUTE = timedelta(hours=12)
"""A session ends after this time whatever was done in it (ASVS 5.0 7.3.2): one long working day."""

TOUCH_EVERY = timedelta(minutes=1)
"""How finely use is noted, so that not every page is a write."""
