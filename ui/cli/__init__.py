"""The command ``gridbeat``: what stands on its line, and how it ends. The work is in ``ui.commands``."""

from __future__ import annotations

import click

from ui.cli import book, casefiles, ground, inspections, listdesign, lists, reproduce, screens, simulate
from ui.cli.border import Border

EXAMPLES = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@click.group(cls=Border, context_settings=EXAMPLES)
@click.version_option(package_name="gridbeat")
def main() -> None:
    """Grid dispatch, joint inspection and staffing for township law enforcement.

    \b
    Example:
      gridbeat demo
    """


for _command in (
    screens.demo,
    screens.serve,
    screens.people,
    ground.place,
    ground.locate,
    ground.travel,
    ground.assign,
    inspections.inspect,
    inspections.route,
    simulate.simulate,
    book.import_,
    book.audit,
    book.backup,
    book.restore,
    book.export,
    book.evaluate,
    casefiles.files,
    lists.lists,
    lists.triage,
    reproduce.reproduce,
):
    main.add_command(_command)
lists.lists.add_command(listdesign.lists_design)
