"""One hostile account at its limits beside another that speaks: how much later that one is served."""
