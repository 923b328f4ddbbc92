"""Changes of mails that have arrived: file, assign, reject, block."""
