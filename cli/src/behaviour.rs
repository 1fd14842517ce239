//! What `vitrine train` says of purchases: baskets, propensity, clusters. Never
//! computes any of it.

use std::io::{self, Write};

use vitrine_trainer::Trained;
use vitrine_trainer::propensity::{BUYERS, Fitted, Propensity};

/// Writes the lines.
pub fn say(out: &mut dyn Write, trained: &Trained) -> io::Result<()> {
    let Trained { baskets, propensity, .. } = trained;
    match baskets {
        0 => writeln!(out, "together   left out: the log has no baskets of two items")?,
        _ => writeln!(out, "together   of {baskets} baskets with two items or more")?,
    }
    match propensity {
        None | Some(Propensity::NoPurchases) => {
            writeln!(out, "intent     left out: the log has no purchases")?;
            writeln!(out, "cluster    left out: the log has no purchases")
        }
        Some(Propensity::TooFew { buyers }) => {
            writeln!(
                out,
                "intent     left out: {buyers} visitors were seen to buy within a week of a known moment; {BUYERS} are needed"
            )?;
            writeln!(out, "cluster    left out, as `intent` is")
        }
        Some(Propensity::Fitted(fitted)) => {
            intent(out, fitted)?;
            clusters(out, fitted)
        }
    }
}

fn intent(out: &mut dyn Write, fitted: &Fitted) -> io::Result<()> {
    let Fitted { auc, brier, loss, calibration, tail, .. } = fitted;
    write!(out, "intent     a purchase within 7 days; on the last {tail} moments: AUC ")?;
    match auc {
        Some(auc) => writeln!(out, "{auc:.3}")?,
        None => writeln!(out, "unknown, since all or none of them led to one")?,
    }
    writeln!(
        out,
        "           Brier {:.4} (the same rate for all: {:.4}), log loss {:.4} ({:.4})",
        brier.0, brier.1, loss.0, loss.1
    )?;
    for (promised, bought) in calibration {
        writeln!(out, "           promised {:5.1} %, bought {:5.1} %", promised * 100.0, bought * 100.0)?;
    }
    Ok(())
}

fn clusters(out: &mut dyn Write, fitted: &Fitted) -> io::Result<()> {
    if fitted.clusters.is_empty() {
        return writeln!(out, "cluster    left out: the moments fall into no groups");
    }
    writeln!(out, "cluster    share   bought   visits   views  products  in cart  purchases  searches")?;
    for (cluster, number) in fitted.clusters.iter().zip(1..) {
        write!(out, "       {number}   {:4.0} %  {:5.1} %", cluster.share * 100.0, cluster.bought * 100.0)?;
        for (mean, width) in cluster.means.iter().zip([8, 7, 9, 8, 10, 9]) {
            write!(out, " {mean:width$.1}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
