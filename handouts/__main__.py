"""python -m handouts: the same command."""

from handouts.interfaces.command import main

if __name__ == "__main__":
    main()
