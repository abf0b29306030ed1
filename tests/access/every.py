"""Every row of every table: what the pages are asked, and who may."""

from tests.access.accounts import ACCOUNTS
from tests.access.hooks import HOOKS
from tests.access.kept_reminders import ROWS as REMINDERS
from tests.access.visits import VISITS
from tests.access.work import WORK

TABLE = [*VISITS, *WORK, *REMINDERS, *ACCOUNTS, *HOOKS]
