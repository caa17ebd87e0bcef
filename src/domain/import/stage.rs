//! Imports one kind of rows in batches: read, fit, look, write.

use latchkey_model::id::ProjectId;
use uuid::Uuid;

use super::{ImportError, Kind, Outcome, ProjectReport, Remark, Standing};
use latchkey_store::{
    Error, Store,
    stack_auth::{Snapshot, SourceRow},
};

/// The destination of the rows.
pub(super) struct Target<'a> {
    pub store: &'a Store,
    pub project: ProjectId,
    pub dry: bool,
    pub defined: &'a [String],
}

/// The result of applying the rules to a row.
pub(super) enum Fit<T> {
    /// The row to write, and remarks that apply if it is new.
    Fits(T, Vec<Remark>),
    /// The ID of a row that cannot be written, and why.
    LeftOut(Uuid, Remark),
}

/// How one kind of rows is imported.
pub(super) trait Stage {
    type Row: SourceRow;
    type New;
    const KIND: Kind;

    fn id(new: &Self::New) -> Uuid;

    /// Applies the rules to a row.
    fn fit(row: Self::Row, target: &Target<'_>, report: &mut ProjectReport) -> Fit<Self::New>;

    /// Returns the state of each row before it is written.
    async fn look(
        target: &Target<'_>,
        new: &mut [Self::New],
        report: &mut ProjectReport,
    ) -> Result<Vec<Standing>, Error>;

    /// Writes the rows and returns the result for each.
    async fn write(
        target: &Target<'_>,
        new: &[Self::New],
        report: &mut ProjectReport,
    ) -> Result<Vec<Outcome>, Error>;
}

/// Imports all rows of one kind. `progress` is called after each committed batch.
pub(super) async fn run<S: Stage>(
    snapshot: &mut Snapshot,
    tenancy: Uuid,
    target: &Target<'_>,
    report: &mut ProjectReport,
    progress: &mut impl FnMut(Kind, &ProjectReport),
) -> Result<(), ImportError> {
    snapshot.open::<S::Row>(tenancy).await?;
    loop {
        let rows: Vec<S::Row> = snapshot.next().await?;
        if rows.is_empty() {
            break;
        }
        report.count(S::KIND).read += rows.len() as u64;
        let mut batch = Vec::with_capacity(rows.len());
        let mut remarks = Vec::with_capacity(rows.len());
        for row in rows {
            match S::fit(row, target, report) {
                Fit::Fits(new, about) => {
                    batch.push(new);
                    remarks.push(about);
                }
                Fit::LeftOut(id, remark) => report.leave_out(S::KIND, remark, id),
            }
        }
        import::<S>(target, batch, remarks, report).await?;
        progress(S::KIND, report);
    }
    Ok(snapshot.shut().await?)
}

async fn import<S: Stage>(
    target: &Target<'_>,
    mut batch: Vec<S::New>,
    remarks: Vec<Vec<Remark>>,
    report: &mut ProjectReport,
) -> Result<(), Error> {
    let standings = S::look(target, &mut batch, report).await?;
    let mut absent = Vec::with_capacity(batch.len());
    for ((new, remarks), standing) in batch.into_iter().zip(remarks).zip(standings) {
        match standing {
            Standing::Absent => {
                for remark in remarks {
                    report.remark(S::KIND, remark, S::id(&new));
                }
                absent.push(new);
            }
            Standing::Here => report.count(S::KIND).already_here += 1,
            Standing::Removed => report.leave_out(S::KIND, Remark::RemovedHere, S::id(&new)),
            Standing::Taken => report.leave_out(S::KIND, Remark::KeyTaken, S::id(&new)),
        }
    }
    if absent.is_empty() {
        return Ok(());
    }
    if target.dry {
        report.count(S::KIND).imported += absent.len() as u64;
        return Ok(());
    }
    let outcomes = match S::write(target, &absent, report).await {
        Ok(outcomes) => outcomes,
        // One row violates a constraint: the others are written one by one.
        Err(Error::Violated(_)) => one_by_one::<S>(target, &absent, report).await?,
        Err(error) => return Err(error),
    };
    for (new, outcome) in absent.iter().zip(outcomes) {
        match outcome {
            Outcome::Made => report.count(S::KIND).imported += 1,
            Outcome::Here => report.count(S::KIND).already_here += 1,
            Outcome::Orphan => report.leave_out(S::KIND, Remark::OwnerMissing, S::id(new)),
            Outcome::Refused(rule) => {
                report.leave_out(S::KIND, Remark::Refused(rule), S::id(new));
            }
        }
    }
    Ok(())
}

async fn one_by_one<S: Stage>(
    target: &Target<'_>,
    new: &[S::New],
    report: &mut ProjectReport,
) -> Result<Vec<Outcome>, Error> {
    let mut outcomes = Vec::with_capacity(new.len());
    for one in new {
        match S::write(target, std::slice::from_ref(one), report).await {
            Ok(outcome) => outcomes.extend(outcome),
            Err(Error::Violated(violation)) => {
                outcomes.push(Outcome::Refused(violation.rule().to_owned()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(outcomes)
}
