"""`python -m dragoman_edge`."""

from dragoman_edge.main import main

main()
