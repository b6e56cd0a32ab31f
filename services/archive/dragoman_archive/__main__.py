"""`python -m dragoman_archive`."""

from dragoman_archive.main import main

main()
