-- What must always hold. One question each, valid on SQLite and PostgreSQL; a question that finds rows has found a
-- fault. The first column of a row is the id of what is broken and says what it is by its name (copy_id, loan_id, …);
-- the others are facts to look at: numbers, days and states, never names or addresses.
--
-- name   stable, in small letters          rule   the number in the list of what must always hold (docs/operations.md)
-- says   a sentence for people
--
-- {indexed} is the search index's own key, {triggers} the names of the database's live triggers: each database calls
-- them differently. :now is the instant of the check.

-- ---------------------------------------------------------------------------------------------------------- 1: loans

-- name: one-open-loan-per-copy
-- rule: 1
-- says: A copy has more than one open loan.
SELECT copy_id, count(*) AS open_loans FROM loan WHERE returned_at IS NULL GROUP BY copy_id HAVING count(*) > 1;

-- name: open-loan-has-copy-out
-- rule: 1
-- says: A copy has an open loan, but its status does not say “on loan”.
SELECT c.id AS copy_id, c.title_id, c.barcode, c.status, l.id AS loan_id FROM loan l JOIN copy c ON c.id = l.copy_id
 WHERE l.returned_at IS NULL AND c.status <> 'on_loan';

-- name: open-loan-has-member
-- rule: 1
-- says: An open loan does not say who has the copy.
SELECT id AS loan_id, copy_id, title_id, issued_on FROM loan WHERE returned_at IS NULL AND account_id IS NULL;

-- name: loan-of-its-copys-title
-- rule: 1
-- says: A loan names another title than its copy.
SELECT l.id AS loan_id, l.title_id, c.id AS copy_id, c.title_id AS copys_title_id
  FROM loan l JOIN copy c ON c.id = l.copy_id WHERE l.title_id <> c.title_id;

-- ------------------------------------------------------------------------------------------------- 2: days and times

-- name: due-not-before-issue
-- rule: 2
-- says: A loan is due before it was issued.
SELECT id AS loan_id, copy_id, issued_on, due_on FROM loan WHERE due_on < issued_on;

-- name: return-not-before-issue
-- rule: 2
-- says: A loan was returned before it was issued.
SELECT id AS loan_id, copy_id, issued_on, returned_on FROM loan
 WHERE returned_at < issued_at OR returned_on < issued_on;

-- name: return-is-whole
-- rule: 2
-- says: A loan has a time of return without a day, or the other way round.
SELECT id AS loan_id, copy_id, returned_at, returned_on FROM loan
 WHERE (returned_at IS NULL) <> (returned_on IS NULL);

-- ------------------------------------------------------------------------------------------- 3: the status of copies

-- name: copy-out-has-open-loan
-- rule: 3
-- says: A copy's status says “on loan”, but it has no open loan.
SELECT c.id AS copy_id, c.title_id, c.barcode, c.status FROM copy c WHERE c.status = 'on_loan'
   AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.copy_id = c.id AND l.returned_at IS NULL);

-- name: shelved-copy-has-ready-hold
-- rule: 3
-- says: A copy's status says “on the hold shelf”, but nobody's reservation is ready with it.
SELECT c.id AS copy_id, c.title_id, c.barcode, c.status FROM copy c WHERE c.status = 'on_hold_shelf'
   AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.shelf_copy_id = c.id AND h.state = 'ready');

-- name: ready-hold-has-copy-shelved
-- rule: 3
-- says: A reservation is ready, but its copy's status does not say “on the hold shelf”.
SELECT c.id AS copy_id, c.title_id, c.barcode, c.status, h.id AS hold_id
  FROM hold h JOIN copy c ON c.id = h.shelf_copy_id WHERE h.state = 'ready' AND c.status <> 'on_hold_shelf';

-- name: withdrawn-copy-says-when
-- rule: 3
-- says: A copy is withdrawn without a time, or has a time without being withdrawn.
SELECT id AS copy_id, title_id, barcode, status, withdrawn_at FROM copy
 WHERE (status = 'withdrawn') <> (withdrawn_at IS NOT NULL);

-- name: archived-title-lends-nothing
-- rule: 3
-- says: A title is archived, but a copy of it is on loan or on the shelf.
SELECT c.id AS copy_id, c.title_id, c.barcode, c.status FROM copy c JOIN title t ON t.id = c.title_id
 WHERE t.archived_at IS NOT NULL AND c.status IN ('available', 'on_loan', 'on_hold_shelf');

