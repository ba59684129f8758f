-- What was answered long ago is found by when it was, to be forgotten.

CREATE INDEX idempotency_answered_at ON idempotency (answered_at);
