//! OME-Zarr 0.5 for napari: the fields as the channels of one image over time, axes `t, c, [z,] y, x`.
//!
//! Written by hand: an array of Zarr 3 is a small JSON file and a compressed file a chunk, and zstd is here already. The
//! crate `zarrs` brings 44 more for it. One chunk holds a field at a moment, or a slab of it where that is large.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::vtk::name_with_unit;
use super::{Export, Moment, write_atomically};
use crate::model::{Field, Grid, Model};
use crate::render::palette::field_table;

/// Most voxels of a chunk: 16 MiB.
const MOST_IN_CHUNK: usize = 1 << 22;
/// Of zstd. Fields hardly compress further.
const LEVEL: i32 = 3;
/// The only level of the image's pyramid.
const LEVEL_NAME: &str = "0";

/// An image for napari.
#[derive(Debug)]
pub struct OmeZarr {
    folder: PathBuf,
    model: Model,
    times_h: Vec<f64>,
    /// Least and greatest value of each field so far.
    ranges: Vec<[f32; 2]>,
}

impl OmeZarr {
    /// A new image in a folder, which it makes.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new(folder: &Path, model: &Model) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder.join(LEVEL_NAME))?;
        Ok(Self {
            folder: folder.to_path_buf(),
            model: model.clone(),
            times_h: Vec::new(),
            ranges: vec![[f32::INFINITY, f32::NEG_INFINITY]; model.fields().len()],
        })
    }
}

impl Export for OmeZarr {
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()> {
        let slabs = Slabs::new(self.model.grid(), MOST_IN_CHUNK);
        for (channel, field) in self.model.fields().iter().enumerate() {
            let values = moment.field(field.kind)?;
            let range = &mut self.ranges[channel];
            for value in values.iter() {
                *range = [range[0].min(*value), range[1].max(*value)];
            }
            let folder = self.folder.join(LEVEL_NAME).join("c");
            let folder = folder.join(format!("{}/{channel}", self.times_h.len()));
            for (place, slab) in slabs.of(&values) {
                let path = folder.join(place);
                std::fs::create_dir_all(path.parent().unwrap_or(&folder))?;
                write_atomically(&path, |out| slabs.write(out, slab))?;
            }
        }
        self.times_h.push(moment.time_h());
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        let array = array(&self.model, self.times_h.len());
        save(&self.folder.join(LEVEL_NAME).join("zarr.json"), &array)?;
        let group = group(&self.model, &self.times_h, &self.ranges);
        save(&self.folder.join("zarr.json"), &group)
    }
}

fn save(path: &Path, metadata: &Value) -> anyhow::Result<()> {
    write_atomically(path, |out| Ok(serde_json::to_writer_pretty(out, metadata)?))
}

/// How a field is cut into chunks that are contiguous in memory: whole layers, or rows of one layer.
struct Slabs {
    /// Voxels of a chunk along z, y, x.
    chunk: [usize; 3],
    dimensions: usize,
    layer: usize,
}

impl Slabs {
    /// Chunks of at most so many voxels, unless a row has more.
    fn new(grid: &Grid, most: usize) -> Self {
        let [x, y, z] = grid.n.map(|n| n as usize);
        let layers = (most / (x * y)).clamp(1, z);
        let rows = match x * y > most {
            true => (most / x).clamp(1, y),
            false => y,
        };
        Self {
            chunk: [layers, rows, x],
            dimensions: grid.dimensions as usize,
            layer: x * y,
        }
    }

    /// The chunks of a field, and where each lies below its time and channel. The last ones may be short.
    fn of<'a>(&'a self, values: &'a [f32]) -> impl Iterator<Item = (PathBuf, &'a [f32])> {
        let [layers, rows, x] = self.chunk;
        let stacks = values.chunks(layers * self.layer).enumerate();
        stacks.flat_map(move |(k, stack)| {
            // Of a stack of several layers, rows are all of them.
            let slabs = stack.chunks(rows * x * layers).enumerate();
            slabs.map(move |(j, slab)| {
                let place = match self.dimensions {
                    3 => format!("{k}/{j}/0"),
                    _ => format!("{j}/0"),
                };
                (PathBuf::from(place), slab)
            })
        })
    }

    /// Every chunk is stored whole; beyond the field there are zeros.
    fn write(&self, out: &mut dyn Write, slab: &[f32]) -> anyhow::Result<()> {
        let missing = self.chunk.iter().product::<usize>() - slab.len();
        let mut encoder = zstd::Encoder::new(out, LEVEL)?;
        for part in slab.chunks(1 << 14) {
            let bytes: Vec<u8> = part.iter().flat_map(|v| v.to_le_bytes()).collect();
            encoder.write_all(&bytes)?;
        }
        std::io::copy(
            &mut std::io::Read::take(std::io::repeat(0), 4 * missing as u64),
            &mut encoder,
        )?;
        encoder.finish()?;
        Ok(())
    }
}

/// The names of the axes: time, channel, and those of space.
fn axes(grid: &Grid) -> Vec<&'static str> {
    let space = ["z", "y", "x"];
    let space = &space[3 - grid.dimensions as usize..];
    ["t", "c"].iter().chain(space).copied().collect()
}