-- ---------------------------------------------------------------------------------------------------------- 4: limits

-- A limit of a kind counts what was made under it, a general one what was made under it of kinds that never had a
-- limit of their own. What cannot be known afterwards is left out: a kind that was corrected since, an earlier rule.

-- name: loans-within-limit
-- rule: 4
-- says: A loan was made above the limit, and no override says why.
SELECT loan_id, account_id, max_loans, open_then FROM (
    SELECT e.loan_id, e.account_id, e.max_loans, e.step, coalesce(sum(e.step * e.counts) OVER (
               PARTITION BY e.account_id, e.limit_kind_id ORDER BY e.at, e.step, e.loan_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS open_then
      FROM (SELECT l.loan_id, l.account_id, l.max_loans, l.limit_kind_id, l.counts, s.step,
                   CASE WHEN s.step < 0 THEN l.returned_at
                        WHEN l.channel = 'offline' -- decided when it was sent, not when it was written down
                        THEN coalesce((SELECT max(a.at) FROM audit a WHERE a.subject_kind = 'loan'
                                          AND a.subject_id = l.loan_id AND a.action = 'loan.issue'), l.issued_at)
                        ELSE l.issued_at END AS at
              FROM (SELECT o.id AS loan_id, o.account_id, o.max_loans, o.limit_kind_id, o.channel, o.issued_at,
                           o.returned_at,
                           CASE WHEN o.limit_kind_id = t.kind_id THEN 1
                                WHEN o.limit_kind_id IS NULL AND t.kind_id NOT IN (
                                    SELECT item_kind_id FROM policy_rule
                                     WHERE item_kind_id IS NOT NULL AND max_loans IS NOT NULL
                                     UNION SELECT limit_kind_id FROM loan WHERE limit_kind_id IS NOT NULL
                                     UNION SELECT k.id FROM item_kind k JOIN policy_change p
                                        ON CAST(p.lines AS TEXT) LIKE '%"item_kind_id": ' || k.id || ',%'
                                     UNION SELECT k.id FROM item_kind k JOIN audit a ON a.subject_kind = 'policy_rule'
                                       AND CAST(a.facts AS TEXT) LIKE '%"item_kind_id": ' || k.id || ',%') THEN 1
                                ELSE 0 END AS counts
                      FROM loan o JOIN title t ON t.id = o.title_id WHERE o.max_loans IS NOT NULL) l
              JOIN (SELECT 1 AS step UNION ALL SELECT -1) s ON s.step > 0 OR l.returned_at IS NOT NULL) e
     WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject_kind = 'loan' AND a.subject_id = e.loan_id
                          AND a.action IN ('loan.undo-return', 'loan.undo-lost'))) counted
 WHERE step = 1 AND open_then >= max_loans
   AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject_kind = 'loan' AND a.subject_id = counted.loan_id
                      AND a.action = 'loan.issue'
                      AND CAST(a.facts AS TEXT) LIKE '%"overridden"%"limit-reached"%');

-- name: holds-within-limit
-- rule: 4
-- says: A reservation was made above the limit, and no override says why.
SELECT hold_id, account_id, max_holds, live_then FROM (
    SELECT e.hold_id, e.account_id, e.max_holds, e.step, coalesce(sum(e.step * e.counts) OVER (
               PARTITION BY e.account_id, e.limit_kind_id ORDER BY e.at, e.step, e.hold_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS live_then
      FROM (SELECT h.hold_id, h.account_id, h.max_holds, h.limit_kind_id, h.counts, s.step,
                   CASE WHEN s.step < 0 THEN h.ended_at ELSE h.placed_at END AS at
              FROM (SELECT o.id AS hold_id, o.account_id, o.max_holds, o.limit_kind_id, o.placed_at, o.ended_at,
                           CASE WHEN o.limit_kind_id = t.kind_id THEN 1
                                WHEN o.limit_kind_id IS NULL AND t.kind_id NOT IN (
                                    SELECT item_kind_id FROM policy_rule
                                     WHERE item_kind_id IS NOT NULL AND max_holds IS NOT NULL
                                     UNION SELECT limit_kind_id FROM hold WHERE limit_kind_id IS NOT NULL
                                     UNION SELECT k.id FROM item_kind k JOIN policy_change p
                                        ON CAST(p.lines AS TEXT) LIKE '%"item_kind_id": ' || k.id || ',%'
                                     UNION SELECT k.id FROM item_kind k JOIN audit a ON a.subject_kind = 'policy_rule'
                                       AND CAST(a.facts AS TEXT) LIKE '%"item_kind_id": ' || k.id || ',%') THEN 1
                                ELSE 0 END AS counts
                      FROM hold o JOIN title t ON t.id = o.title_id WHERE o.max_holds IS NOT NULL) h
              JOIN (SELECT 1 AS step UNION ALL SELECT -1) s ON s.step > 0 OR h.ended_at IS NOT NULL) e
     WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject_kind = 'hold' AND a.subject_id = e.hold_id
                          AND a.action IN ('hold.undo-cancel-hold', 'hold.uncollect'))) counted
 WHERE step = 1 AND live_then >= max_holds
   AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject_kind = 'hold' AND a.subject_id = counted.hold_id
                      AND CAST(a.facts AS TEXT) LIKE '%"overridden"%limit-reached"%');

