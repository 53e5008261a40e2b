"""python -m handouts: the same command."""

from handouts.interfaces.command import run

if __name__ == "__main__":
    run()
