"""`python -m dragoman_cli`."""

from dragoman_cli.main import main

main()