-- name: renewals-within-limit
-- rule: 4
-- says: A loan was renewed more often than it may be, and no override says why.
SELECT l.id AS loan_id, l.copy_id, l.renewals, l.max_renewals FROM loan l
 WHERE l.renewals > l.max_renewals AND l.source IS NULL
   AND NOT EXISTS (SELECT 1 FROM audit a
                    WHERE a.subject_kind = 'loan' AND a.subject_id = l.id AND a.action = 'loan.renew-override');

-- ----------------------------------------------------------------------------------------------------------- 5: holds

-- name: one-live-hold-per-member-and-title
-- rule: 5
-- says: A member has more than one live reservation of a title.
SELECT min(id) AS hold_id, account_id, title_id, count(*) AS live FROM hold
 WHERE state IN ('waiting', 'ready') AND account_id IS NOT NULL GROUP BY account_id, title_id HAVING count(*) > 1;

-- name: live-hold-has-member
-- rule: 5
-- says: A live reservation does not say whose it is.
SELECT id AS hold_id, title_id, state FROM hold WHERE state IN ('waiting', 'ready') AND account_id IS NULL;

-- name: queue-counts-from-one
-- rule: 5
-- says: The places in a queue are not 1, 2, 3 and so on without gaps.
SELECT title_id, count(*) AS waiting, min(position) AS first_place, max(position) AS last_place
  FROM hold WHERE state = 'waiting' GROUP BY title_id
HAVING min(position) <> 1 OR max(position) <> count(*) OR count(DISTINCT position) <> count(*);

-- name: only-waiting-holds-have-places
-- rule: 5
-- says: A reservation has a place in the queue without waiting, or waits without one.
SELECT id AS hold_id, title_id, state, position FROM hold WHERE (state = 'waiting') <> (position IS NOT NULL);

-- name: ready-hold-has-copy
-- rule: 5
-- says: A reservation is ready without a copy, a day, or a time.
SELECT id AS hold_id, title_id, shelf_copy_id, shelf_until, ready_at FROM hold
 WHERE state = 'ready' AND (shelf_copy_id IS NULL OR shelf_until IS NULL OR ready_at IS NULL);

-- name: one-ready-hold-per-copy
-- rule: 5
-- says: A copy lies on the hold shelf for more than one reservation.
SELECT shelf_copy_id AS copy_id, count(*) AS holds FROM hold
 WHERE state = 'ready' AND shelf_copy_id IS NOT NULL GROUP BY shelf_copy_id HAVING count(*) > 1;

-- name: hold-of-its-copys-title
-- rule: 5
-- says: A live reservation names a copy of another title.
SELECT h.id AS hold_id, h.title_id, c.id AS copy_id, c.title_id AS copys_title_id
  FROM hold h JOIN copy c ON c.id = h.copy_id OR (h.state = 'ready' AND c.id = h.shelf_copy_id)
 WHERE h.state IN ('waiting', 'ready') AND c.title_id <> h.title_id;

-- ---------------------------------------------------------------------------------------------------------- 6: states

-- name: undone-loan-is-closed
-- rule: 6
-- says: A loan was taken back but is still open.
SELECT id AS loan_id, copy_id, undone_at FROM loan WHERE undone_at IS NOT NULL AND returned_at IS NULL;

-- name: lost-loan-is-closed
-- rule: 6
-- says: A loan ended with a lost copy but is still open, or its copy was found without having been lost.
SELECT id AS loan_id, copy_id, lost_at, found_at FROM loan
 WHERE (lost_at IS NOT NULL AND returned_at IS NULL) OR (found_at IS NOT NULL AND lost_at IS NULL);

