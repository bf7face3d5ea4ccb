"""Shows a self-test while it runs: every check, how it stands, and how far the whole is."""

from adm.panel.v1 import technician_pb2 as technician
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from screens.devices import task_name
from screens.widgets.desk import DeskPage
from screens.widgets.tech import BAD, CheckRow
from screens.words import count, say


class SelfTestPage(DeskPage):
    """The list follows the check under way."""

    level = StringProperty("")
    progress = NumericProperty(0)
    passed = StringProperty("")
    failed = StringProperty("")
    ending = BooleanProperty(False)

    def draw(self, screen: technician.SelfTestScreen) -> None:
        """Moves the bar and the marks."""
        outcomes = [line.outcome for line in screen.checks]
        self.level = say(f"task.{task_name(screen.level)}")
        self.progress = screen.progress
        self.ending = screen.ending
        self.passed = count("self_test.passed", outcomes.count(technician.CHECK_OUTCOME_PASS))
        bad = sum(outcome in BAD for outcome in outcomes)
        self.failed = count("self_test.failed", bad) if bad else ""
        self.ids.content.fill(screen.checks, CheckRow)
        if technician.CHECK_OUTCOME_RUNNING in outcomes:
            self.ids.content.follow(outcomes.index(technician.CHECK_OUTCOME_RUNNING))


PAGE = SelfTestPage
