//! The database's schema and what leads to it. Never takes back a step.

use std::time::Duration;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::link::Live;

/// What leads from each version of the schema to the next.
const STEPS: [&str; 1] = [include_str!("schema.sql")];
/// The schema's version.
pub const NEWEST: i64 = STEPS.len() as i64;

/// How long bringing it up to date may take, others who do so before included.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The version of the schema that is there; 0 where there is none.
///
/// # Errors
/// It could not be read.
pub async fn found(live: &mut Live) -> Result<i64, Error> {
    match live.row("SELECT version FROM vitrine_schema WHERE site = ''", &[]).await {
        Ok(row) => row.map_or(Ok(0), |row| row.try_get(0)),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(0),
        Err(error) => Err(error),
    }
}

/// Brings the schema up to date; gives the version found or made.
///
/// # Errors
/// It could not be; whoever tries again begins where this ended.
pub async fn migrate(live: &mut Live) -> Result<i64, Error> {
    let version = found(live).await?;
    if version >= NEWEST {
        return Ok(version);
    }
    // Two who make it at once: the later one fails, and finds it made.
    let table = "CREATE TABLE IF NOT EXISTS vitrine_schema (site TEXT PRIMARY KEY, version BIGINT NOT NULL)";
    if live.plainly(table).await.is_err() {
        live.plainly(table).await?;
    }
    live.plainly("INSERT INTO vitrine_schema (site, version) VALUES ('', 0) ON CONFLICT DO NOTHING").await?;
    live.plainly("BEGIN; SET LOCAL statement_timeout = '50s'; SET LOCAL lock_timeout = '50s'").await?;
    let held = live.row("SELECT version FROM vitrine_schema WHERE site = '' FOR UPDATE", &[]).await?;
    let version = held.map_or(Ok(0), |row| row.try_get::<_, i64>(0))?;
    for step in STEPS.iter().skip(usize::try_from(version).unwrap_or_default()) {
        live.plainly(step).await?;
    }
    let version = version.max(NEWEST);
    live.change("UPDATE vitrine_schema SET version = $1 WHERE site = ''", &[&version]).await?;
    live.plainly("COMMIT").await?;
    Ok(version)
}
