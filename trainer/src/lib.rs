//! Event logs → models.
