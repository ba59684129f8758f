-- Sources with several lanes (a topic's partitions), events that arrive before an earlier one of their key, the relay.

ALTER TABLE cursors ADD COLUMN lane text NOT NULL DEFAULT '';

ALTER TABLE cursors ALTER COLUMN lane DROP DEFAULT;

ALTER TABLE cursors DROP CONSTRAINT cursors_pkey, ADD PRIMARY KEY (consumer, lane);

-- How far each key has been taken in. What the inbox knew of every event, this knows of every key; what was taken in
-- before this table existed is told by the position of the feed.
CREATE TABLE key_positions (
    consumer text NOT NULL,
    key text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (consumer, key)
);

DROP TABLE inbox;

ALTER TABLE parked DROP CONSTRAINT parked_state_check,
    ADD CONSTRAINT parked_state_check CHECK (state IN ('parked', 'queued', 'early', 'replayed', 'discarded'));

ALTER TABLE parked ADD COLUMN predecessor bigint;

DROP INDEX parked_waiting;

CREATE INDEX parked_waiting ON parked (consumer, key) WHERE state IN ('parked', 'queued', 'early');

CREATE TABLE relayed (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    position bigint NOT NULL
);

INSERT INTO relayed (position) VALUES (0);