-- name: ended-hold-says-when
-- rule: 6
-- says: A reservation ended without a time, or has a time of its end while it lives.
SELECT id AS hold_id, title_id, state, ended_at FROM hold
 WHERE (state IN ('waiting', 'ready')) <> (ended_at IS NULL);

-- name: expired-hold-was-ready
-- rule: 6
-- says: A reservation ran out on the hold shelf without ever having been ready.
SELECT id AS hold_id, title_id, state, placed_at, ended_at FROM hold WHERE state = 'expired' AND ready_at IS NULL;

-- name: only-waiting-holds-are-suspended
-- rule: 6
-- says: A reservation is ready and suspended at once.
SELECT id AS hold_id, title_id, suspended_until FROM hold WHERE state = 'ready' AND suspended_until IS NOT NULL;

-- name: known-account-status
-- rule: 6
-- says: An account has a status there is not.
SELECT id AS account_id, status FROM account
 WHERE status NOT IN ('unverified', 'pending', 'active', 'suspended', 'disabled', 'rejected', 'closed');

-- name: suspension-has-reason
-- rule: 6
-- says: An account is suspended without a reason.
SELECT id AS account_id, status, suspended_until FROM account WHERE status = 'suspended' AND status_reason IS NULL;

-- name: only-fines-accrue
-- rule: 6
-- says: A charge that is no fine of a loan is marked as still growing.
SELECT id AS charge_id, account_id, kind, state FROM charge
 WHERE state <> 'final' AND (kind <> 'fine' OR loan_id IS NULL);

-- --------------------------------------------------------------------------------------------------------- 7: ledger

-- name: ledger-is-guarded
-- rule: 7
-- says: The database no longer refuses to change or delete what the ledger holds.
SELECT 6 - count(*) AS triggers_missing FROM ({triggers}) live
 WHERE name IN ('ledger_entry_no_update', 'ledger_entry_no_delete', 'payment_no_update', 'payment_no_delete',
                'day_close_no_update', 'day_close_no_delete')
HAVING count(*) < 6;

-- name: charge-is-sum-of-entries
-- rule: 7
-- says: A charge's balance is not the sum of its entries.
SELECT c.id AS charge_id, c.account_id, c.balance_minor, coalesce(e.total, 0) AS entries_minor
  FROM charge c LEFT JOIN (SELECT charge_id, sum(amount_minor) AS total FROM ledger_entry GROUP BY charge_id) e
    ON e.charge_id = c.id
 WHERE c.balance_minor <> coalesce(e.total, 0);

-- name: entry-of-its-charges-member
-- rule: 7
-- says: An entry of the ledger names another member than its charge.
SELECT e.id AS entry_id, e.charge_id, e.account_id, c.account_id AS charges_account_id
  FROM ledger_entry e JOIN charge c ON c.id = e.charge_id WHERE e.account_id <> c.account_id;

-- name: one-currency
-- rule: 7
-- says: The ledger holds amounts in more than one currency.
SELECT min(id) AS entry_id, currency, count(*) AS entries
  FROM (SELECT id, currency FROM ledger_entry UNION ALL SELECT id, currency FROM payment) both_tables
 WHERE (SELECT min(currency) FROM ledger_entry) <> (SELECT max(currency) FROM ledger_entry)
    OR (SELECT min(currency) FROM payment) <> (SELECT max(currency) FROM payment)
    OR (SELECT min(currency) FROM payment) <> (SELECT min(currency) FROM ledger_entry)
 GROUP BY currency;

-- name: ledger-in-the-librarys-currency
-- rule: 7
-- says: The ledger holds amounts in another currency than the library's.
SELECT e.id AS entry_id, e.charge_id, e.currency, s."values" ->> 'currency' AS librarys_currency
  FROM ledger_entry e JOIN settings_version s ON s.group_name = 'library'
   AND s.version = (SELECT max(version) FROM settings_version WHERE group_name = 'library')
 WHERE e.currency <> s."values" ->> 'currency';

