//! Columns of observables as charts: which belong together, and what differs between runs.

use crate::observe::Row;
use crate::render::figure::Figure;
use crate::render::figure::column::{Column, LEVELS};
use crate::render::figure::lines::{Colours, Line, draw};

/// A chart and its heading.
pub(super) struct Chart {
    /// Heading.
    pub title: String,
    /// What must be known to read it.
    pub tag: &'static str,
    /// The lines.
    pub figure: Figure,
}

/// Charts, and the columns that have one value throughout.
#[derive(Default)]
pub(super) struct Charts {
    /// In reading order.
    pub charts: Vec<Chart>,
    /// Column and value.
    pub constant: Vec<(String, f64)>,
}

/// Reports that a chart compares: an arm, a dose, or the only run.
pub(super) struct Course<'a> {
    /// What the legend calls it.
    pub label: String,
    /// Its reports.
    pub rows: &'a [Row],
}

/// What stands on a chart that a published curve stands behind in part.
const PREDICTION_BUT: &str = "prediction, but for pFAK";
/// What stands on a plasma level.
const ILLUSTRATIVE: &str = "illustrative";

/// The columns of some courses, in the order in which they come.
fn names<'a>(courses: &[Course<'a>]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for course in courses {
        // Every row of a table has its columns.
        for (name, _) in course.rows.first().map_or(&[][..], |row| &row.0) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    names
}

/// A column of a course over time.
fn points(course: &Course, name: &str) -> Vec<[f64; 2]> {
    let value = |row: &Row, name: &str| row.get(name).unwrap_or(f64::NAN);
    let rows = course.rows.iter();
    rows.map(|row| [value(row, "time_h"), value(row, name)])
        .collect()
}

/// The one value of a column that does not change, neither in time nor from course to course; NaN where it has none.
fn constant(lines: &[Line]) -> Option<f64> {
    let mut values = lines.iter().flat_map(|line| &line.points).map(|p| p[1]);
    let first = values.next()?;
    let same = |v: f64| v == first || (v.is_nan() && first.is_nan());
    values.all(same).then_some(first)
}

