"""`python -m dragoman_models`."""

from dragoman_models.main import main

if __name__ == "__main__":
    main()
