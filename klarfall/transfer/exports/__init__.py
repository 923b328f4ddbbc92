"""Everything a house holds, as files: tables as CSV, attachments and documents, with a list of what is what."""
