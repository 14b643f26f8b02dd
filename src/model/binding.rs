//! Reading what the drug does besides diffusing: binding to FAK and non-specific retardation.

use super::read::Reader;
use super::{Binding, BindingForm, FieldKind};
use crate::error::UsageError;
use crate::scenario::{FieldFile, unknown};

/// `retardation` of the drug field, R_ns.
pub(super) fn retardation(
    read: &Reader,
    kind: FieldKind,
    file: &FieldFile,
) -> Result<f64, UsageError> {
    let Some(raw) = &file.retardation else {
        return Ok(0.0);
    };
    let key = format!("fields.{}.retardation", kind.name());
    if kind != FieldKind::Drug {
        let why = format!(
            "{} is not retarded; only fields.drug takes this key, remove it",
            kind.name()
        );
        return Err(read.scenario.error(&key, Some(raw.span()), &why));
    }
    read.positive_or_zero(&key, raw, "1")
}

/// `capacity` and `binding` of the bound drug.
pub(super) fn binding(
    read: &Reader,
    kind: FieldKind,
    file: &FieldFile,
) -> Result<Option<Binding>, UsageError> {
    let key = |name: &str| format!("fields.{}.{name}", kind.name());
    if kind != FieldKind::DrugBound {
        let misplaced = [
            ("capacity", file.capacity.as_ref().map(toml::Spanned::span)),
            ("binding", file.binding.as_ref().map(toml::Spanned::span)),
        ];
        for (name, span) in misplaced {
            if span.is_some() {
                let why = "only fields.drug_bound takes this key; remove it";
                return Err(read.scenario.error(&key(name), span, why));
            }
        }
        return Ok(None);
    }
    if read.scenario.file.fields.drug.is_none() {
        let why = "the field drug is missing; bound drug comes from free drug, add [fields.drug]";
        return Err(read.scenario.error("fields.drug_bound", None, why));
    }
    let capacity_nm = match &file.capacity {
        Some(raw) => read.positive_or_zero(&key("capacity"), raw, "nM")?,
        None => 0.0,
    };
    let form = match &file.binding {
        None => BindingForm::Kinetic,
        Some(name) => match name.get_ref().as_str() {
            "kinetic" => BindingForm::Kinetic,
            "equilibrium" => BindingForm::Equilibrium,
            other => {
                let names = ["kinetic", "equilibrium"];
                let why = unknown("form of binding", other, names.into_iter());
                return Err(read
                    .scenario
                    .error(&key("binding"), Some(name.span()), &why));
            }
        },
    };
    Ok(Some(Binding { form, capacity_nm }))
}
