"""What `manage.py doctor` looks at: each check yields findings with what was seen and what to do."""
