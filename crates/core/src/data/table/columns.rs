//! What becomes of each column: the target, features, or nothing. What is not clear is refused with the line to write.

use super::layout::{HARD_SPACES, Layout, halves};
use super::profile::{Body, Column, MOST_VALUES};
use super::{Missing, Place, Table, Wish};
use crate::error::{Error, Result};
use gradus_text::say;

/// A whole-number target with more values than this is not taken for classes unasked.
const MOST_CLASSES: usize = 20;
/// A text column with more values than this is no feature.
const MOST_LEVELS: usize = 50;

/// What is read from a table, and how: another file of the same columns can be read alike.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(super) features: Vec<Feature>,
    pub(super) target: Target,
    pub(super) missing: Missing,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Feature {
    pub(super) name: String,
    pub(super) place: usize,
    pub(super) kind: Kind,
    /// What stands for a missing number.
    pub(super) fill: Option<f32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Number,
    /// A word that means 1, such as `True`, and one that means 0.
    YesNo,
    /// A 1 at the value, a 0 at the others. Missing values have a level of their own, the empty text.
    OneHot(Vec<String>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    Classes {
        name: String,
        place: usize,
        classes: Vec<String>,
    },
    Values {
        names: Vec<String>,
        places: Vec<usize>,
    },
}

impl Feature {
    pub(super) fn width(&self) -> usize {
        match &self.kind {
            Kind::OneHot(levels) => levels.len(),
            _ => 1,
        }
    }

    /// The names of what it becomes.
    pub(super) fn names(&self) -> Vec<String> {
        match &self.kind {
            Kind::OneHot(levels) => {
                let level = |level: &String| match level.as_str() {
                    "" => say("falta", "missing").to_owned(),
                    level => level.to_owned(),
                };
                levels
                    .iter()
                    .map(|l| format!("{}={}", self.name, level(l)))
                    .collect()
            }
            _ => vec![self.name.clone()],
        }
    }
}

impl Target {
    pub(super) fn places(&self) -> Vec<usize> {
        match self {
            Target::Classes { place, .. } => vec![*place],
            Target::Values { places, .. } => places.clone(),
        }
    }
}

/// `Some(true)` for words that mean yes, `Some(false)` for those that mean no.
pub(super) fn yes_or_no(field: &str) -> Option<bool> {
    match field.to_lowercase().as_str() {
        "true" | "yes" | "sí" | "si" | "verdadero" => Some(true),
        "false" | "no" | "falso" => Some(false),
        _ => None,
    }
}

/// Whether a text is a number with spaces between its digits, and then whether it has a decimal comma.
fn without_spaces(text: &str) -> Option<bool> {
    let is_space = |c: char| c == ' ' || HARD_SPACES.contains(&c);
    if !text.trim().contains(is_space) {
        return None;
    }
    let digits = text.replace(is_space, "");
    match halves(&digits, ',') {
        Some(_) => Some(true),
        None => digits.parse::<f64>().is_ok().then_some(false),
    }
}

/// Digits in groups of three, such as 1,100,000 or 1.100.000,5.
fn is_grouped(text: &str) -> bool {
    let mut parts = text.trim_start_matches(['+', '-']).split([',', '.']);
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let first = parts.next().filter(|part| digits(part) && part.len() <= 3);
    let rest: Vec<&str> = parts.collect();
    let groups = rest.len() > 1 && rest[..rest.len() - 1].iter().all(|part| part.len() == 3);
    first.is_some() && groups && rest.iter().all(digits)
}

pub(super) struct Decider<'a> {
    pub(super) table: &'a Table,
    pub(super) body: &'a Body<'a>,
    pub(super) rows: usize,
    pub(super) columns: &'a [Column],
    /// What the reader should know.
    pub(super) notes: Vec<String>,
}

