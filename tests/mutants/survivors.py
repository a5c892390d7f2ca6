"""Changes that no test notices, and why none can or need: module → the line → the change → the reason."""

_SHORTCUT = "a shortcut: without it the same answer comes out, more slowly"
_NOUGHT = "nought added to a sum changes nothing"
_REASONS: dict[str, dict[str, dict[str, str]]] = {
    "lib.circulation.situation": {
        "return due_on < self.today and due_on <= self.calendar.missed_until(self.today)": {
            "due_on < self.today and due_on <= self.calendar.missed_until(self.tod… →"
            " due_on <= self.calendar.missed_until(self.today)": _SHORTCUT,
            "due_on < self.today → due_on <= self.today": _SHORTCUT,
        },
        "for loan in borrower.loans": {
            "for loan in borrower.loans if loan.due_on < terms.today or loan.accru… → for loan in borrower.loans":
                _SHORTCUT,
        },
        "if loan.due_on < terms.today or loan.accrued_minor": {
            "loan.due_on < terms.today → loan.due_on <= terms.today": _SHORTCUT,
        },
    },
    "lib.circulation.calendar": {
        "_singles: list[date] = field(init=False, repr=False, compare=False)": {
            "field(init=False, repr=False, compare=False) → field(init=False, repr=False)":
                "calendars of the same days have the same sorted days",
            "False → True": "calendars of the same days have the same sorted days",
        },
        "if span <= 0:": {"span <= 0 → span < 0": _SHORTCUT, "0 → -1": _SHORTCUT},
        "for year in range(after.year, until.year + 1) if self.yearly": {
            "for year in range(after.year, until.year + 1) if self.yearly →"
            " for year in range(after.year, until.year + 1)": _SHORTCUT,
            "1 → 2": "feasts of a year too many lie after the last day and are not counted",
        },
        "return self.open_between(self.next_open(due_on), day) if day > due_on else 0": {
            "day > due_on → day >= due_on": _SHORTCUT,
        },
    },
    "lib.circulation.policy": {
        "return EffectiveRule(**values, lines=labels, per_kind=per_kind, apart=apart, excepted=frozenset())": {
            "EffectiveRule(**values, lines=labels, per_kind=per_kind, apart=apart,… →"
            " EffectiveRule(**values, lines=labels, per_kind=per_kind, apart=apart)":
                "the field's default; it is written out for the types of what comes before",
        },
    },
    "lib.circulation.hold_policy": {
        "behind = {later.copy_id for later in queue[place + 1 :]} if claim.copy_id is None else set()": {
            "1 → 0": "who is served wants any copy, and no copy is called so",
        },
    },
    "lib.circulation.waits": {
        "active_in: int = 0": {"0 → -1": "no copy is free before today"},
        "return tuple({max(1, days * part // 4) for part in range(1, 5)} | {days + 7, *past.lasted})": {
            "5 → 6": "one more length between the shortest and the longest; the range told is that of those two",
            "5 → 4": "one length fewer between the shortest and the longest",
        },
        "return LONGEST_DAYS": {
            "return LONGEST_DAYS → return None": "never reached: some copy can serve the last in the queue",
        },
        "return 0.0": {"0.0 → -1.0": "the copy is offered again today, when somebody may have it"},
    },
    "lib.billing.policy": {
        "return sum(share.amount_minor for share in owing if share.amount_minor > 0)": {
            "share.amount_minor > 0 → share.amount_minor >= 0": _NOUGHT,
            "0 → -1": _NOUGHT,
        },
    },
    "lib.kit.money": {
        'def text(self, locale: str = "en") -> str:': {"'en' → 'en~'": "a locale that is not known is written as “en”"},
        'raw = ""': {"'' → '~'": "neither is a number"},
        "whole = minor.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)": {
            "minor.quantize(Decimal(1), rounding=ROUND_HALF_EVEN) → minor.quantize(Decimal(1))":
                "what is rounded at all is refused in the next line; it is Python's own default besides",
            "1 → 2": "only the number of decimals counts, none",
            "1 → 0": "only the number of decimals counts, none",
        },
    },
}  # fmt: skip
SURVIVORS = {
    (module, line, change): reason
    for module, lines in _REASONS.items()
    for line, made in lines.items()
    for change, reason in made.items()
}
