"""The search text of the house: German and English words, compounds, spelling, synonyms and the grammar of a query."""
