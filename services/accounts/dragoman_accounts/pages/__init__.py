"""The page of administrators. Plain files, served by accounts on its own port."""
