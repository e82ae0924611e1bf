-- Operators list introductions, newest first.
CREATE INDEX introductions_newest_first ON introductions (begun_at DESC, introduction_id DESC);
