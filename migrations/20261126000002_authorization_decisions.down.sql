-- With its triggers.
DROP FUNCTION refuse_while_locked() CASCADE;
DROP FUNCTION decide_restored(text, text);
DROP FUNCTION lock_restored(text);
DROP FUNCTION write_restore_mark();
DROP FUNCTION restore_gate();
DROP FUNCTION project_gate(caller);
DROP FUNCTION key_gate(caller, text, boolean, uuid);
DROP FUNCTION team_gate(caller, uuid, text);
DROP FUNCTION user_gate(caller, uuid, boolean);
DROP FUNCTION server_gate(caller, uuid);
DROP FUNCTION caller_gate(caller);
DROP FUNCTION team_permissions(uuid, uuid, uuid);
DROP FUNCTION is_expired(bigint, bigint);
DROP TYPE denial;
DROP TYPE caller;
DROP TYPE caller_kind;
