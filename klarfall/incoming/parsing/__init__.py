"""Pure: the bytes of a mail in, its parts out; never an exception, never a hang."""
