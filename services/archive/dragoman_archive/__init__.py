"""What sessions leave behind; the only service that talks to the database."""
