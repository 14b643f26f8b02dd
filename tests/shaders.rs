//! Shaders without a GPU: naga validates every module, every file is used, the structs of both sides agree, and every
//! pipeline and bind group is accepted by wgpu's noop device.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use invado::coefficients::{CellTypeCoefficients, Coefficients, FieldCoefficients, Globals};
use invado::gpu::layout::{Counters, Launch, ScanSize, Step};
use invado::gpu::{GpuContext, GpuState, Pipelines, shader};
use invado::pass::Pass;
use invado::state::Phase;

#[test]
fn every_module_is_valid() {
    for pass in Pass::ALL {
        if let Err(error) = shader::check(shader::parts(pass)) {
            panic!("{error}");
        }
    }
    for parts in shader::PAINT {
        if let Err(error) = shader::check(parts) {
            panic!("{error}");
        }
    }
}

/// The must-fail partner: a broken module is refused and its place is named.
#[test]
fn a_broken_module_is_refused() {
    let mut parts = shader::parts(Pass::Signal).to_vec();
    parts.push(shader::Part {
        file: "broken.wgsl",
        text: "\nfn broken() -> f32 { return true; }\n",
    });
    let error = shader::check(&parts).unwrap_err();
    assert!(error.starts_with("shaders/broken.wgsl:2: "), "{error}");
}

#[test]
fn every_shader_file_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let mut on_disk = BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                on_disk.insert(
                    path.strip_prefix(&root)
                        .unwrap()
                        .to_string_lossy()
                        .replace('\\', "/"),
                );
            }
        }
    }
    assert!(on_disk.len() > Pass::ALL.len(), "found only {on_disk:?}");
    let mut used = BTreeSet::new();
    for pass in Pass::ALL {
        let files: Vec<&str> = shader::parts(pass).iter().map(|p| p.file).collect();
        assert!(files.contains(&format!("passes/{}.wgsl", pass.name()).as_str()));
        used.extend(files.into_iter().map(str::to_string));
    }
    for parts in shader::PAINT {
        used.extend(parts.iter().map(|p| p.file.to_string()));
    }
    assert_eq!(on_disk, used);
}

/// A Rust struct's fields by offset, read off its own `Debug` output (names) and size.
fn names_of(debug: &str) -> Vec<String> {
    let inner = &debug[debug.find('{').unwrap()..];
    let mut depth = 0;
    let mut names = Vec::new();
    let mut word = String::new();
    for c in inner.chars() {
        match c {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth -= 1,
            ':' if depth == 1 => names.push(word.trim().to_string()),
            _ => {}
        }
        if depth == 1 && (c == ',' || c == '{') {
            word.clear();
        } else {
            word.push(c);
        }
    }
    names
}

/// Compares one struct: the same names in the same order, the same size, the same bytes at the same offset.
fn same_layout<T: bytemuck::Pod + std::fmt::Debug>(
    name: &str,
    offsets: &[(&str, usize)],
) -> Result<(), String> {
    let checked = shader::check(shader::parts(Pass::React))?;
    let scan = shader::check(shader::parts(Pass::Scan))?;
    let find = |module: &naga::Module| {
        module
            .types
            .iter()
            .find_map(|(_, ty)| match (&ty.name, &ty.inner) {
                (Some(n), naga::TypeInner::Struct { members, span }) if n == name => Some((
                    members
                        .iter()
                        .map(|m| (m.name.clone().unwrap(), m.offset as usize))
                        .collect::<Vec<_>>(),
                    *span as usize,
                )),
                _ => None,
            })
    };
    let (members, span) = find(&checked.module)
        .or_else(|| find(&scan.module))
        .ok_or_else(|| format!("no struct {name}"))?;
    let rust: Vec<(String, usize)> = offsets
        .iter()
        .map(|(n, o)| ((*n).to_string(), *o))
        .collect();
    if members != rust {
        return Err(format!("{name}: WGSL {members:?}\nRust {rust:?}"));
    }
    if names_of(&format!("{:?}", T::zeroed())).len() != members.len() {
        return Err(format!("{name}: the test does not list every Rust field"));
    }
    if span != size_of::<T>() {
        return Err(format!(
            "{name}: WGSL {span} bytes, Rust {}",
            size_of::<T>()
        ));
    }
    Ok(())
}

