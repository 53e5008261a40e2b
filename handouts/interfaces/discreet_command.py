"""The words of a command line -> a command's parameters, or a refusal that repeats none of them: they may be a name."""

import click

_MAY_BE_MEANT = {
    "--print": "--print takes the next word as the printer's name: write --print last, or --print=QUEUE.",
    "--email": "--email takes no address: it is the patient's own, which stands with the other details.",
}


class DiscreetCommand(click.Command):
    """A command that shows no word it cannot place; Click's own message would show half of a patient's name.

    Click repeats a value only where an option wants a number or one of a few words; no detail of a patient is such.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as Click does; raise UsageError without what was typed, and with what may have been meant."""
        given = tuple(args)  # Click takes the words out of `args`.
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            known = ", ".join(sorted(error.possibilities or ()))
            guess = f"Did you mean one of these: {known}?" if known else f"`{ctx.command_path} --help` lists them."
            raise click.UsageError(f"This command does not have one of these options. {guess}", ctx) from None
        except click.MissingParameter as error:
            if not isinstance(error.param, click.Argument):
                raise
            raise click.UsageError(_sentences(f"{self._arguments()} is missing.", self._meant(given)), ctx) from None
        except (click.BadParameter, click.BadOptionUsage):
            raise
        except click.UsageError:
            raise self.unplaced(ctx, given) from None

    def unplaced(self, ctx: click.Context, given: tuple[str, ...]) -> click.UsageError:
        """Return the refusal of a word that stands where nothing can be meant by it; `given` are all words."""
        more = f"There is more here than {self._arguments()} and options."
        quotes = "Put quotes around a value with spaces."
        return click.UsageError(_sentences(more, quotes, self._meant(given)), ctx)

    def _arguments(self) -> str:
        """Return what the command takes besides options, as its help names it."""
        return " ".join(param.human_readable_name for param in self.params if isinstance(param, click.Argument))

    def _meant(self, given: tuple[str, ...]) -> str:
        known = {option for param in self.params for option in param.opts}
        return _sentences(*(words for option, words in _MAY_BE_MEANT.items() if option in known and option in given))


def _sentences(*parts: str) -> str:
    return " ".join(filter(None, parts))
