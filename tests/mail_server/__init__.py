"""A real mail server of the tests' own: postfix on free ports; nothing of the system's is touched."""
