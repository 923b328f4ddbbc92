"""Pages of the support team: each view is one fetch, one form, one action, one answer."""