/// What stands on a chart of columns that are marked as `tag` says; `names` are all columns.
fn mark(heading: &str, tag: &'static str, names: &[&str], given: bool) -> &'static str {
    let clinical = || names.iter().any(|name| name.starts_with("plasma"));
    if heading == LEVELS {
        return if clinical() { ILLUSTRATIVE } else { "" };
    }
    if given { tag } else { "" }
}

/// One chart for each kind of column of a run; under a drug (`given`) those of cells are marked.
pub(super) fn of_run(course: &Course, given: bool) -> Charts {
    let courses = std::slice::from_ref(course);
    let mut charts = Charts::default();
    let mut kinds: Vec<(Column, Vec<Line>)> = Vec::new();
    let names = names(courses);
    for &name in &names {
        let Some(column) = Column::new(name) else {
            continue;
        };
        let line = Line {
            label: column.label.clone(),
            points: points(course, name),
        };
        if let Some(value) = constant(std::slice::from_ref(&line)) {
            charts.constant.push((name.to_string(), value));
            continue;
        }
        let same = |kind: &&mut (Column, Vec<Line>)| {
            kind.0.heading == column.heading && kind.0.axis == column.axis
        };
        match kinds.iter_mut().find(same) {
            Some((first, lines)) => {
                if first.tag != column.tag {
                    first.tag = PREDICTION_BUT;
                }
                lines.push(line);
            }
            None => kinds.push((column, vec![line])),
        }
    }
    for (kind, lines) in kinds {
        charts.charts.push(Chart {
            tag: mark(&kind.heading, kind.tag, &names, given),
            title: match lines.len() {
                1 => kind.title(),
                _ => kind.heading,
            },
            figure: draw(&lines, kind.axis, Colours::Groups),
        });
    }
    charts
}

/// One chart for each column, with a line for each course.
pub(super) fn compared(courses: &[Course], colours: Colours, given: bool) -> Charts {
    let mut charts = Charts::default();
    let names = names(courses);
    for &name in &names {
        let Some(column) = Column::new(name) else {
            continue;
        };
        let lines: Vec<Line> = (courses.iter())
            .map(|course| Line {
                label: course.label.clone(),
                points: points(course, name),
            })
            .collect();
        if let Some(value) = constant(&lines) {
            charts.constant.push((name.to_string(), value));
            continue;
        }
        charts.charts.push(Chart {
            title: column.title(),
            tag: mark(&column.heading, column.tag, &names, given),
            figure: draw(&lines, column.axis, colours),
        });
    }
    charts
}

/// Whether any course has a drug.
pub(super) fn is_drugged(courses: &[Course]) -> bool {
    let mut rows = courses.iter().flat_map(|course| course.rows);
    rows.any(Row::is_drugged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::figure::column::PREDICTION;

    fn rows(columns: &[(&str, [f64; 2])]) -> Vec<Row> {
        let row = |i: usize| {
            let time = ("time_h".to_string(), i as f64);
            let values = columns.iter().map(|(name, v)| (name.to_string(), v[i]));
            Row(std::iter::once(time).chain(values).collect())
        };
        vec![row(0), row(1)]
    }

    fn of(rows: &[Row]) -> Charts {
        let label = "run".to_string();
        let course = Course { label, rows };
        let given = is_drugged(std::slice::from_ref(&course));
        of_run(&course, given)
    }

    #[test]
    fn columns_of_a_kind_and_unit_share_a_chart() {
        let rows = rows(&[
            ("cell_count", [9.0, 8.0]),
            ("mean_pfak", [0.4, 0.1]),
            ("mean_perk", [0.3, 0.2]),
            ("mean_pfak_relative", [1.0, 0.2]),
            ("mean_displacement_x_um", [0.0, 1.0]),
            ("mean_displacement_x_se_um", [0.0, 1.0]),
            ("count_pc-3_2", [4.0, 3.0]),
            ("mean_pfak_pc-3_2", [0.4, 0.1]),
            ("mean_speed_pc-3_2_um_per_h", [9.0, 5.0]),
            ("bath_nm", [0.0, 10.0]),
            ("docetaxel_ng_ml", [0.0, 4.0]),
            ("mean_oxygen", [38.0, 20.0]),
            ("drug_mass_nm_um2", [0.0, 5.0]),
            ("drug_rest_nm_um2", [0.0, 1e-9]),
            ("births", [0.0, 0.0]),
            ("of_a_later_version_um", [1.0, 2.0]),
        ]);
        let charts = of(&rows);
        let titles: Vec<(&str, &str)> = (charts.charts.iter())
            .map(|chart| (chart.title.as_str(), chart.tag))
            .collect();
        let expected = [
            ("Cells", PREDICTION),
            ("Signalling", PREDICTION_BUT),
            ("pFAK relative to control", ""),
            ("Displacement since the start: along x", PREDICTION),
            ("Signalling: pc-3_2: pFAK (Y397)", ""),
            ("Cell speed: pc-3_2", PREDICTION),
            ("Drug levels: bath", ""),
            ("Drug levels: docetaxel", ""),
            ("Fields: oxygen", ""),
            ("Mass of drug: the books", ""),
            ("Other: of a later version", ""),
        ];
        assert_eq!(titles, expected);
        assert_eq!(charts.constant, [("births".to_string(), 0.0)]);
        let oxygen = charts.charts[8].figure.svg();
        assert!(oxygen.contains("(mmHg)"), "{oxygen}");
    }

    #[test]
    fn what_is_no_drug_predicts_nothing_and_plasma_is_illustrative() {
        let drugged = |nm: f64| rows(&[("cell_count", [9.0, 8.0]), ("bath_nm", [0.0, nm])]);
        let tags =
            |rows: &[Row]| -> Vec<&str> { of(rows).charts.iter().map(|chart| chart.tag).collect() };
        assert_eq!(tags(&drugged(0.0)), [""]);
        assert_eq!(tags(&drugged(5.0)), [PREDICTION, ""]);
        let tablets = rows(&[("bath_nm", [0.0, 5.0]), ("plasma_ng_ml", [0.0, 90.0])]);
        assert_eq!(tags(&tablets), [ILLUSTRATIVE; 2]);
    }

    #[test]
    fn courses_are_compared_column_by_column() {
        let [a, b] = [1.0, 2.0].map(|v| rows(&[("cell_count", [3.0, v]), ("births", [0.0, 0.0])]));
        // One without a report has its place in the legend.
        let courses = [("a", a.as_slice()), ("b", &b), ("c", &[])].map(|(label, rows)| Course {
            label: label.to_string(),
            rows,
        });
        let charts = compared(&courses, Colours::Groups, false);
        assert_eq!(charts.charts.len(), 1);
        let svg = charts.charts[0].figure.svg();
        let at = |label: &str| svg.find(&format!(">\n{label}\n<")).expect(label);
        assert!(at("a") < at("b") && at("b") < at("c"));
        assert_eq!(charts.constant.len(), 1);
    }
}
