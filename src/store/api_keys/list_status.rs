//! Conditions on a key `k` in the statement of a list, in whose gate `g` is the time. `$8` are the keys that stay.

/// Keys that stay count as if they were not revoked.
macro_rules! revoked {
    () => {
        "(k.revoked_at_millis IS NOT NULL AND k.api_key_id <> ALL ($8::uuid[]))"
    };
}
/// Never null, not even for a key that does not expire: lists are sorted by it, and null would come last.
pub(super) const INACTIVE: &str = concat!(
    "(",
    revoked!(),
    " OR is_expired(k.expires_at_millis, g.now) IS TRUE)"
);
pub(super) const ACTIVE: &str = concat!(
    "(NOT ",
    revoked!(),
    " AND is_expired(k.expires_at_millis, g.now) IS NOT TRUE)"
);
pub(super) const REVOKED: &str = revoked!();
/// Keys that work, whichever stay.
pub(super) const WORKING: &str =
    "(k.revoked_at_millis IS NULL AND is_expired(k.expires_at_millis, g.now) IS NOT TRUE)";
/// Who revoked the key of a row; null where nobody is known.
pub(super) const REVOKED_BY: &str = "(
            SELECT COALESCE(w.display_name, w.primary_email)
            FROM audit_events e JOIN users w ON w.project_id = e.project_id AND w.user_id = e.actor_user_id
            WHERE e.project_id = $1.project_id AND e.subject_id = r.api_key_id AND e.action = 'api_key.revoked'
                AND r.revoked_at_millis IS NOT NULL
            ORDER BY e.at_millis DESC LIMIT 1
        )";