macro_rules! offsets {
    ($ty:ty, $($field:ident),+ $(,)?) => {
        &[$((stringify!($field), std::mem::offset_of!($ty, $field))),+]
    };
}

#[test]
fn structs_agree() {
    same_layout::<Globals>(
        "Globals",
        offsets!(
            Globals,
            n,
            n_fields,
            bins,
            n_bins,
            size_um,
            voxel_um,
            bins_per_um,
            voxels_per_um,
            periodic,
            dimensions,
            slots,
            channel_places,
            channel_states,
            channel_scales,
            seed,
            n_voxels,
            field_only,
            dt_min,
            fate_dt_min,
            bin_measure,
            k_auto,
            k_pyk,
            k_rtk,
            k_dp,
            k_s,
            k_sm,
            k_x,
            k_x0,
            k_xm,
            k_ar,
            k_a0,
            k_am,
            k_ex,
            k_er,
            k_em,
            k_n,
            k_noff,
            k_mat,
            k_d0,
            k_d1,
            w,
            k_rho,
            r0,
            k_app,
            k_app_pyk2,
            per_f0,
            per_tau_f,
            per_tau_s,
            rho_star,
            per_adhesion_control,
            per_x0,
            per_e0,
            first_row,
            per_s0,
            c_r,
            c_a,
            w_dim,
            per_carrying_capacity,
            per_c_div,
            k_an,
            k_f,
            g1,
            interaction_range_um,
            n_sums,
            g2,
            k_g,
            per_rho_max,
            per_k_oxygen,
            per_vessel_squeeze,
            equilibrium,
            associated,
            bind_on,
            bind_off,
            k_d,
            retention,
            per_retention,
            sites_uniform,
            sites_per_deposit,
            passage_at,
            a_full,
            a_pore,
            a_mmp,
            o_div,
            per_o_span,
            o_full,
            o_nec,
            per_o_nec_span,
            k_hyp,
            regrowth,
            shrink,
            shrink_necrotic,
            daughter_radius,
            zero,
            most_cells,
            per_f_control,
            docetaxel_ic50,
            k_docetaxel,
            k_shield,
            fibres_at,
            n_doors,
            in_matrix,
            attack_reach2,
            per_k_m,
            hunted,
            traits_vary
        ),
    )
    .unwrap();
    same_layout::<FieldCoefficients>(
        "Field",
        offsets!(
            FieldCoefficients,
            kind,
            scheme,
            substeps,
            courant,
            hindrance,
            obstacles_at,
            mobility_varies,
            mass_varies,
            mass,
            tolerance,
            quiet,
            stiffness,
            loss,
            source,
            exchange,
            uptake_at,
            source_at,
            substep_min,
            relief,
            per_retention,
            perfusion,
            level,
            plasma,
            vessels_at,
            face,
            face_value
        ),
    )
    .unwrap();
    same_layout::<Step>(
        "Step",
        offsets!(Step, step, bath_nm, mek, docetaxel_ng_ml, pd1_block),
    )
    .unwrap();
    same_layout::<ScanSize>("ScanSize", offsets!(ScanSize, n, n_blocks)).unwrap();
    same_layout::<Counters>(
        "Counters",
        offsets!(
            Counters,
            n_cells,
            next_id,
            births,
            removals,
            fault_field,
            fault_cell,
            fault_crowding,
            fault_capacity,
            fault_solve,
            fault_solve_slot,
            fault_solve_residual,
            limited,
            deaths,
            arrivals,
            fault_kills,
            spare_1,
            spare_2
        ),
    )
    .unwrap();
    same_layout::<Launch>("Launch", offsets!(Launch, slot, from_work, level, kin)).unwrap();
    same_layout::<CellTypeCoefficients>(
        "CellType",
        offsets!(
            CellTypeCoefficients,
            speed,
            noise,
            radius,
            adhesion_root,
            integrin,
            f_min,
            chemotaxis,
            haptotaxis,
            guidance,
            division,
            death,
            bypass_fast,
            bypass_slow,
            k_e0,
            k_af,
            pore_limit,
            most_um,
            to_go,
            to_grow,
            docetaxel_shield,
            attack,
            kill,
            antigen,
            shelter,
            suppression,
            most_kills,
            fak_recruitment,
            enters,
            spread,
            rest,
            weights,
        ),
    )
    .unwrap();
}