-- name: payment-is-sum-of-entries
-- rule: 7
-- says: What went through the till is not what a payment's entries add up to.
SELECT p.id AS payment_id, p.number, p.account_id, p.amount_minor, -coalesce(e.total, 0) AS entries_minor
  FROM payment p LEFT JOIN (SELECT payment_id, sum(amount_minor) AS total FROM ledger_entry
                             WHERE payment_id IS NOT NULL GROUP BY payment_id) e ON e.payment_id = p.id
 WHERE p.amount_minor <> -coalesce(e.total, 0);

-- name: payment-of-its-entries-member
-- rule: 7
-- says: A payment pays an entry of another member.
SELECT e.id AS entry_id, e.charge_id, e.account_id, p.account_id AS payments_account_id
  FROM ledger_entry e JOIN payment p ON p.id = e.payment_id WHERE e.account_id <> p.account_id;

-- name: payment-has-entries-of-its-kind
-- rule: 7
-- says: A receipt and its entries do not say the same of what happened.
SELECT e.id AS entry_id, e.payment_id, e.account_id, e.kind, p.kind AS payments_kind
  FROM ledger_entry e JOIN payment p ON p.id = e.payment_id WHERE e.kind <> p.kind AND e.kind <> 'set_off';

-- name: set-off-adds-nothing
-- rule: 7
-- says: What was set off against one charge is not what another one gave for it.
SELECT payment_id, account_id, sum(amount_minor) AS left_over_minor
  FROM ledger_entry WHERE kind = 'set_off' GROUP BY payment_id, account_id HAVING sum(amount_minor) <> 0;

-- name: refunds-within-payments
-- rule: 7
-- says: More was refunded for a charge than was paid for it.
SELECT charge_id, account_id, sum(amount_minor) AS refunded_above_paid_minor
  FROM ledger_entry WHERE payment_id IS NOT NULL GROUP BY charge_id, account_id HAVING sum(amount_minor) > 0;

-- name: credit-was-paid
-- rule: 7
-- says: The library owes a member more for a charge than they paid for it.
SELECT c.id AS charge_id, c.account_id, c.balance_minor, coalesce(p.paid, 0) AS paid_minor
  FROM charge c LEFT JOIN (SELECT charge_id, -sum(amount_minor) AS paid FROM ledger_entry
                            WHERE payment_id IS NOT NULL GROUP BY charge_id) p ON p.charge_id = c.id
 WHERE c.balance_minor < 0 AND -c.balance_minor > coalesce(p.paid, 0);

-- name: reversal-is-opposite
-- rule: 7
-- says: An entry that takes another one back is not its exact opposite.
SELECT r.id AS entry_id, r.charge_id, r.account_id, r.amount_minor, e.amount_minor AS reversed_minor
  FROM ledger_entry r JOIN ledger_entry e ON e.id = r.reverses_id
 WHERE r.amount_minor <> -e.amount_minor OR r.charge_id <> e.charge_id;

-- name: payment-reversal-is-opposite
-- rule: 7
-- says: A payment that takes another one back is not its exact opposite.
SELECT r.id AS payment_id, r.number, r.account_id, r.amount_minor, p.amount_minor AS reversed_minor
  FROM payment r JOIN payment p ON p.id = r.reverses_id
 WHERE r.amount_minor <> -p.amount_minor OR r.account_id <> p.account_id OR r.method <> p.method;

-- name: receipts-count-from-one
-- rule: 7
-- says: The numbers of the receipts have a gap or a double.
SELECT max(number) AS last_receipt, count(*) AS receipts FROM payment
HAVING count(*) > 0 AND (min(number) <> 1 OR max(number) <> count(*) OR count(DISTINCT number) <> count(*));

-- name: receipt-counter-stands-at-last
-- rule: 7
-- says: The counter of the receipts does not stand at the last one.
SELECT n.last AS counter, coalesce(p.last, 0) AS last_receipt
  FROM receipt_number n LEFT JOIN (SELECT max(number) AS last FROM payment) p ON 1 = 1
 WHERE n.last <> coalesce(p.last, 0);

-- name: till-closes-follow-one-another
-- rule: 7
-- says: The closing of a till overlaps the one before.
SELECT c.id AS day_close_id, c.on_date, c.first_payment_id, c.last_payment_id
  FROM day_close c JOIN day_close before ON before.id < c.id AND before.last_payment_id >= c.first_payment_id;

-- name: till-closes-leave-nothing-out
-- rule: 7
-- says: A payment lies between two closings of the till, in neither of them.
SELECT p.id AS payment_id, p.number, p.amount_minor, p.on_date FROM payment p
 WHERE p.id < (SELECT max(last_payment_id) FROM day_close)
   AND NOT EXISTS (SELECT 1 FROM day_close d WHERE p.id BETWEEN d.first_payment_id AND d.last_payment_id);

