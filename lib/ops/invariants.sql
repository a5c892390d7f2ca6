-- What must always hold. One question each, valid on SQLite and PostgreSQL; a question that finds rows has found a
-- fault. The first column of a row is an id to look at. `name` is stable, `says` is a sentence for people.

-- name: one-open-loan-per-copy
-- says: A copy has more than one open loan.
SELECT copy_id FROM loan WHERE returned_at IS NULL GROUP BY copy_id HAVING count(*) > 1;

-- name: open-loan-has-copy-out
-- says: A copy has an open loan, but its status does not say “on loan”.
SELECT c.id FROM loan l JOIN copy c ON c.id = l.copy_id WHERE l.returned_at IS NULL AND c.status <> 'on_loan';

-- name: copy-out-has-open-loan
-- says: A copy's status says “on loan”, but it has no open loan.
SELECT c.id FROM copy c WHERE c.status = 'on_loan'
   AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.copy_id = c.id AND l.returned_at IS NULL);

-- name: loan-of-its-copys-title
-- says: A loan names another title than its copy.
SELECT l.id FROM loan l JOIN copy c ON c.id = l.copy_id WHERE l.title_id <> c.title_id;

-- name: open-loan-has-member
-- says: An open loan does not say who has the copy.
SELECT id FROM loan WHERE returned_at IS NULL AND account_id IS NULL;

-- name: due-not-before-issue
-- says: A loan is due before it was issued.
SELECT id FROM loan WHERE due_on < issued_on;

-- name: return-not-before-issue
-- says: A loan was returned before it was issued.
SELECT id FROM loan WHERE returned_at < issued_at OR returned_on < issued_on;

-- name: return-is-whole
-- says: A loan has a time of return without a day, or the other way round.
SELECT id FROM loan WHERE (returned_at IS NULL) <> (returned_on IS NULL);

-- name: undone-loan-is-closed
-- says: A loan was taken back but is still open.
SELECT id FROM loan WHERE undone_at IS NOT NULL AND returned_at IS NULL;

-- name: renewals-within-limit
-- says: A loan was renewed more often than it may be, and no override says why.
SELECT l.id FROM loan l WHERE l.renewals > l.max_renewals AND l.source IS NULL
   AND NOT EXISTS (SELECT 1 FROM audit a
                    WHERE a.subject_kind = 'loan' AND a.subject_id = l.id AND a.action = 'loan.renew-override');

-- name: fine-within-cap
-- says: A fine is above its cap.
SELECT id FROM loan WHERE fine_settled > fine_cap AND source IS NULL;

-- name: loan-numbers-not-negative
-- says: A loan has a negative number.
SELECT id FROM loan WHERE renewals < 0 OR fine_settled < 0 OR fine_per_day < 0 OR fine_cap < 0 OR loan_days < 1;

-- name: title-counts-its-loans
-- says: A title's number of loans is not what its loans add up to.
SELECT t.id FROM title t LEFT JOIN (SELECT title_id, count(*) AS loans FROM loan WHERE undone_at IS NULL
                                     GROUP BY title_id) l ON l.title_id = t.id
 WHERE t.loan_count <> coalesce(l.loans, 0);

-- name: archived-title-lends-nothing
-- says: A title is archived, but a copy of it is on loan or on the shelf.
SELECT c.id FROM copy c JOIN title t ON t.id = c.title_id
 WHERE t.archived_at IS NOT NULL AND c.status IN ('available', 'on_loan', 'on_hold_shelf');

-- name: withdrawn-copy-says-when
-- says: A copy is withdrawn without a time, or has a time without being withdrawn.
SELECT id FROM copy WHERE (status = 'withdrawn') <> (withdrawn_at IS NOT NULL);

-- name: every-title-is-indexed
-- says: A title cannot be found by search.
SELECT t.id FROM title t WHERE t.archived_at IS NULL AND t.id NOT IN (SELECT {indexed} FROM title_search);

