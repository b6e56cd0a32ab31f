"""`python -m dragoman_tts`."""

from dragoman_tts.main import main

main()
