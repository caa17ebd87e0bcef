-- What was deleted or taken away here stays so when it is imported again; this finds it.
CREATE INDEX audit_events_of_removals ON audit_events (project_id, subject_id)
    WHERE action IN ('user.deleted', 'team.deleted', 'team.member_removed', 'permission.taken_back');
