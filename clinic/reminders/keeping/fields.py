"""What the words of a reminder may be."""

from clinic.core.fields import Line, Text
from clinic.reminders.models import LONGEST_MESSAGE, LONGEST_TITLE

TITLE, MESSAGE = Line(LONGEST_TITLE, least=1), Text(LONGEST_MESSAGE, least=1)