-- name: till-was-closed-over-its-cash
-- rule: 7
-- says: The cash that a closing of the till expected is not what went through the till.
SELECT d.id AS day_close_id, d.on_date, d.cash_expected_minor, coalesce(sum(p.amount_minor), 0) AS cash_minor
  FROM day_close d LEFT JOIN payment p ON p.id BETWEEN d.first_payment_id AND d.last_payment_id AND p.method = 'cash'
 GROUP BY d.id, d.on_date, d.cash_expected_minor HAVING d.cash_expected_minor <> coalesce(sum(p.amount_minor), 0);

-- ---------------------------------------------------------------------------------------------------------- 9: fines

-- name: one-growing-fine-per-loan
-- rule: 9
-- says: A loan has more than one fine that still grows.
SELECT loan_id, count(*) AS growing FROM charge WHERE state = 'accruing' GROUP BY loan_id HAVING count(*) > 1;

-- name: growing-fine-has-open-loan
-- rule: 9
-- says: A fine still grows although its loan is over.
SELECT c.id AS charge_id, c.account_id, c.loan_id, l.returned_on FROM charge c JOIN loan l ON l.id = c.loan_id
 WHERE c.state = 'accruing' AND l.returned_at IS NOT NULL;

-- name: fine-within-cap
-- rule: 9
-- says: A fine is above its cap.
SELECT id AS loan_id, copy_id, fine_settled, fine_cap FROM loan WHERE fine_settled > fine_cap AND source IS NULL;

-- name: charged-fines-within-cap
-- rule: 9
-- says: The fines charged for a loan are together above its cap.
SELECT l.id AS loan_id, l.copy_id, l.fine_cap, sum(e.amount_minor) AS charged_minor
  FROM loan l JOIN charge c ON c.loan_id = l.id AND c.kind = 'fine' JOIN ledger_entry e ON e.charge_id = c.id
  LEFT JOIN ledger_entry o ON o.id = e.reverses_id
 WHERE coalesce(o.kind, e.kind) IN ('charge', 'correction') AND l.source IS NULL
 GROUP BY l.id, l.copy_id, l.fine_cap HAVING sum(e.amount_minor) > l.fine_cap;

-- name: fixed-fine-is-charged
-- rule: 9
-- says: The fine that is fixed for a loan is not what was charged for it.
SELECT l.id AS loan_id, l.copy_id, l.fine_settled, sum(e.amount_minor) AS charged_minor
  FROM charge c JOIN loan l ON l.id = c.loan_id JOIN ledger_entry e ON e.charge_id = c.id
  LEFT JOIN ledger_entry o ON o.id = e.reverses_id
 WHERE c.kind = 'fine' AND c.state = 'final' AND coalesce(o.kind, e.kind) IN ('charge', 'correction')
   AND l.source IS NULL
 GROUP BY l.id, l.copy_id, l.fine_settled HAVING sum(e.amount_minor) <> l.fine_settled;

-- name: claim-ends-with-return
-- rule: 6
-- says: A copy came back, but its loan is still marked as claimed to be returned.
SELECT id AS loan_id, copy_id, claimed_on, returned_on FROM loan
 WHERE claimed_on IS NOT NULL AND returned_at IS NOT NULL AND lost_at IS NULL;

-- name: loan-numbers-not-negative
-- rule: 9
-- says: A loan has a negative number.
SELECT id AS loan_id, renewals, fine_settled, fine_per_day, fine_cap, loan_days FROM loan
 WHERE renewals < 0 OR fine_settled < 0 OR fine_per_day < 0 OR fine_cap < 0 OR loan_days < 1;

-- -------------------------------------------------------------------------------------------------------- 10: notices

-- name: notice-once
-- rule: 10
-- says: A notice stands twice in the outbox.
SELECT min(id) AS notice_id, account_id, kind, subject_key, count(*) AS times FROM notice WHERE account_id IS NOT NULL
 GROUP BY account_id, kind, subject_key, period HAVING count(*) > 1;

-- name: sent-notice-has-time
-- rule: 10
-- says: A notice is marked as sent without a time.
SELECT id AS notice_id, account_id, kind, status, created_at FROM notice WHERE status = 'sent' AND sent_at IS NULL;