#[test]
fn a_wrong_layout_is_seen() {
    let swapped = same_layout::<Step>("Step", &[("bath_nm", 0), ("step", 4)]);
    assert!(swapped.is_err());
    assert!(same_layout::<ScanSize>("Counters", &[("n_cells", 0)]).is_err());
    // Right names and offsets, but a Rust struct of another size.
    assert!(same_layout::<Counters>("Step", offsets!(Step, step, bath_nm)).is_err());
}

#[test]
fn pipelines_and_bind_groups_pass_validation_without_a_gpu() {
    let context = GpuContext::noop().unwrap();
    let pipelines = Pipelines::new(&context).unwrap();
    context.check().unwrap();
    for compiled in pipelines.all() {
        let storage = compiled
            .bindings
            .iter()
            .filter(|(_, name)| !matches!(*name, "globals" | "step" | "launch"));
        assert!(
            storage.count() <= 8,
            "{} binds more than a browser has",
            compiled.kernel.entry
        );
    }
    for model in [common::scene(false, false), common::scene(true, false)] {
        let state = invado::model::initial_state(&model);
        let coefficients = Coefficients::new(&model);
        let plan = invado::gpu::diffusion::Plan::new(&coefficients);
        GpuState::new(&context, &pipelines, &coefficients, &plan, &state, 4096).unwrap();
        context.check().unwrap();
    }
}

/// The must-fail partner: the noop device does report what it does not accept.
#[test]
fn the_noop_device_reports_errors() {
    let context = GpuContext::noop().unwrap();
    let _refused = context.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("wrong"),
        size: 16,
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::STORAGE,
        mapped_at_creation: false,
    });
    assert!(context.check().is_err());
}

/// Numbers that stand in Rust and in WGSL.
#[test]
fn constants_agree() {
    let fate = shader::join(shader::parts(Pass::Fate));
    let coefficients = [
        format!("const OPEN: f32 = {:e};", invado::coefficients::OPEN),
        format!("const GONE: f32 = {};", invado::coefficients::GONE),
    ];
    let phases = Phase::ALL.map(|phase| {
        format!(
            "const {}: u32 = {}u;",
            phase.name().to_uppercase(),
            phase as u32
        )
    });
    // Words of `Counters` that shaders count in.
    let word = |offset: usize| offset / 4;
    let deaths = format!(
        "const DEATHS: u32 = {}u;",
        word(std::mem::offset_of!(Counters, deaths))
    );
    for line in coefficients.iter().chain(&phases).chain([&deaths]) {
        assert!(fate.contains(line), "{line}");
    }
    let limited = format!(
        "const LIMITED: u32 = {}u;",
        word(std::mem::offset_of!(Counters, limited))
    );
    assert!(
        shader::join(shader::parts(Pass::Move)).contains(&limited),
        "{limited}"
    );
    let diffuse = shader::join(shader::parts(Pass::Diffuse));
    for line in [
        format!(
            "const MOST_CYCLES: u32 = {}u;",
            invado::coefficients::MOST_CYCLES
        ),
        format!(
            "const NEGLIGIBLE: f32 = {:e};",
            invado::coefficients::NEGLIGIBLE
        ),
        format!("const TRACE: f32 = {:e};", invado::coefficients::TRACE),
    ] {
        assert!(diffuse.contains(&line), "{line}");
    }
}
