"""`python -m dragoman_stt`."""

from dragoman_stt.main import main

main()
