"""A sheet as PDF and its composed mail -> a message in an outbox, and from there to a mail server, once."""