-- name: sent-notice-stays-sent
-- rule: 10
-- says: A notice was sent, but is no longer marked as sent.
SELECT id AS notice_id, account_id, kind, status, sent_at FROM notice WHERE status <> 'sent' AND sent_at IS NOT NULL;

-- ---------------------------------------------------------------------------------------------------- 12: audit trail

-- name: loan-has-audit-row
-- rule: 12
-- says: A loan was made at the desk, but the audit trail does not know of it.
SELECT l.id AS loan_id, l.copy_id, l.title_id, l.issued_on, l.channel FROM loan l WHERE l.channel IN ('desk', 'api')
   AND NOT EXISTS (SELECT 1 FROM audit a
                    WHERE a.subject_kind = 'loan' AND a.subject_id = l.id AND a.action = 'loan.issue');

-- name: return-has-audit-row
-- rule: 12
-- says: A copy was taken back, but the audit trail does not know of it.
SELECT l.id AS loan_id, l.copy_id, l.title_id, l.returned_on FROM loan l
 WHERE l.returned_at IS NOT NULL AND l.undone_at IS NULL AND l.lost_at IS NULL AND l.channel <> 'import'
   AND NOT EXISTS (SELECT 1 FROM audit a
                    WHERE a.subject_kind = 'loan' AND a.subject_id = l.id AND a.action = 'loan.return');

-- name: loss-has-audit-row
-- rule: 12
-- says: A copy was declared lost, but the audit trail does not know of it.
SELECT l.id AS loan_id, l.copy_id, l.title_id, l.lost_at FROM loan l WHERE l.lost_at IS NOT NULL AND l.source IS NULL
   AND NOT EXISTS (SELECT 1 FROM audit a
                    WHERE a.subject_kind = 'loan' AND a.subject_id = l.id AND a.action = 'loan.lost');

-- name: hold-has-audit-row
-- rule: 12
-- says: A reservation was placed for somebody, but the audit trail does not know of it.
SELECT h.id AS hold_id, h.title_id, h.placed_at, h.placed_by AS placed_by_id FROM hold h WHERE h.placed_by <> h.account_id
   AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject_kind = 'hold' AND a.subject_id = h.id
                      AND a.action = 'hold.place');

-- name: payment-has-audit-row
-- rule: 12
-- says: Money went through the till, but the audit trail does not know of it.
SELECT p.id AS payment_id, p.number, p.account_id, p.amount_minor, p.on_date FROM payment p
 WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject_kind = 'payment' AND a.subject_id = p.id);

-- name: entry-has-audit-row
-- rule: 12
-- says: Somebody charged, waived or corrected an amount, but the audit trail has no act of theirs at that moment.
SELECT e.id AS entry_id, e.charge_id, e.account_id, e.kind, e.amount_minor, e.on_date
  FROM ledger_entry e JOIN charge c ON c.id = e.charge_id
 WHERE e.made_by IS NOT NULL AND (e.kind NOT IN ('charge', 'correction') OR c.kind <> 'fine')
   AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.at = e.at AND a.actor_id = e.made_by);

-- name: known-audit-heads
-- rule: 12
-- says: A chain of the audit trail has no head.
SELECT DISTINCT lane FROM audit WHERE lane NOT IN (SELECT lane FROM audit_lane);

-- -------------------------------------------------------------------------------- 13, 14: who may sign in, and how

-- name: disabled-account-has-no-session
-- rule: 13
-- says: An account that may not sign in has a live session.
SELECT s.id AS session_id, a.id AS account_id, a.status, s.expires_at FROM session s JOIN account a ON a.id = s.account_id
 WHERE s.ended_at IS NULL AND s.expires_at > :now AND a.status IN ('disabled', 'rejected', 'closed');

-- name: disabled-account-has-no-key
-- rule: 13
-- says: An account that may not sign in has a live API key.
SELECT k.id AS key_id, a.id AS account_id, a.status FROM api_key k JOIN account a ON a.id = k.account_id
 WHERE k.revoked_at IS NULL AND a.status IN ('disabled', 'rejected', 'closed');

-- name: disabled-account-has-no-token
-- rule: 13
-- says: An account that may not sign in has a live refresh token.
SELECT r.id AS token_id, a.id AS account_id, a.status FROM refresh_token r JOIN account a ON a.id = r.account_id
 WHERE r.revoked_at IS NULL AND r.used_at IS NULL AND r.expires_at > :now
   AND a.status IN ('disabled', 'rejected', 'closed');

