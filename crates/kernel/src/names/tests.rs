//! Names of a small library, and of a session that uses it.

use super::*;

const LIBRARY: &str = "
mod inner;
macro_rules! list { ($($(#[$about:meta])* $name:ident),*) => { pub enum Listed { $($(#[$about])* $name),* } } }
pub mod listed {
    list! {
        /// One.
        #[default]
        One,
        /// Two.
        Two { a = 1 },
    }
}
pub mod prelude {
    pub use crate::listed::Listed::{self, *};
    pub use crate::inner::{Net, Cost};
    pub use crate::inner::Cost::*;
    pub use other::Far;
    use crate::inner::hidden;
}
pub use inner::make as build;
#[macro_export] macro_rules! say { () => {} }
#[cfg(test)] pub fn only_in_tests() {}
/// A trait.
pub trait Shown { fn show(&self) -> String { String::new() } }
impl Shown for inner::Net {}
pub type Nets = Vec<inner::Net>;
pub type Same = inner::Net;
pub const MANY: usize = 3;
";

const INNER: &str = "
/// A net.
#[derive(Clone)]
pub struct Net { pub seed: u64, pub parts: (Layer, u8), weights: f64 }
pub struct Layer { pub width: usize }
pub enum Cost { Quadratic, Huber(f64), Named { a: u8 } }
impl Net {
    /// Makes one.
    ///
    /// With a seed.
    pub fn new(seed: u64) -> Self { loop {} }
    pub fn dense(
        self,
        units: usize,
    ) -> Net { self }
    pub fn train(&mut self, epochs: usize) -> Result<(Net, Layer), String> { loop {} }
    pub fn layer(&self) -> Option<&Layer> { None }
    pub fn len(&self) -> usize { 0 }
    pub(crate) fn partly(&self) {}
    fn private(&self) {}
    #[doc(hidden)] pub fn secret(&self) {}
    pub const BEST: u64 = 1;
}
pub fn make() -> Net { loop {} }
pub fn hidden() {}
fn lost() {}
";

fn names() -> (tempfile::TempDir, Names) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("lib.rs");
    std::fs::write(&root, LIBRARY).unwrap();
    std::fs::write(folder.path().join("inner.rs"), INNER).unwrap();
    (
        folder,
        Names::new(Sources::from([("nets".to_owned(), root)])),
    )
}

fn spot(code: &str) -> Spot {
    // `|` is the place.
    let at = code.find('|').unwrap();
    Spot {
        items: "use nets::prelude::*;\nstruct Own { mine: nets::prelude::Net }\nimpl Own { fn get(&self) -> &nets::prelude::Net { &self.mine } }\n"
            .to_owned(),
        variables: "let net: nets::prelude::Net = todo!();\nlet own: Own = todo!();\nlet pair: (Net, u8) = todo!();\n".to_owned(),
        code: code.replacen('|', "", 1),
        at,
    }
}

#[test]
fn what_can_stand_there_is_found() {
    let (_folder, names) = names();
    let mut wrong = Vec::new();
    for (code, wanted) in [
        ("net.|", "parts seed dense( layer() len() show() train( "),
        ("net.s|", "seed show() "),
        ("let x = net.l|;\nx", "layer() len() "),
        ("net.de|(3)", "dense "),
        ("Net::new(1).dense(2).le|", "len() "),
        ("Net::|", "BEST dense( layer() len() new( show() train( "),
        ("nets::Same::n|", "new( "),
        ("net.parts.0.w|", "width "),
        ("let (a, b) = net.train(1)?;\nb.w|", "width "),
        (
            "let Ok((a, _)) = net.train(1) else { return };\na.dense(1).sh|",
            "show() ",
        ),
        ("net.layer().unwrap().|", "width "),
        ("if let Some(l) = net.layer() { l.| }", "width "),
        ("own.|", "mine get() "),
        ("own.get().le|", "len() "),
        ("pair.0.tr|", "train( "),
        ("fn f(n: &Net) { n.tr| }", "train( "),
        ("println!(\"{} {}\", 1, net.le|)", "len() "),
        ("assert_eq!(vec![net.le|", "len() "),
        ("let v = vec![1];\nfor x in v {\n    net.le|\n", "len() "),
        (
            "nets::|",
            "MANY Nets Same Shown listed prelude say!( build() ",
        ),
        ("use nets::prelude::{Far, N|", "Named Net "),
        ("use nets::b|", "build "),
        ("use ne|", "nets "),
        ("Cost::|", "Huber( Named Quadratic "),
        ("Qua|", "Quadratic "),
        ("let a = On|", "One "),
        ("nets::listed::Listed::|", "One Two "),
        ("Own { m|", "mine "),
        ("let w = 1;\nlet net2 = net|", "net nets "),
        ("let net2 = net.clone();\nnet2.tr|", "train( "),
        ("{ let gone = 1; }\ngo|", ""),
        ("net.private|", ""),
        ("nobody().le|", ""),
        ("let le|", ""),
        ("\"net.le|\"", ""),
        ("1.le|", ""),
        ("use nets::inner::|", ""),
    ] {
        let spot = spot(code);
        let found = names.complete(&spot);
        let said: String = found
            .matches
            .iter()
            .map(|one| format!("{} ", one.code))
            .collect();
        if said != wanted {
            wrong.push(format!("{code}: {said:?}, not {wanted:?}"));
        }
        let typed = &spot.code[found.range.clone()];
        assert!(found.matches.iter().all(|one| one.code.starts_with(typed)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_stands_there_is_said() {
    let (_folder, names) = names();
    for (code, wanted) in [
        ("net.dense|", "pub fn dense(self, units: usize) -> Net"),
        (
            "Net::new|(3)",
            "pub fn new(seed: u64) -> Self\n\nMakes one.\n\nWith a seed.",
        ),
        ("Net|::new(3)", "pub struct Net\n\nA net."),
        ("net.seed|", "pub seed: u64"),
        ("nets::MANY|", "pub const MANY: usize = 3"),
    ] {
        let said = names.document(&spot(code));
        assert_eq!(
            said.map(|(text, _)| text).as_deref(),
            Some(wanted),
            "{code}"
        );
    }
    assert!(names.document(&spot("nothing|")).is_none());
}

#[test]
fn nothing_that_is_typed_makes_it_fail() {
    let (_folder, names) = names();
    let text = "use nets::{prelude::*, a as b};\nlet (a, b) = net.train(1)?.0[3].x { y: |z| z.w }; m!(a.b, {c::<d>::e}) 'x \"ñ\" r#\"\n#[a] impl<T> X for Y { fn";
    for at in 0..=text.len() {
        if text.is_char_boundary(at) {
            for code in [text, &text[..at], &text[at..]] {
                let at = at.min(code.len());
                if code.is_char_boundary(at) {
                    let spot = Spot {
                        code: code.to_owned(),
                        at,
                        ..spot("|")
                    };
                    names.complete(&spot);
                    names.document(&spot);
                }
            }
        }
    }
}