impl Decider<'_> {
    fn layout(&self) -> &Layout {
        self.body.layout
    }

    pub(super) fn name(&self, place: usize) -> String {
        match self.layout().names.get(place) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("x{place}"),
        }
    }

    /// How the column is written in a call.
    fn written(&self, place: usize) -> String {
        match self.layout().names.get(place) {
            Some(name) if !name.is_empty() => format!("{name:?}"),
            _ => place.to_string(),
        }
    }

    fn all_written(&self, places: &[usize]) -> String {
        let all: Vec<String> = places.iter().map(|&place| self.written(place)).collect();
        all.join(", ")
    }

    fn refuse<T>(&self, spanish: String, english: String) -> Result<T> {
        Err(Error::damaged(self.body.path, (spanish, english)))
    }

    pub(super) fn place(&self, place: &Place) -> Result<usize> {
        let width = self.layout().width;
        let found = match place {
            Place::Name(name) => {
                let same = |own: &String| own == name || own.to_lowercase() == name.to_lowercase();
                let names = &self.layout().names;
                let exact = names.iter().position(|own| own == name);
                exact.or_else(|| names.iter().position(same))
            }
            Place::Position(at) if *at < 0 => width.checked_sub(at.unsigned_abs() as usize),
            Place::Position(at) => Some(*at as usize).filter(|&at| at < width),
        };
        let Some(found) = found else {
            let all: Vec<String> = (0..width).take(30).map(|j| self.name(j)).collect();
            let all = all.join(", ");
            return if self.layout().names.is_empty() {
                self.refuse(
                    format!("no hay ninguna columna {place}; la primera línea no tiene nombres, así que las columnas se llaman por su posición, de 0 a {}; si los tiene, escribe `.header(true)`", width.saturating_sub(1)),
                    format!("there is no column {place}; the first line has no names, so columns are called by their position, 0 to {}; if it has, write `.header(true)`", width.saturating_sub(1)),
                )
            } else {
                self.refuse(
                    format!("no hay ninguna columna {place}; las que hay son: {all}"),
                    format!("there is no column {place}; there are: {all}"),
                )
            };
        };
        Ok(found)
    }

    pub(super) fn places(&self, places: &[Place]) -> Result<Vec<usize>> {
        places.iter().map(|place| self.place(place)).collect()
    }

    pub(super) fn plan(&mut self) -> Result<Plan> {
        let targets = self.targets()?;
        let target = self.target(&targets)?;
        let aside: Vec<Place> = self
            .table
            .group
            .iter()
            .chain(&self.table.sort)
            .cloned()
            .collect();
        let mut not = [
            targets,
            self.places(&self.table.skip)?,
            self.places(&aside)?,
        ]
        .concat();
        let features = match &self.table.features {
            Some(said) => {
                let places = self.places(said)?;
                if let Some(&place) = places.iter().find(|place| target.places().contains(place)) {
                    let name = self.name(place);
                    return self.refuse(
                        format!("{name} es el objetivo y no puede ser también una característica"),
                        format!("{name} is the target and cannot be a feature too"),
                    );
                }
                self.features(&places, true)?
            }
            None => {
                not.sort_unstable();
                let rest: Vec<usize> = (0..self.columns.len())
                    .filter(|j| not.binary_search(j).is_err())
                    .collect();
                self.features(&rest, false)?
            }
        };
        if features.is_empty() {
            return self.refuse(
                "no queda ninguna columna como característica; escribe `.features([…])`".to_owned(),
                "no column is left as a feature; write `.features([…])`".to_owned(),
            );
        }
        self.check_missing(&features, &target)?;
        let missing = self.table.missing.unwrap_or(Missing::Refuse);
        Ok(Plan {
            features,
            target,
            missing,
        })
    }

    /// The plan of another table for the columns of this one.
    pub(super) fn like(&mut self, plan: &Plan) -> Result<Plan> {
        let mut plan = plan.clone();
        let by_name = !self.layout().names.is_empty();
        let find = |this: &Self, name: &str, place: &mut usize| -> Result<()> {
            if by_name && !(name.starts_with('x') && name[1..].parse() == Ok(*place)) {
                *place = this.place(&Place::Name(name.to_owned()))?;
            } else if *place >= this.columns.len() {
                *place = this.place(&Place::from(*place))?;
            }
            Ok(())
        };
        for feature in &mut plan.features {
            find(self, &feature.name, &mut feature.place)?;
        }
        match &mut plan.target {
            Target::Classes { name, place, .. } => find(self, name, place)?,
            Target::Values { names, places } => {
                for (name, place) in names.iter().zip(places) {
                    find(self, name, place)?;
                }
            }
        }
        if let Some(rule) = self.table.missing {
            plan.missing = rule;
        }
        let has_no_place = |feature: &&Feature| match &feature.kind {
            Kind::OneHot(levels) => !levels.iter().any(String::is_empty),
            _ => feature.fill.is_none(),
        };
        let refused: Vec<Feature> = plan.features.iter().filter(has_no_place).cloned().collect();
        if plan.missing != Missing::Keep && plan.missing != Missing::Drop {
            self.check_missing(&refused, &plan.target)?;
        }
        Ok(plan)
    }

    fn targets(&mut self) -> Result<Vec<usize>> {
        if !self.table.targets.is_empty() {
            return self.places(&self.table.targets);
        }
        const NAMES: [&str; 14] = [
            "target",
            "class",
            "classes",
            "label",
            "labels",
            "y",
            "species",
            "diagnosis",
            "outcome",
            "clase",
            "etiqueta",
            "objetivo",
            "especie",
            "salida",
        ];
        let skipped = self.places(&self.table.skip)?;
        let is_free = |j: &usize| !skipped.contains(j);
        let width = self.columns.len();
        let lower: Vec<String> = (0..width).map(|j| self.name(j).to_lowercase()).collect();
        let named: Vec<usize> = (0..width)
            .filter(is_free)
            .filter(|&j| NAMES.contains(&&*lower[j]))
            .collect();
        let several: Vec<usize> = (0..width)
            .filter(is_free)
            .filter(|&j| lower[j].starts_with("target_"))
            .collect();
        if named.is_empty() && !several.is_empty() {
            return Ok(several);
        }
        // Beside a better name, `y` is a coordinate.
        let better: Vec<usize> = named.iter().copied().filter(|&j| lower[j] != "y").collect();
        let named = if better.is_empty() { named } else { better };
        if let [one] = named[..] {
            return Ok(vec![one]);
        }
        // Words in the last column alone can be nothing but the classes.
        let texts: Vec<usize> = (0..width)
            .filter(is_free)
            .filter(|&j| self.columns[j].texts > 0)
            .collect();
        if named.is_empty()
            && texts == [width - 1]
            && self.columns[width - 1]
                .different()
                .is_some_and(|k| k * 2 <= self.rows)
        {
            return Ok(texts);
        }
        let all: Vec<String> = (0..width.min(30)).map(|j| self.name(j)).collect();
        let (all, example) = (
            all.join(", "),
            self.written(*named.last().unwrap_or(&(width - 1))),
        );
        self.refuse(
            format!("¿qué columna es el objetivo? Escribe `.target({example})` o la que sea; las columnas son: {all}"),
            format!("which column is the target? Write `.target({example})` or whichever it is; the columns are: {all}"),
        )
    }

    fn target(&mut self, places: &[usize]) -> Result<Target> {
        let values = |this: &Self| {
            for &place in places {
                let column = &this.columns[place];
                if column.texts > 0 {
                    let (line, text) = column.first_text.clone().unwrap_or_default();
                    let name = this.name(place);
                    return this.refuse(
                        format!("línea {line}: {text:?} no es un número, y el objetivo «{name}» se lee como números"),
                        format!("line {line}: {text:?} is not a number, and the target `{name}` is read as numbers"),
                    );
                }
            }
            Ok(Target::Values {
                names: places.iter().map(|&place| this.name(place)).collect(),
                places: places.to_vec(),
            })
        };
        let [place] = *places else {
            return values(self);
        };
        let (column, name) = (&self.columns[place], self.name(place));
        if column.numbers + column.texts == 0 {
            return self.refuse(
                format!("el objetivo «{name}» está vacío"),
                format!("the target `{name}` is empty"),
            );
        }
        let is_mixed = column.texts > 0 && column.numbers >= column.texts;
        match self.table.wish {
            Some(Wish::Regression) => return values(self),
            Some(Wish::Classes) => {}
            None if is_mixed => return self.refuse_mixed(place),
            None if column.texts > 0 || column.codes => {}
            None if !column.whole => return values(self),
            None => {
                let mut values = column.sorted(self.layout());
                let number = |text: &String| self.layout().numbers.read(text.as_bytes());
                values.dedup_by(|a, b| number(a) == number(b));
                let few = column
                    .values
                    .is_some()
                    .then_some(values.len())
                    .filter(|&k| k <= MOST_CLASSES);
                let each_often = few.is_some_and(|k| 2 * k <= self.rows);
                let said = matches!(
                    name.to_lowercase().as_str(),
                    "class"
                        | "classes"
                        | "label"
                        | "labels"
                        | "species"
                        | "clase"
                        | "etiqueta"
                        | "especie"
                );
                if !(each_often || few.is_some() && said) {
                    let k = column
                        .different()
                        .map_or(format!("> {MOST_VALUES}"), |k| k.to_string());
                    return self.refuse(
                        format!("el objetivo «{name}» tiene {k} valores enteros distintos; escribe `.regression()` para predecir el número o `.classification()` para predecir clases"),
                        format!("the target `{name}` has {k} different whole numbers; write `.regression()` to predict the number or `.classification()` to predict classes"),
                    );
                }
                self.notes.push(say(
                    format!(
                        "«{name}» tiene pocos números enteros: son clases (`.regression()` si no)"
                    ),
                    format!(
                        "`{name}` has few whole numbers: they are classes (`.regression()` if not)"
                    ),
                ));
            }
        }
        let mut classes = column.sorted(self.layout());
        let number = |text: &String| self.layout().numbers.read(text.as_bytes());
        if column.is_numbers() {
            // `1` and `1.0` are one class.
            classes.dedup_by(|a, b| number(a) == number(b));
        }
        let all_differ =
            classes.len() > 2 && classes.len() * 2 > self.rows && self.rows > 3 && column.texts > 0;
        if column.values.is_none()
            || (all_differ && self.table.wish.is_none() && self.table.classes.is_none())
        {
            return self.refuse(
                format!("el objetivo «{name}» es distinto en casi todas las filas; ¿es la columna correcta? Escribe `.target(…)` con otra"),
                format!("the target `{name}` differs in nearly every row; is it the right column? Write `.target(…)` with another"),
            );
        }
        if let Some(said) = &self.table.classes {
            if let Some(other) = classes.iter().find(|class| !said.contains(class)) {
                return self.refuse(
                    format!(
                        "la clase {other:?} no está entre las de `.classes([{}])`",
                        said.join(", ")
                    ),
                    format!(
                        "class {other:?} is not one of `.classes([{}])`",
                        said.join(", ")
                    ),
                );
            }
            classes.clone_from(said);
        }
        if classes.len() < 2 {
            return self.refuse(
                format!("el objetivo «{name}» tiene siempre el mismo valor, {:?}; escribe `.target(…)` con otra columna o `.classes([…])`", classes.join("")),
                format!("the target `{name}` always has the same value, {:?}; write `.target(…)` with another column or `.classes([…])`", classes.join("")),
            );
        }
        Ok(Target::Classes {
            name,
            place,
            classes,
        })
    }

    fn features(&mut self, places: &[usize], said: bool) -> Result<Vec<Feature>> {
        let mut features = Vec::new();
        let as_text = self.places(&self.table.text)?;
        // Columns that are no features as they stand, and why, in both languages.
        let mut doubts: Vec<(usize, String)> = Vec::new();
        for &place in places {
            let (column, name) = (&self.columns[place], self.name(place));
            let lower = name.to_lowercase();
            let unnamed = self.layout().names.get(place).is_some_and(String::is_empty);
            let is_id = unnamed
                || matches!(
                    lower.as_str(),
                    "id" | "index"
                        | "idx"
                        | "row"
                        | "rowid"
                        | "rownames"
                        | "unnamed: 0"
                        | "nº"
                        | "índice"
                )
                || lower.ends_with("_id")
                || name.ends_with("Id")
                || name.ends_with("ID");
            if !said {
                let all_differ = column.different().is_none_or(|k| k == self.rows);
                if column.missing == self.rows {
                    self.notes.push(say(
                        format!("«{name}» está vacía y se ha dejado fuera"),
                        format!("`{name}` is empty and was left out"),
                    ));
                    continue;
                }
                if is_id
                    && (column.is_row_numbers(self.rows)
                        || (column.whole && all_differ && self.rows > 1))
                {
                    self.notes.push(say(
                        format!("«{name}» parece un número de fila y se ha dejado fuera"),
                        format!("`{name}` looks like row numbers and was left out"),
                    ));
                    continue;
                }
                if let (Some(code), false) = (&column.code, column.negative) {
                    let (line, written) = (format!("{code:?}"), self.written(place));
                    return self.refuse(
                        format!("«{name}» tiene {code} y ningún otro número negativo; escribe `.missing_words([{line}])` si significa que falta; si es un número de verdad, `.features([{written}, …])` con todas las que quieras"),
                        format!("`{name}` has {code} and no other number below 0; write `.missing_words([{line}])` if it means that there is none; if it is a real number, `.features([{written}, …])` with all that you want"),
                    );
                }
                if column.is_row_numbers(self.rows) && self.rows >= 10 {
                    doubts.push((place, say("cuenta las filas", "counts the rows").to_owned()));
                    continue;
                }
            }
            let kind = if as_text.contains(&place) {
                self.levels(place)?
            } else if column.is_numbers() {
                if column.largest > f64::from(f32::MAX) {
                    return self.refuse(
                        format!("«{name}» tiene números mayores que 3·10³⁸, que no caben en 32 bits; escribe `.skip([{}])`", self.written(place)),
                        format!("`{name}` has numbers above 3·10³⁸, which do not fit 32 bits; write `.skip([{}])`", self.written(place)),
                    );
                }
                if column.long {
                    self.notes.push(say(
                        format!("«{name}» tiene números de más de siete cifras, que se redondean a 32 bits"),
                        format!("`{name}` has numbers of more than seven digits, which are rounded to 32 bits"),
                    ));
                }
                Kind::Number
            } else if column.numbers >= column.texts && column.texts > 0 {
                return self.refuse_mixed(place);
            } else {
                let mut values = column.different_texts();
                let known = column.values.is_some();
                if known && column.numbers == 0 && values.all(|value| yes_or_no(&value).is_some()) {
                    Kind::YesNo
                } else {
                    let k = column.different();
                    let too_many =
                        k.is_none_or(|k| k > MOST_LEVELS || (k > 3 && k * 2 > self.rows));
                    if self.looks_like_numbers(column) {
                        return self.refuse_mixed(place);
                    }
                    if too_many {
                        let k = k.map_or(format!("> {MOST_VALUES}"), |k| k.to_string());
                        doubts.push((
                            place,
                            say(
                                format!("{k} textos distintos"),
                                format!("{k} different texts"),
                            ),
                        ));
                        continue;
                    }
                    self.levels(place)?
                }
            };
            features.push(Feature {
                name,
                place,
                kind,
                fill: None,
            });
        }
        if !doubts.is_empty() {
            let places: Vec<usize> = doubts.iter().map(|(place, _)| *place).collect();
            let why: Vec<String> = doubts
                .iter()
                .map(|(j, why)| format!("{} ({why})", self.name(*j)))
                .collect();
            let (why, line) = (why.join(", "), self.all_written(&places));
            return self.refuse(
                format!("estas columnas no sirven de características tal como están: {why}; escribe `.skip([{line}])`, o `.features([…])` con las que sí"),
                format!("these columns are no features as they stand: {why}; write `.skip([{line}])`, or `.features([…])` with those that are"),
            );
        }
        Ok(features)
    }

    fn levels(&self, place: usize) -> Result<Kind> {
        let column = &self.columns[place];
        if column.values.is_none() {
            let name = self.name(place);
            return self.refuse(
                format!(
                    "«{name}» tiene más de {MOST_VALUES} valores distintos: demasiados para one-hot"
                ),
                format!(
                    "`{name}` has more than {MOST_VALUES} different values: too many for one-hot"
                ),
            );
        }
        let mut levels = column.sorted(self.layout());
        if column.missing > 0
            && !matches!(
                self.table.missing,
                None | Some(Missing::Drop | Missing::Refuse)
            )
        {
            levels.push(String::new());
        }
        Ok(Kind::OneHot(levels))
    }

    /// Texts that would be numbers if they were read in another way.
    fn looks_like_numbers(&self, column: &Column) -> bool {
        let is_one = |text: &String| {
            if without_spaces(text).is_some() {
                return true;
            }
            let plain = text.trim_matches(['%', '€', '$', '£', ' ', '\u{a0}']);
            halves(plain, ',').is_some() || is_grouped(plain) || plain.parse::<f64>().is_ok()
        };
        let all = column.different().unwrap_or(0);
        let numbers = column.different_texts().filter(is_one).count();
        column.texts > 0 && all > 0 && 2 * numbers > all
    }

    fn refuse_mixed<T>(&self, place: usize) -> Result<T> {
        let column = &self.columns[place];
        let (line, text) = column.first_text.clone().unwrap_or_default();
        let (name, written, numbers) = (self.name(place), self.written(place), column.numbers);
        if let Some(comma) = without_spaces(&text) {
            let how = match comma {
                true => ".decimal_comma().thousands(' ')",
                false => ".thousands(' ')",
            };
            return self.refuse(
                format!("línea {line}: {text:?} en «{name}» tiene espacios entre las cifras; escribe `{how}`"),
                format!("line {line}: {text:?} in `{name}` has spaces between its digits; write `{how}`"),
            );
        }
        let comma = halves(&text, ',').is_some() || (text.contains(',') && is_grouped(&text));
        let plain = text.trim_matches(['%', '€', '$', '£', ' ', '\u{a0}']);
        if comma {
            return self.refuse(
                format!("línea {line}: {text:?} en «{name}» no se lee como número; escribe `.decimal_comma()` si la coma es decimal o `.thousands(',')` si separa los miles"),
                format!("line {line}: {text:?} in `{name}` is not read as a number; write `.decimal_comma()` if the comma is a decimal one or `.thousands(',')` if it groups thousands"),
            );
        }
        if self.layout().numbers.decimal_comma && halves(&text, '.').is_some() {
            return self.refuse(
                format!("línea {line}: {text:?} en «{name}» tiene un punto y los demás números una coma; escribe `.thousands('.')` si el punto separa los miles"),
                format!("line {line}: {text:?} in `{name}` has a point and the other numbers have a comma; write `.thousands('.')` if the point groups thousands"),
            );
        }
        if plain.len() < text.len() {
            return self.refuse(
                format!("línea {line}: {text:?} en «{name}» tiene una unidad; quítala del archivo o escribe `.skip([{written}])`"),
                format!("line {line}: {text:?} in `{name}` has a unit; take it out of the file or write `.skip([{written}])`"),
            );
        }
        self.refuse(
            format!("línea {line}: {text:?} no es un número, y {numbers} valores de «{name}» lo son; escribe `.missing_words([{text:?}])` si significa que falta, o `.text([{written}])` si la columna es texto"),
            format!("line {line}: {text:?} is not a number, and {numbers} values of `{name}` are; write `.missing_words([{text:?}])` if it means that there is none, or `.text([{written}])` if the column is text"),
        )
    }

    fn check_missing(&mut self, features: &[Feature], target: &Target) -> Result<()> {
        let used = features.iter().map(|f| f.place).chain(target.places());
        let holes: Vec<(usize, usize)> = used
            .map(|place| (place, self.columns[place].missing))
            .filter(|(_, n)| *n > 0)
            .collect();
        if holes.is_empty() {
            return Ok(());
        }
        let list: Vec<String> = holes
            .iter()
            .map(|(place, n)| format!("{} {n}", self.name(*place)))
            .collect();
        let list = list.join(", ");
        let how = match self.table.missing {
            None | Some(Missing::Refuse) => {
                return self.refuse(
                    format!("faltan valores ({list}); escribe `.missing(Missing::Keep)` para rellenarlos después con `prepare()`, `.missing(Missing::Drop)` para quitar esas filas, o `.missing(Missing::Median)`"),
                    format!("there are missing values ({list}); write `.missing(Missing::Keep)` to fill them later with `prepare()`, `.missing(Missing::Drop)` to leave those rows out, or `.missing(Missing::Median)`"),
                );
            }
            Some(Missing::Drop) => ("esas filas se han quitado", "those rows were left out"),
            Some(Missing::Keep) => (
                "se quedan así hasta `prepare().fill(…)`",
                "they stay until `prepare().fill(…)`",
            ),
            Some(Missing::Mean) => (
                "en su lugar, la media de todo el archivo",
                "in their place the mean of the whole file",
            ),
            Some(Missing::Median) => (
                "en su lugar, la mediana de todo el archivo",
                "in their place the median of the whole file",
            ),
        };
        let how = say(how.0, how.1);
        self.notes.push(say(
            format!("faltan valores: {list}; {how}"),
            format!("missing: {list}; {how}"),
        ));
        if target
            .places()
            .iter()
            .any(|&place| self.columns[place].missing > 0)
            && self.table.missing != Some(Missing::Drop)
        {
            self.notes.push(
                say(
                    "las filas sin objetivo se han quitado",
                    "rows without a target were left out",
                )
                .to_owned(),
            );
        }
        Ok(())
    }
}
