"""What tables of customers, contacts, contracts and installed versions say, and how it gets into the house."""
