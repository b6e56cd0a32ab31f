"""Audio of kept sessions: pieces stored in a folder or a bucket, sealed, and read as one file."""
