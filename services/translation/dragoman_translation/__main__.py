"""`python -m dragoman_translation`."""

from dragoman_translation.main import main

main()
