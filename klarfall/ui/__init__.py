"""Layout, components, formats and the shared behaviour of all pages; knows no domain."""
