"""Files on disk: what lies in a folder that may be a stranger's, and what the user names himself."""
