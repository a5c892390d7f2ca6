"""Lending: the policy, closures, the one decision, and issue, renewal and return."""