-- name: index-holds-no-ghosts
-- says: Search knows a title that is not there.
SELECT {indexed} FROM title_search WHERE {indexed} NOT IN (SELECT id FROM title);

-- name: isbn-has-thirteen-digits
-- says: An ISBN does not have thirteen digits.
SELECT title_id FROM title_isbn WHERE length(isbn13) <> 13;

-- name: ratings-add-up
-- says: The sum of a title's ratings does not fit their number.
SELECT id FROM title WHERE rating_sum < rating_count OR rating_sum > 5 * rating_count;

-- name: general-rule-is-there
-- says: The line of the lending policy for any member and any kind of item is missing.
SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM policy_rule WHERE membership_type_id IS NULL AND item_kind_id IS NULL);

-- name: general-rule-is-whole
-- says: The line of the lending policy for any member and any kind of item leaves a value open.
SELECT id FROM policy_rule WHERE membership_type_id IS NULL AND item_kind_id IS NULL
   AND (loan_days IS NULL OR max_loans IS NULL OR max_renewals IS NULL OR fine_per_day IS NULL OR grace_days IS NULL
        OR fine_cap IS NULL OR max_holds IS NULL OR hold_shelf_days IS NULL OR debt_block IS NULL);

-- name: not-closed-for-good
-- says: All seven weekdays are closed.
SELECT min(id) FROM closure WHERE kind = 'weekly' HAVING count(DISTINCT weekday) >= 7;

-- name: known-account-status
-- says: An account has a status there is not.
SELECT id FROM account
 WHERE status NOT IN ('unverified', 'pending', 'active', 'suspended', 'disabled', 'rejected', 'closed');

-- name: suspension-has-reason
-- says: An account is suspended without a reason.
SELECT id FROM account WHERE status = 'suspended' AND status_reason IS NULL;

-- name: disabled-account-has-no-session
-- says: An account that may not sign in has a live session.
SELECT s.id FROM session s JOIN account a ON a.id = s.account_id
 WHERE s.ended_at IS NULL AND s.expires_at > :now AND a.status IN ('disabled', 'rejected', 'closed');

-- name: disabled-account-has-no-key
-- says: An account that may not sign in has a live API key.
SELECT k.id FROM api_key k JOIN account a ON a.id = k.account_id
 WHERE k.revoked_at IS NULL AND a.status IN ('disabled', 'rejected', 'closed');

-- name: disabled-account-has-no-token
-- says: An account that may not sign in has a live refresh token.
SELECT r.id FROM refresh_token r JOIN account a ON a.id = r.account_id
 WHERE r.revoked_at IS NULL AND r.used_at IS NULL AND r.expires_at > :now
   AND a.status IN ('disabled', 'rejected', 'closed');

-- name: link-used-within-its-time
-- says: A mailed link was used after its end, or after it was made void.
SELECT id FROM mailed_link WHERE used_at > expires_at OR used_at > void_at;

-- name: session-ends-with-reason
-- says: A session was ended without a reason.
SELECT id FROM session WHERE ended_at IS NOT NULL AND end_reason IS NULL;

-- name: notice-once
-- says: A notice stands twice in the outbox.
SELECT min(id) FROM notice WHERE account_id IS NOT NULL
 GROUP BY account_id, kind, subject_key, period HAVING count(*) > 1;

-- name: sent-notice-has-time
-- says: A notice is marked as sent without a time.
SELECT id FROM notice WHERE status = 'sent' AND sent_at IS NULL;

-- name: loan-has-audit-row
-- says: A loan was made at the desk, but the audit trail does not know of it.
SELECT l.id FROM loan l WHERE l.channel IN ('desk', 'api')
   AND NOT EXISTS (SELECT 1 FROM audit a
                    WHERE a.subject_kind = 'loan' AND a.subject_id = l.id AND a.action = 'loan.issue');
