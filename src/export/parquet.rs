//! Parquet for pandas and polars: `cells.parquet`, a group of rows a moment, and `observables.parquet`.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type};
use parquet::errors::Result;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::{CellTable, Export, Moment, NUMBERS};
use crate::model::Model;
use crate::observe::Row;

/// A folder of tables.
pub struct Parquet {
    labels: Vec<String>,
    /// The table of cells, if there is one.
    cells: Option<SerializedFileWriter<File>>,
    n_moments: i16,
}

impl Parquet {
    /// A new folder with the reports of a run, and a table of cells `with_cells`.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(
        folder: &Path,
        model: &Model,
        rows: &[Row],
        with_cells: bool,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        observables(&folder.join("observables.parquet"), model, rows)?;
        let cells = match with_cells {
            true => Some(table(
                &folder.join("cells.parquet"),
                model,
                cell_columns()?,
            )?),
            false => None,
        };
        Ok(Self {
            labels: model.type_labels(),
            cells,
            n_moments: 0,
        })
    }
}

impl Export for Parquet {
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()> {
        let Some(table) = &mut self.cells else {
            return Ok(());
        };
        anyhow::ensure!(
            self.n_moments < i16::MAX,
            "a Parquet file holds at most {} moments; give --cells a longer TIME",
            i16::MAX
        );
        self.n_moments += 1;
        let cells = moment.cells()?;
        let mut group = table.next_row_group()?;
        rows(&mut group, &cells, moment.time_h(), &self.labels)?;
        group.close()?;
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        if let Some(mut table) = self.cells.take() {
            table.finish()?;
        }
        Ok(())
    }
}

fn table(
    path: &Path,
    model: &Model,
    columns: Vec<Type>,
) -> anyhow::Result<SerializedFileWriter<File>> {
    let columns = columns.into_iter().map(Arc::new).collect();
    let schema = Type::group_type_builder("invado")
        .with_fields(columns)
        .build()?;
    let about = [
        ("title", model.title()),
        ("invado", env!("CARGO_PKG_VERSION")),
    ];
    let about = about.map(|(key, value)| KeyValue::new(key.to_string(), value.to_string()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(Default::default()))
        .set_key_value_metadata(Some(about.to_vec()));
    let file = File::create(path)?;
    let properties = Arc::new(properties.build());
    Ok(SerializedFileWriter::new(
        file,
        Arc::new(schema),
        properties,
    )?)
}

fn column(name: &str, physical: Physical, logical: Option<LogicalType>) -> Result<Type> {
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(logical)
        .build()
}

/// Time and then the columns of a CSV file of cells, by the same names.
fn cell_columns() -> Result<Vec<Type>> {
    let text = |name| column(name, Physical::BYTE_ARRAY, Some(LogicalType::String));
    let whole = LogicalType::integer(32, false);
    let mut columns = vec![
        column("time_h", Physical::DOUBLE, None)?,
        column("id", Physical::INT32, Some(whole))?,
        text("type")?,
    ];
    for name in NUMBERS {
        columns.push(column(name, Physical::FLOAT, None)?);
    }
    columns.push(text("phase")?);
    Ok(columns)
}

fn rows(
    group: &mut SerializedRowGroupWriter<File>,
    cells: &CellTable,
    time_h: f64,
    labels: &[String],
) -> Result<()> {
    put::<DoubleType>(group, &vec![time_h; cells.len()])?;
    // Unsigned numbers are stored by their bits.
    let ids: Vec<i32> = cells.ids.iter().map(|id| id.cast_signed()).collect();
    put::<Int32Type>(group, &ids)?;
    let labels: Vec<ByteArray> = labels.iter().map(|label| label.as_str().into()).collect();
    let types = cells.types.iter().map(|ix| labels[*ix as usize].clone());
    put::<ByteArrayType>(group, &types.collect::<Vec<_>>())?;
    for numbers in &cells.numbers {
        put::<FloatType>(group, numbers)?;
    }
    let phases = cells
        .phases
        .iter()
        .map(|phase| ByteArray::from(phase.name()));
    put::<ByteArrayType>(group, &phases.collect::<Vec<_>>())
}

/// Writes the next column of a group.
fn put<T: DataType>(group: &mut SerializedRowGroupWriter<File>, values: &[T::T]) -> Result<()> {
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(values, None, None)?;
        column.close()?;
    }
    Ok(())
}

/// The table of reports, which the program holds whole anyway.
fn observables(path: &Path, model: &Model, reports: &[Row]) -> anyhow::Result<()> {
    let names: Vec<&str> = match reports.first() {
        Some(row) => row.0.iter().map(|(name, _)| name.as_str()).collect(),
        None => Vec::new(),
    };
    let columns: Result<Vec<Type>> = (names.iter())
        .map(|name| column(name, Physical::DOUBLE, None))
        .collect();
    let mut table = table(path, model, columns?)?;
    let mut group = table.next_row_group()?;
    for name in names {
        let values = reports.iter().map(|row| row.get(name).unwrap_or(f64::NAN));
        put::<DoubleType>(&mut group, &values.collect::<Vec<_>>())?;
    }
    group.close()?;
    table.finish()?;
    Ok(())
}
