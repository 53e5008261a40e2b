"""Runs the handouts command from a checkout: arguments in, sheets out."""

from handouts.__main__ import run

if __name__ == "__main__":
    run()
