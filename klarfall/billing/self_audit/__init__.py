"""The nightly proof on the live data that nothing was billed wrongly, twice or never, and that nothing was changed.

Every check reads everything of its kind once, in streams of flat memory, and says how many it looked at. It trusts no
total, status or hash that is stored: it adds up, recomputes and hashes again. `audit.run` does all of it and stores a
`SelfAudit`; findings are ids and codes, never anybody's words.
"""
