-- The tables every service has beside its own: the event log, what was consumed, what was answered.

CREATE TABLE events (
    serial bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position bigint UNIQUE,
    id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    key text NOT NULL,
    aggregate uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    occurred_at timestamptz NOT NULL,
    sandbox boolean NOT NULL,
    traceparent text,
    data jsonb NOT NULL,
    UNIQUE (aggregate, version)
);

CREATE INDEX events_unsequenced ON events (serial) WHERE position IS NULL;

CREATE INDEX events_by_key ON events (key, position);

-- The log is append-only: the one change a row ever sees is that it is given its position.
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.position IS NULL AND NEW.position IS NOT NULL
       AND (to_jsonb(OLD) - 'position') = (to_jsonb(NEW) - 'position') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the event log is append-only';
END $$;

CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_event_change();

CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change();

CREATE TABLE sequence (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    last_position bigint NOT NULL
);

INSERT INTO sequence (last_position) VALUES (0);

CREATE TABLE cursors (
    consumer text PRIMARY KEY,
    position bigint NOT NULL
);

CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    handled_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, event_id)
);

CREATE TABLE parked (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    position bigint NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    event jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('parked', 'queued', 'replayed', 'discarded')),
    problem text NOT NULL,
    parked_at timestamptz NOT NULL,
    resolved_at timestamptz,
    discard_reason text,
    discard_proposed_by text,
    discard_confirmed_by text,
    PRIMARY KEY (consumer, event_id),
    CHECK (state <> 'discarded' OR (discard_reason IS NOT NULL AND discard_confirmed_by <> discard_proposed_by))
);

CREATE INDEX parked_waiting ON parked (consumer, key) WHERE state IN ('parked', 'queued');

CREATE TABLE idempotency (
    person text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (person, key)
);
