"""Take in articles from outside: folders of Markdown or HTML as a zip, single files, tables; whatever they try."""
