"""`python -m dragoman_accounts`."""

from dragoman_accounts.main import main

main()
