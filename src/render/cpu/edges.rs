//! The twelve edges of the box. Twin: `shaders/render/edges.wgsl`.

use glam::{Vec2, Vec3, Vec4Swizzles};

use super::super::eye::Eye;
use super::bytes;
use super::raster::Raster;

const EDGE_COLOUR: Vec3 = Vec3::new(0.47, 0.48, 0.5);

/// A line on the raster.
struct Edge {
    from: Vec2,
    along: Vec2,
    length: f32,
    /// At both ends: in perspective one over the depth, which is linear on the picture; else the depth.
    depths: [f32; 2],
}

pub(super) fn draw(raster: &mut Raster, eye: &Eye) {
    let colour = bytes(EDGE_COLOUR);
    let half = 0.5 * eye.slices.w;
    for edge in (0..12).filter_map(|edge| Edge::new(eye, edge)) {
        let end = edge.from + edge.along * edge.length;
        let (low, high) = (edge.from.min(end) - half, edge.from.max(end) + half);
        raster.bands(|mut band| {
            band.within(low, high, |px, pixel| {
                let offset = px - edge.from;
                let at = offset.dot(edge.along);
                let aside = offset.perp_dot(edge.along).abs();
                if aside <= half && (0.0..=edge.length).contains(&at) {
                    let share = at / edge.length;
                    let linear = edge.depths[0] + (edge.depths[1] - edge.depths[0]) * share;
                    pixel.draw_over(eye.depth_of(depth_sign(eye, linear)), colour);
                }
            });
        });
    }
}

fn depth_sign(eye: &Eye, forward_um: f32) -> f32 {
    if eye.is_perspective() {
        1.0 / forward_um
    } else {
        forward_um
    }
}

impl Edge {
    fn new(eye: &Eye, edge: usize) -> Option<Self> {
        let (axis, across) = (edge >> 2, edge & 3);
        let mut start = Vec3::ZERO;
        start[(axis + 1) % 3] = (across & 1) as f32;
        start[(axis + 2) % 3] = (across >> 1) as f32;
        start *= eye.box_um.xyz();
        let mut end = start;
        end[axis] = eye.box_um[axis];
        let (mut a, mut b) = (eye.seen(start), eye.seen(end));
        let near = eye.forward.w;
        if a.z.max(b.z) <= near {
            return None;
        }
        if a.z < near {
            a = b + (a - b) * ((b.z - near) / (b.z - a.z));
        }
        if b.z < near {
            b = a + (b - a) * ((a.z - near) / (a.z - b.z));
        }
        let (from, to) = (eye.to_px(a), eye.to_px(b));
        let length = (to - from).length();
        (length >= 1e-3).then(|| Self {
            from,
            along: (to - from) / length,
            length,
            depths: [a.z, b.z].map(|z| depth_sign(eye, z)),
        })
    }
}
