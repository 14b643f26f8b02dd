//! The rows of `dose_response.csv`.

use super::{Point, Response};

/// Columns. Mean and sd are in the unit that ends the read-out's name.
pub const HEADER: [&str; 8] = [
    "type",
    "readout",
    "time_h",
    "dose_nm",
    "mean",
    "sd",
    "n",
    "relative_to_control",
];

/// One row for each dose; what does not exist (the sd of one well) is empty.
pub fn rows(response: &Response) -> impl Iterator<Item = Vec<String>> + '_ {
    let row = |point: &Point| {
        let finite = |value: f64| value.is_finite().then(|| value.to_string());
        vec![
            response.group.clone(),
            response.readout.name().to_string(),
            response.time_h.to_string(),
            point.dose_nm.to_string(),
            finite(point.mean()).unwrap_or_default(),
            point.sd().and_then(finite).unwrap_or_default(),
            point.values.len().to_string(),
            finite(point.mean() / response.control()).unwrap_or_default(),
        ]
    };
    response.points.iter().map(row)
}
