"""People: who they are, how they prove it, and how they sign in.

Registration, credentials, sessions, mailed links, API keys, membership types.
"""
