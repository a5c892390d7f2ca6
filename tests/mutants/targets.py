"""Which modules are changed, and which tests are asked about each."""

_CIRCULATION = "tests.circulation."
_REASONS = (f"{_CIRCULATION}test_reasons", f"{_CIRCULATION}test_renewal_reasons")
TARGETS: dict[str, tuple[str, ...]] = {
    "lib.circulation.policy": (f"{_CIRCULATION}test_policy",),
    "lib.circulation.calendar": (f"{_CIRCULATION}test_calendar", f"{_CIRCULATION}test_policy"),
    "lib.circulation.situation": (f"{_CIRCULATION}test_situation", f"{_CIRCULATION}test_decision"),
    "lib.circulation.hold_policy": (f"{_CIRCULATION}test_share_out",),
    "lib.circulation.waits": (f"{_CIRCULATION}test_waits",),
    "lib.circulation.decision": (f"{_CIRCULATION}test_decision", *_REASONS),
    "lib.circulation.renewal_decision": (f"{_CIRCULATION}test_decision", *_REASONS),
    "lib.billing.policy": ("tests.billing.test_policy",),
    "lib.kit.money": ("tests.kit.test_money",),
    "lib.kit.clock": ("tests.kit.test_clock",),
}
ENOUGH = 0.9  # of the changes of a module are noticed, at least
