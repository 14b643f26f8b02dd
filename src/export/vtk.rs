//! VTK XML for ParaView: `fields.pvd` of `fields/<time_h>.vti` and `cells.pvd` of `cells/<time_h>.vtp`.
//!
//! Written by hand: what crates there are for VTK hold a whole file in memory, and the format is a short head in XML
//! with the arrays' bytes behind it. Fields are data of voxels, so that the box is the run's to its faces; a 2-D field is
//! a plane at z = 0, below its cells.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{CellTable, Export, Moment, NUMBERS, Part, write_atomically};
use crate::model::{Grid, Model};
use crate::state::Phase;

/// A folder for ParaView.
#[derive(Debug)]
pub struct Vtk {
    folder: PathBuf,
    /// Time and file of each moment so far, of fields and of cells.
    fields: Vec<(f64, String)>,
    cells: Vec<(f64, String)>,
}

impl Vtk {
    /// A new folder.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn new(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder.join("fields"))?;
        std::fs::create_dir_all(folder.join("cells"))?;
        Ok(Self {
            folder: folder.to_path_buf(),
            fields: Vec::new(),
            cells: Vec::new(),
        })
    }
}

impl Export for Vtk {
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()> {
        let (model, time_h) = (moment.model(), moment.time_h());
        if moment.has(Part::Fields) && !model.fields().is_empty() {
            let name = format!("fields/{}.vti", moment.hours());
            write_atomically(&self.folder.join(&name), |out| image_data(out, moment))?;
            self.fields.push((time_h, name));
        }
        if moment.has(Part::Cells) {
            let name = format!("cells/{}.vtp", moment.hours());
            let cells = moment.cells()?;
            write_atomically(&self.folder.join(&name), |out| {
                poly_data(out, model, time_h, &cells)
            })?;
            self.cells.push((time_h, name));
        }
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        for (name, series) in [("fields", &self.fields), ("cells", &self.cells)] {
            if series.is_empty() {
                std::fs::remove_dir(self.folder.join(name))?;
            } else {
                let path = self.folder.join(format!("{name}.pvd"));
                write_atomically(&path, |out| collection(out, series))?;
            }
        }
        Ok(())
    }
}

/// A field's name with its unit, as arrays and channels are called.
pub(super) fn name_with_unit(kind: crate::model::FieldKind) -> String {
    match kind.unit() {
        "" => kind.name().to_string(),
        unit => format!("{}_{unit}", kind.name()),
    }
}

/// The head of a file, and where its arrays will lie behind it.
#[derive(Default)]
struct Head {
    xml: String,
    offset: u64,
}

impl Head {
    fn line(&mut self, line: &str) {
        self.xml.push_str(line);
        self.xml.push('\n');
    }

    fn begin(&mut self, kind: &str, attributes: &str, time_h: f64) {
        let order = match cfg!(target_endian = "big") {
            true => "BigEndian",
            false => "LittleEndian",
        };
        self.line("<?xml version=\"1.0\"?>");
        self.line(&format!(
            "<VTKFile type=\"{kind}\" version=\"1.0\" byte_order=\"{order}\" header_type=\"UInt64\">"
        ));
        self.line(&format!("<{kind}{attributes}>"));
        self.line("<FieldData>");
        self.line(&format!(
            "<DataArray type=\"Float64\" Name=\"TimeValue\" NumberOfTuples=\"1\" format=\"ascii\">{time_h}</DataArray>"
        ));
    }

    /// An array of names, as VTK spells them: the codes of their letters, each name closed by a 0.
    fn names(&mut self, name: &str, values: &[String]) {
        let codes = (values.iter())
            .flat_map(|value| value.bytes().chain([0]))
            .map(|code| code.to_string());
        let codes: Vec<String> = codes.collect();
        self.line(&format!(
            "<DataArray type=\"String\" Name=\"{name}\" NumberOfTuples=\"{}\" format=\"ascii\">{}</DataArray>",
            values.len(),
            codes.join(" ")
        ));
    }

    /// An array of numbers of 4 or 8 bytes, which comes behind the head.
    fn array(&mut self, name: &str, r#type: &str, components: u64, n: usize) {
        self.line(&format!(
            "<DataArray type=\"{type}\" Name=\"{name}\" NumberOfComponents=\"{components}\" format=\"appended\" offset=\"{}\"/>",
            self.offset
        ));
        let each = if r#type.ends_with("64") { 8 } else { 4 };
        self.offset += 8 + each * components * n as u64;
    }

    fn end(mut self, kind: &str, out: &mut dyn Write) -> std::io::Result<()> {
        self.line(&format!("</{kind}>"));
        self.line("<AppendedData encoding=\"raw\">");
        out.write_all(self.xml.as_bytes())?;
        out.write_all(b"_")
    }
}

