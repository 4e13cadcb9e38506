"""Red flags in a patient's own words: pure functions, no database, no clock, no network."""
