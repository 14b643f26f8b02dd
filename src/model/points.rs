//! Positions of cells from a CSV file, one row a cell.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Grid;

/// Reads the columns `x_um`, `y_um` and in 3-D `z_um` by name; others are ignored. `closed` are the voxels of obstacles,
/// `most` is the number of rows that are allowed.
///
/// # Errors
/// A sentence without place: cannot be read, a column is missing, a row is broken or lies where no cell can be.
pub(super) fn read(
    path: &Path,
    grid: &Grid,
    closed: Option<&[bool]>,
    most: usize,
) -> Result<Vec<[f32; 3]>, String> {
    let shown = path.display();
    let file = File::open(path).map_err(|why| format!("cannot read '{shown}': {why}"))?;
    parse(file, grid, closed, most).map_err(|why| format!("'{shown}' {why}"))
}

fn parse(
    file: impl Read,
    grid: &Grid,
    closed: Option<&[bool]>,
    most: usize,
) -> Result<Vec<[f32; 3]>, String> {
    let names = &["x_um", "y_um", "z_um"][..grid.dimensions as usize];
    let mut csv = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        // A carriage return is trimmed like a blank.
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(file.chain(&b"\n"[..]));
    let header = csv.headers().map_err(|why| broken(1, &why))?;
    let columns = columns(header, names)?;
    let width = header.len();
    let mut points = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let read = csv.read_record(&mut record);
        // Every line ends with a line feed, so that the reader stands on the next one.
        let line = csv.position().line() - 1;
        if !read.map_err(|why| broken(line, &why))? {
            break;
        }
        if record.len() == 1 && record[0].is_empty() {
            continue;
        }
        if record.len() != width {
            return Err(format!(
                "line {line} has {} columns, the header has {width}",
                record.len()
            ));
        }
        if points.len() == most {
            return Err(format!(
                "line {line} is one cell more than ids allow for; allowed: up to {most} cells"
            ));
        }
        let mut position = [0.5 * grid.voxel_um as f32; 3];
        for (axis, column) in columns.iter().enumerate() {
            let size = grid.size_um()[axis];
            let text = &record[*column];
            let wrong = |why: &str| {
                format!(
                    "line {line}, column {}: '{text}' {why}; allowed: 0 to {size} (um)",
                    names[axis]
                )
            };
            let value: f64 = text.parse().map_err(|_| wrong("is not a number"))?;
            // A hair's width for what was written as f32.
            if !(0.0..=size * (1.0 + 1e-6)).contains(&value) {
                return Err(wrong("lies outside the domain"));
            }
            position[axis] = value.min(size) as f32;
        }
        if closed.is_some_and(|closed| closed[grid.voxel_at(position)]) {
            let place: Vec<&str> = columns.iter().map(|column| &record[*column]).collect();
            return Err(format!(
                "line {line}: the cell at ({}) um lies in an obstacle, or a pore too narrow for it; move or remove it",
                place.join(", ")
            ));
        }
        points.push(position);
    }
    if points.is_empty() {
        return Err("holds no cell; below its header, write a line for each".to_string());
    }
    Ok(points)
}

/// Where the columns of these names are.
fn columns(header: &csv::StringRecord, names: &[&str]) -> Result<Vec<usize>, String> {
    let needed = names.join(",");
    if header.is_empty() {
        return Err(format!("is empty; its first line must name {needed}"));
    }
    let find = |name: &&str| {
        let mut found = header.iter().enumerate().filter(|(_, title)| title == name);
        match (found.next(), found.next()) {
            (Some((ix, _)), None) => Ok(ix),
            (None, _) => Err(format!(
                "has no column {name}: its first line is '{}' and must name {needed}",
                header.iter().collect::<Vec<_>>().join(",")
            )),
            (Some(_), Some(_)) => Err(format!("has two columns {name}")),
        }
    };
    names.iter().map(find).collect()
}

/// What the CSV reader says, shortened to where and why.
fn broken(line: u64, why: &csv::Error) -> String {
    match why.kind() {
        csv::ErrorKind::Utf8 { .. } => format!("line {line} is not UTF-8 text"),
        csv::ErrorKind::Io(why) => format!("cannot be read: {why}"),
        _ => format!("line {line}: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid {
        n: [20, 10, 1],
        voxel_um: 10.0,
        periodic: [false; 3],
        dimensions: 2,
    };

    fn refused(text: &[u8], part: &str) {
        let error = parse(text, &GRID, None, 3).unwrap_err();
        assert!(error.contains(part), "'{part}' is not in: {error}");
    }

    #[test]
    fn columns_are_found_by_name() {
        let text =
            "\u{feff}id, y_um ,type,x_um,z_um\r\n7,1.5,pc-3, 200 ,99\r\n\r\n8,1e1,pc-3,0,nan\r\n";
        let points = parse(text.as_bytes(), &GRID, None, 2).unwrap();
        assert_eq!(points, [[200.0, 1.5, 5.0], [0.0, 10.0, 5.0]]);
        // In 3-D z counts.
        let deep = Grid {
            n: [20, 10, 10],
            dimensions: 3,
            ..GRID
        };
        let error = parse(text.as_bytes(), &deep, None, 2).unwrap_err();
        assert!(error.contains("line 4, column z_um: 'nan'"), "{error}");
    }

    #[test]
    fn more_rows_than_ids_are_refused() {
        let text = "x_um,y_um\n1,1\n2,2\n3,3\n4,4\n";
        refused(text.as_bytes(), "line 5 is one cell more");
        assert_eq!(parse(text.as_bytes(), &GRID, None, 4).unwrap().len(), 4);
    }

    #[test]
    fn what_is_broken_is_named() {
        for (text, part) in [
            ("", "is empty; its first line must name x_um,y_um"),
            ("x_um,y_um\n", "holds no cell"),
            (
                "x_um,y\n1,2\n",
                "has no column y_um: its first line is 'x_um,y'",
            ),
            ("x_um,y_um,x_um\n1,2,3\n", "has two columns x_um"),
            (
                "x_um,y_um\n1,2\n1\n",
                "line 3 has 1 columns, the header has 2",
            ),
            (
                "x_um,y_um\n1,abc\n",
                "line 2, column y_um: 'abc' is not a number; allowed: 0 to 100 (um)",
            ),
            ("x_um,y_um\n1,\n", "line 2, column y_um: '' is not a number"),
            (
                "x_um,y_um\nNaN,2\n",
                "line 2, column x_um: 'NaN' lies outside",
            ),
            ("x_um,y_um\n1,inf\n", "'inf' lies outside"),
            (
                "x_um,y_um\n200.1,2\n",
                "'200.1' lies outside the domain; allowed: 0 to 200",
            ),
            ("x_um,y_um\n-0.1,2\n", "'-0.1' lies outside"),
        ] {
            refused(text.as_bytes(), part);
        }
        refused(b"x_um,y_um\n\n1,2\n\xff,2", "line 4 is not UTF-8 text");
    }
}