const TAIL: &[u8] = b"\n</AppendedData>\n</VTKFile>\n";

/// An array behind the head: its length in bytes, then itself.
fn block<T: bytemuck::NoUninit>(out: &mut dyn Write, values: &[T]) -> std::io::Result<()> {
    let bytes: &[u8] = bytemuck::cast_slice(values);
    out.write_all(&(bytes.len() as u64).to_ne_bytes())?;
    out.write_all(bytes)
}

fn extent(grid: &Grid) -> String {
    let [x, y, z] = grid.n;
    let deep = if grid.dimensions == 3 { z } else { 0 };
    format!("0 {x} 0 {y} 0 {deep}")
}

fn image_data(out: &mut dyn Write, moment: &dyn Moment) -> anyhow::Result<()> {
    let (model, grid) = (moment.model(), moment.model().grid());
    let (extent, h) = (extent(grid), grid.voxel_um);
    let place = format!(" WholeExtent=\"{extent}\" Origin=\"0 0 0\" Spacing=\"{h} {h} {h}\"");
    let mut head = Head::default();
    head.begin("ImageData", &place, moment.time_h());
    head.line("</FieldData>");
    head.line(&format!("<Piece Extent=\"{extent}\">"));
    let kinds = || model.fields().iter().map(|field| field.kind);
    let first = kinds().next().map(name_with_unit).unwrap_or_default();
    head.line(&format!("<CellData Scalars=\"{first}\">"));
    for kind in kinds() {
        head.array(&name_with_unit(kind), "Float32", 1, grid.n_voxels());
    }
    head.line("</CellData>");
    head.line("</Piece>");
    head.end("ImageData", out)?;
    for kind in kinds() {
        block(out, &moment.field(kind)?)?;
    }
    out.write_all(TAIL)?;
    Ok(())
}

fn poly_data(
    out: &mut dyn Write,
    model: &Model,
    time_h: f64,
    cells: &CellTable,
) -> anyhow::Result<()> {
    let n = cells.len();
    let mut head = Head::default();
    head.begin("PolyData", "", time_h);
    head.names("type_names", &model.type_labels());
    head.names(
        "phase_names",
        &Phase::ALL.map(|phase| phase.name().to_string()),
    );
    head.line("</FieldData>");
    head.line(&format!(
        "<Piece NumberOfPoints=\"{n}\" NumberOfVerts=\"{n}\" NumberOfLines=\"0\" NumberOfStrips=\"0\" NumberOfPolys=\"0\">"
    ));
    head.line("<PointData Scalars=\"pfak\">");
    for name in ["id", "type", "phase"] {
        head.array(name, "UInt32", 1, n);
    }
    for name in &NUMBERS[3..] {
        head.array(name, "Float32", 1, n);
    }
    head.line("</PointData>");
    head.line("<Points>");
    head.array("position_um", "Float32", 3, n);
    head.line("</Points>");
    head.line("<Verts>");
    head.array("connectivity", "Int64", 1, n);
    head.array("offsets", "Int64", 1, n);
    head.line("</Verts>");
    head.line("</Piece>");
    head.end("PolyData", out)?;
    let phases: Vec<u32> = cells.phases.iter().map(|phase| *phase as u32).collect();
    block(out, &cells.ids)?;
    block(out, &cells.types)?;
    block(out, &phases)?;
    for column in &cells.numbers[3..] {
        block(out, column)?;
    }
    let points: Vec<[f32; 3]> = (0..n).map(|ix| cells.position_um(ix)).collect();
    block(out, &points)?;
    // A vertex of its own for every point, without which nothing is drawn.
    let connectivity: Vec<i64> = (0..n as i64).collect();
    let offsets: Vec<i64> = (1..=n as i64).collect();
    block(out, &connectivity)?;
    block(out, &offsets)?;
    out.write_all(TAIL)?;
    Ok(())
}

/// The times of a series, h.
fn collection(out: &mut dyn Write, series: &[(f64, String)]) -> anyhow::Result<()> {
    writeln!(out, "<?xml version=\"1.0\"?>")?;
    writeln!(out, "<VTKFile type=\"Collection\" version=\"1.0\">")?;
    writeln!(out, "<Collection>")?;
    for (time_h, file) in series {
        writeln!(
            out,
            "<DataSet timestep=\"{time_h}\" part=\"0\" file=\"{file}\"/>"
        )?;
    }
    writeln!(out, "</Collection>")?;
    writeln!(out, "</VTKFile>")?;
    Ok(())
}
