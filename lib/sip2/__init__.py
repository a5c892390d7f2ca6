"""The door for self-check machines: SIP2 2.00 over TCP, in a process of its own (`manage.py sip2`).

codec.py reads and writes messages, conversation.py holds one machine's talk, server.py the connections.
"""
