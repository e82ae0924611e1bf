"""Who may learn what of whom, and how long it is kept: the tables behind `docs/privacy.md`.

They hold words, no rules. A test compares them with every answer of every service and with every table and topic, so
that nothing can be added to either without a line here.
"""

from shared.privacy.accepted import ACCEPTED, Accepted
from shared.privacy.disclosures import ABOUT_NOBODY_ELSE, DISCLOSURES, Disclosure, Reader
from shared.privacy.retention import KEPT, Kept

__all__ = ["ABOUT_NOBODY_ELSE", "ACCEPTED", "DISCLOSURES", "KEPT", "Accepted", "Disclosure", "Kept", "Reader"]