fn array(model: &Model, n_times: usize) -> Value {
    let grid = model.grid();
    let n_fields = model.fields().len() as u64;
    let space = grid.shape();
    let slab = Slabs::new(grid, MOST_IN_CHUNK).chunk.map(|n| n as u64);
    let slab = &slab[3 - space.len()..];
    let with = |head: [u64; 2], space: &[u64]| [&head, space].concat();
    json!({
        "zarr_format": 3,
        "node_type": "array",
        "shape": with([n_times as u64, n_fields], &space),
        "data_type": "float32",
        "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": with([1, 1], slab) } },
        "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
        "fill_value": 0.0,
        "codecs": [
            { "name": "bytes", "configuration": { "endian": "little" } },
            { "name": "zstd", "configuration": { "level": LEVEL, "checksum": false } },
        ],
        "dimension_names": axes(grid),
        "attributes": {},
    })
}

fn group(model: &Model, times_h: &[f64], ranges: &[[f32; 2]]) -> Value {
    let grid = model.grid();
    let names = axes(grid);
    let every_h = super::even_step_h(times_h);
    let axis = |name: &&str| match *name {
        // Uneven times have no scale: the axis counts moments then, and `time_h` has the hours.
        "t" if every_h.is_none() => json!({ "name": "t", "type": "time" }),
        "t" => json!({ "name": "t", "type": "time", "unit": "hour" }),
        "c" => json!({ "name": "c", "type": "channel" }),
        space => json!({ "name": space, "type": "space", "unit": "micrometer" }),
    };
    let along = |time: f64, space: f64| -> Vec<f64> {
        let place = |name: &&str| match *name {
            "t" => time,
            "c" => 0.0,
            _ => space,
        };
        names.iter().map(place).collect()
    };
    let mut scale = along(every_h.unwrap_or(1.0), grid.voxel_um);
    scale[1] = 1.0;
    // The first voxel's centre is half a voxel from the wall.
    let begin_h = every_h.map_or(0.0, |_| times_h.first().copied().unwrap_or(0.0));
    let translation = along(begin_h, 0.5 * grid.voxel_um);
    json!({
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {
            "ome": {
                "version": "0.5",
                "multiscales": [{
                    "name": model.title(),
                    "axes": names.iter().map(axis).collect::<Vec<_>>(),
                    "datasets": [{
                        "path": LEVEL_NAME,
                        "coordinateTransformations": [
                            { "type": "scale", "scale": scale },
                            { "type": "translation", "translation": translation },
                        ],
                    }],
                }],
                "omero": {
                    "channels": (model.fields().iter().zip(ranges)).map(channel).collect::<Vec<_>>(),
                },
            },
            "invado": {
                "version": env!("CARGO_PKG_VERSION"),
                "time_h": times_h,
                "fields": (model.fields().iter())
                    .map(|field| json!({
                        "name": field.kind.name(),
                        "title": field.kind.title(),
                        "unit": field.kind.unit(),
                    }))
                    .collect::<Vec<_>>(),
            },
        },
    })
}

/// How a field is shown: over the range that it has in the series, in the colour of its map's dark end.
fn channel((field, [least, greatest]): (&Field, &[f32; 2])) -> Value {
    let [r, g, b] = field_table(field.kind)[255];
    let end = if greatest > least {
        *greatest
    } else {
        least + 1.0
    };
    json!({
        "label": name_with_unit(field.kind),
        "color": format!("{r:02X}{g:02X}{b:02X}"),
        "active": true,
        "window": { "min": least, "max": end, "start": least, "end": end },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_put_side_by_side_are_the_field() {
        for (n, dimensions, most, n_chunks) in [
            ([5, 4, 3], 3, 1000, 1),
            ([5, 4, 3], 3, 40, 2),
            ([5, 4, 3], 3, 15, 6),
            ([5, 4, 3], 3, 1, 12),
            ([5, 4, 1], 2, 1000, 1),
            ([5, 7, 1], 2, 15, 3),
        ] {
            let grid = Grid {
                n,
                voxel_um: 1.0,
                periodic: [false; 3],
                dimensions,
            };
            let values: Vec<f32> = (0..grid.n_voxels()).map(|i| i as f32 + 1.0).collect();
            let slabs = Slabs::new(&grid, most);
            let mut found = vec![f32::NAN; values.len()];
            let mut chunks = 0;
            for (place, slab) in slabs.of(&values) {
                chunks += 1;
                let mut file = Vec::new();
                slabs.write(&mut file, slab).unwrap();
                let bytes = zstd::decode_all(file.as_slice()).unwrap();
                let chunk: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
                assert_eq!(chunk.len(), slabs.chunk.iter().product::<usize>());
                let mut place: Vec<usize> = (place.iter())
                    .map(|part| part.to_string_lossy().parse().unwrap())
                    .collect();
                assert_eq!(place.len(), dimensions as usize);
                if dimensions == 2 {
                    place.insert(0, 0);
                }
                // As a reader does: by the place of each value in its chunk, and what lies outside is dropped.
                let [layers, rows, x] = slabs.chunk;
                for (i, value) in chunk.iter().enumerate() {
                    let at = [
                        place[0] * layers + i / (rows * x),
                        place[1] * rows + i / x % rows,
                        place[2] * x + i % x,
                    ];
                    if at[0] < n[2] as usize && at[1] < n[1] as usize {
                        found[(at[0] * n[1] as usize + at[1]) * x + at[2]] = *value;
                    }
                }
            }
            assert_eq!((chunks, &found), (n_chunks, &values), "{n:?} {most}");
        }
    }
}
