use invado::{
    cpu::CpuEngine,
    gpu::{GpuContext, GpuEngine},
    model::Model,
    pass::Pass,
    simulation::*,
};
#[test]
fn t() {
    let model = Model::temporary_scratch();
    let mut c = Simulation::new(model.clone(), Box::new(CpuEngine::new(&model))).unwrap();
    let t = std::time::Instant::now();
    c.run(600).unwrap();
    println!("cpu {:?}/step", t.elapsed() / 600);
    let s = c.snapshot().unwrap();
    println!(
        "n {} births {} deaths {} F {}",
        s.cells.len(),
        s.births,
        s.deaths,
        s.cells.signals[0][0]
    );
    let mut e = CpuEngine::new(&model);
    e.load(&s).unwrap();
    for p in Pass::STEP {
        let t = std::time::Instant::now();
        for _ in 0..20 {
            e.run_pass(
                Pass::Bin,
                StepInput {
                    step: 700,
                    bath_nm: 100.,
                },
            )
            .unwrap();
            e.run_pass(
                Pass::Scan,
                StepInput {
                    step: 700,
                    bath_nm: 100.,
                },
            )
            .unwrap();
        }
        let base = t.elapsed() / 20;
        let t = std::time::Instant::now();
        for _ in 0..20 {
            if p == Pass::Sort {
                e.run_pass(
                    Pass::Bin,
                    StepInput {
                        step: 700,
                        bath_nm: 100.,
                    },
                )
                .unwrap();
                e.run_pass(
                    Pass::Scan,
                    StepInput {
                        step: 700,
                        bath_nm: 100.,
                    },
                )
                .unwrap();
            }
            e.run_pass(
                p,
                StepInput {
                    step: 700,
                    bath_nm: 100.,
                },
            )
            .unwrap();
        }
        println!("{p:?} {:?} (bin+scan {base:?})", t.elapsed() / 20);
    }
    let ctx = GpuContext::new(None).unwrap();
    println!("{}", ctx.summary());
    let mut g = Simulation::new(
        model.clone(),
        Box::new(GpuEngine::new(&ctx, &model).unwrap()),
    )
    .unwrap();
    let mut c = Simulation::new(model.clone(), Box::new(CpuEngine::new(&model))).unwrap();
    for n in [1, 1, 8, 49, 1, 60] {
        let t = std::time::Instant::now();
        g.run(n).unwrap();
        let a = g.snapshot().unwrap();
        println!("gpu {:?}/step", t.elapsed() / n as u32);
        c.run(n).unwrap();
        let b = c.snapshot().unwrap();
        println!(
            "{} {} same {}",
            a.cells.len(),
            b.cells.len(),
            a.hash() == b.hash()
        );
        if a != b {
            for r in 0..9 {
                if let Some(i) = (0..a.cells.len())
                    .find(|&i| a.cells.signals[r][i].to_bits() != b.cells.signals[r][i].to_bits())
                {
                    println!(
                        "row {r} cell {i}: {:e} {:e}",
                        a.cells.signals[r][i], b.cells.signals[r][i]
                    );
                }
            }
            for (x, y) in a.fields.iter().zip(&b.fields) {
                println!("{:?} {}", x.0, x.1 == y.1);
            }
            println!(
                "{} {} {} {}",
                a.cells.position_radius == b.cells.position_radius,
                a.cells.polarity_speed == b.cells.polarity_speed,
                a.cells.push_crowding == b.cells.push_crowding,
                a.cells.signals == b.cells.signals
            );
        }
    }
}
