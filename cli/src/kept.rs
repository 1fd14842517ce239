//! Where a collector keeps everything, as words of the command line. Never
//! shows a database's password.

use std::path::PathBuf;

use clap::Args;
use vitrine_collector::{Address, Place};

/// A folder or a database; one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Kept {
    /// The folder where everything is kept, with SQLite; made if missing.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A database of its own that speaks PostgreSQL's protocol, for one collector or
    /// several: postgres://USER@HOST/DATABASE, the password in PGPASSWORD. Unless the
    /// host is this machine the way is encrypted and the certificate checked:
    /// ?sslmode=verify-full&sslrootcert=FILE, or say `require` (whoever answers) or `disable`.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl Kept {
    /// The place.
    ///
    /// # Errors
    /// A sentence: the address is none.
    pub fn place(&self) -> Result<Place, String> {
        match (&self.data, &self.database) {
            (Some(folder), None) => Ok(folder.clone().into()),
            (_, Some(address)) => Ok(Address::parse(address)?.into()),
            (None, None) => Err("say where everything is kept: `--data DIR` or `--database URL`".into()),
        }
    }
}
