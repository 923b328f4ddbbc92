"""The billing run (Abrechnungslauf): preview, freezing, seal and export; the actions start them as jobs."""
