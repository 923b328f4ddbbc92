"""Ways in for mails: IMAP, LMTP and SMTP, a pipe."""
