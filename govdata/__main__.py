"""``python -m govdata``: the command line."""

from govdata.cli import main

main(prog_name="govdata")
