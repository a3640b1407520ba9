//! scratch
use ossicle::{
    bytes::digest::Digest,
    tutorial::{settings::*, *},
    *,
};
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let split = std::env::args().nth(2).unwrap_or("official".into());
    let mut s = Settings::default();
    let g = |n: &str, v: f64| std::env::var(n).ok().map(|x| x.parse::<f64>().unwrap()).unwrap_or(v);
    s.hidden = g("H", 400.) as usize;
    s.weight_decay = g("L", 3e-4);
    s.sparsity = g("RHO", 0.035);
    s.sparsity_weight = g("BETA", 5.0);
    s.iterations = g("IT", 200.) as usize;
    s.softmax_iterations = g("SIT", 100.) as usize;
    s.pooled_decay = g("PD", 1e-3);
    s.window_decay = g("WD", 1e-4);
    s.regions = g("R", 10.) as usize;
    s.most_windows = g("MW", 20000.) as usize;
    s.floor = g("FLOOR", 1e-6);
    s.bands = g("BANDS", 40.) as usize;
    s.seed = g("SEED", 1.) as u64;
    s.normalization =
        Normalization::Whiten(dataset::whiten::WhiteningSettings { retained: g("RET", 0.99), epsilon: g("EPS", 0.01) });
    let t = std::time::Instant::now();
    let (c, p) = dataset::folder::read(dir.as_ref(), |r| s.shortest(r)).unwrap();
    for p in p {
        println!("{p:?}")
    }
    println!("read {:.2}", t.elapsed().as_secs_f64());
    let h = listener::hear::<f32>(&s, &c, &[], &mut watch::Nobody).unwrap();
    println!("heard {:.2} {} windows", t.elapsed().as_secs_f64(), h.labeled.matrix.columns());
    let split: dataset::split::Split = split.parse().unwrap();
    struct W;
    impl watch::Watch for W {
        fn stage(&mut self, n: &str, _: usize) {
            if std::env::var("V").is_ok() {
                println!("{n}")
            }
        }
        fn step(&mut self, d: usize, c: f64) {
            if d % 20 == 0 && std::env::var("V").is_ok() {
                println!("{d} {c}")
            }
        }
    }
    let mut d = Digest::new();
    let mut acc = std::collections::BTreeMap::<&str, (usize, usize, f64)>::new();
    let (mut n, mut parts) = (0, 0);
    for part in split.parts(&c, 1).unwrap() {
        n += 1;
        parts += 1;
        let l = listener::learn(&s, &c, &h, &part, &mut d, &mut W);
        for j in &l.judged {
            let e = acc.entry(j.method).or_default();
            e.0 += j.files.right();
            e.1 += j.files.total();
            e.2 += j.seconds;
            if n == 1 || true {
                print!(
                    "{} {} win {:.4} file {:.4} {:.1}s | ",
                    part.name,
                    j.method,
                    j.windows.as_ref().map_or(f64::NAN, |w| w.accuracy()),
                    j.files.accuracy(),
                    j.seconds
                );
            }
        }
        println!();
    }
    for (m, (r, t, s)) in acc {
        println!("{m} {:.4} {:.1}s", r as f64 / t as f64, s / parts as f64)
    }
    println!("{} {:.2}", d.hex(), t.elapsed().as_secs_f64());
}
