"""Where lending is done: the counter, machines, a desk without its server; and each act taken back."""