-- name: session-ends-with-reason
-- rule: 13
-- says: A session was ended without a reason.
SELECT id AS session_id, account_id, ended_at FROM session WHERE ended_at IS NOT NULL AND end_reason IS NULL;

-- name: link-used-within-its-time
-- rule: 14
-- says: A mailed link was used after its end, or after it was made void.
SELECT id AS link_id, account_id, kind, expires_at, used_at, void_at FROM mailed_link
 WHERE used_at > expires_at OR used_at > void_at;

-- ----------------------------------------------------------------------------------------------------- 16: forgetting

-- name: cut-history-is-cut-in-the-book-of-acts
-- rule: 16
-- says: A loan's history was cut, but the book of acts still says who had the copy.
SELECT d.id AS act_id, d.loan_id, d.kind FROM desk_act d JOIN loan l ON l.id = d.loan_id
 WHERE l.account_id IS NULL AND d.account_id IS NOT NULL;

-- name: cut-loan-has-no-instant
-- rule: 16
-- says: A loan's history was cut, but its instant is that of an audit row that names who borrowed.
SELECT l.id AS loan_id, l.copy_id, l.issued_on FROM loan l
 WHERE l.account_id IS NULL
   AND EXISTS (SELECT 1 FROM audit a WHERE a.at = l.issued_at AND a.action = 'loan.self-issue');

-- name: closed-account-is-empty
-- rule: 16
-- says: A closed account still holds somebody's data.
SELECT id AS account_id, status FROM account WHERE status = 'closed'
   AND (email IS NOT NULL OR username IS NOT NULL OR phone_sealed IS NOT NULL OR address_sealed IS NOT NULL
        OR password_hash IS NOT NULL OR pin_hash IS NOT NULL OR card_number IS NOT NULL OR note <> ''
        OR EXISTS (SELECT 1 FROM account_word w WHERE w.account_id = account.id)
        OR EXISTS (SELECT 1 FROM notice n WHERE n.account_id = account.id));

-- -------------------------------------------------------------------------- catalogue, search and the lending policy

-- name: title-counts-its-loans
-- says: A title's number of loans is not what its loans add up to.
SELECT t.id AS title_id, t.loan_count, coalesce(l.loans, 0) AS loans FROM title t
  LEFT JOIN (SELECT title_id, count(*) AS loans FROM loan WHERE undone_at IS NULL GROUP BY title_id) l
    ON l.title_id = t.id
 WHERE t.loan_count <> coalesce(l.loans, 0);

-- name: every-title-is-indexed
-- says: A title cannot be found by search.
SELECT t.id AS title_id FROM title t WHERE t.archived_at IS NULL AND t.id NOT IN (SELECT {indexed} FROM title_search);

-- name: index-holds-no-ghosts
-- says: Search knows a title that is not there.
SELECT {indexed} AS ghost_id FROM title_search WHERE {indexed} NOT IN (SELECT id FROM title);

-- name: isbn-has-thirteen-digits
-- says: An ISBN does not have thirteen digits.
SELECT title_id, isbn13 FROM title_isbn WHERE length(isbn13) <> 13;

-- name: ratings-add-up
-- says: The sum of a title's ratings does not fit their number.
SELECT id AS title_id, rating_sum, rating_count FROM title
 WHERE rating_sum < rating_count OR rating_sum > 5 * rating_count;

-- name: general-rule-is-there
-- says: The line of the lending policy for any member and any kind of item is missing.
SELECT 1 AS line WHERE NOT EXISTS (SELECT 1 FROM policy_rule WHERE membership_type_id IS NULL AND item_kind_id IS NULL);

-- name: general-rule-is-whole
-- says: The line of the lending policy for any member and any kind of item leaves a value open.
SELECT id AS line_id FROM policy_rule WHERE membership_type_id IS NULL AND item_kind_id IS NULL
   AND (loan_days IS NULL OR max_loans IS NULL OR max_renewals IS NULL OR fine_per_day IS NULL OR grace_days IS NULL
        OR fine_cap IS NULL OR max_holds IS NULL OR hold_shelf_days IS NULL OR debt_block IS NULL);

-- name: not-closed-for-good
-- says: All seven weekdays are closed.
SELECT min(id) AS closure_id FROM closure WHERE kind = 'weekly' HAVING count(DISTINCT weekday) >= 7;
