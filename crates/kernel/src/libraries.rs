//! The libraries of a session: built when a `:dep` line asks for them, beside those that are there.

use std::time::{Duration, Instant};

use toml::{Table, Value};

use crate::cells::kit::{self, Built, Kit, Workshop};
use crate::failure::{Failure, FailureKind};
use crate::folders::nearest_cargo_lock;
use crate::run::Watch;
use crate::{Language, Output, Session, hints};

/// More is not spent before each cell to see whether the libraries were edited.
const LONGEST_LOOK: Duration = Duration::from_millis(20);

impl Session {
    /// Makes the libraries that the `:dep` lines name usable.
    pub(crate) fn build_libraries(
        &mut self,
        watch: &mut Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        if self.dependencies.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        let lock = self.kit_lock.clone();
        let result = self.build_those_that_can_be(watch, show);
        if let Some((_, before)) = &mut self.kit_before {
            *before = lock;
        }
        // Its time is not the cell's.
        watch.wait_longer(began.elapsed());
        result
    }

    fn build_those_that_can_be(
        &mut self,
        watch: &Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        let known = self.kit.as_ref().map(|kit| kit.dependencies.clone());
        let known = known.unwrap_or_default();
        let mut failure = None;
        loop {
            match self.try_libraries(watch, show)? {
                Built::Kit(kit) => {
                    if let Err(failure) = self.take_kit(*kit) {
                        self.dependencies = known;
                        return Err(failure);
                    }
                    break;
                }
                Built::Stopped => {
                    self.dependencies = known;
                    return Err(watch.stopped_while_compiling());
                }
                Built::Failed(said) => {
                    // What cannot be built is not asked for again; what came with it is.
                    let is_to_blame = |name: &String| {
                        !known.contains_key(name) && said.contains(&format!("`{name}`"))
                    };
                    let names: Vec<String> = self.dependencies.keys().cloned().collect();
                    let (blamed, left): (Vec<String>, Vec<String>) =
                        names.into_iter().partition(is_to_blame);
                    let first = failure.get_or_insert_with(|| cannot_be_built(&said));
                    let goes_on =
                        !blamed.is_empty() && left.iter().any(|name| !known.contains_key(name));
                    if !goes_on {
                        self.dependencies = known;
                        return Err(first.clone());
                    }
                    self.dependencies.retain(|name, _| left.contains(name));
                }
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Libraries in folders that were edited are built anew. Where that cannot be done, the cell goes on with what there is,
    /// and it is said.
    pub(crate) fn follow_edits(
        &mut self,
        watch: &mut Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        let begin = Instant::now();
        let edited = match &self.kit {
            Some(kit) if !self.no_edits => kit.edited(),
            _ => None,
        };
        self.no_edits |= begin.elapsed() > LONGEST_LOOK;
        let Some(edited) = edited.filter(|now| self.edits_left.as_ref() != Some(now)) else {
            return Ok(());
        };
        let Err(failure) = self.build_libraries(watch, show) else {
            return Ok(());
        };
        if watch.wants_an_end() {
            return Err(failure);
        }
        self.edits_left = Some(edited);
        let words = Language::current().pick(
            "una biblioteca ha cambiado, y sigue en uso como era: ",
            "a library was edited, and is still used as it was: ",
        );
        show(Output::Stderr(format!("{words}{}\n", failure.message)));
        Ok(())
    }

    fn try_libraries(
        &mut self,
        watch: &Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<Built, Failure> {
        let toolchain = self.compiler.toolchain.clone();
        let lock = self.lock();
        let mut workshop = Workshop {
            toolchain: &toolchain,
            cache: &self.cache,
            lock: lock.clone(),
            is_offline: self.switches.is_offline,
            is_local: true,
            environment: &self.compiler.environment,
            stop: &|| watch.is_interrupted(),
            progress: &mut |words| show(Output::Progress(words.to_owned())),
        };
        let built = workshop.kit(&self.dependencies);
        let built =
            built.map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?;
        if let Built::Kit(_) = built {
            self.kit_lock = lock;
        }
        Ok(built)
    }

    /// The versions to start from: those in use, and beside them those of the notebook's `Cargo.lock`, or where it has
    /// none of the library's, which was made with those.
    fn lock(&self) -> Option<String> {
        if let Some(kit) = &self.kit
            && kit.dependencies == self.dependencies
        {
            return self.kit_lock.clone();
        }
        let beside =
            || kit::folders(&self.dependencies).find_map(|folder| nearest_cargo_lock(&folder));
        let file = self.cargo_lock.clone().or_else(beside);
        let given = file.and_then(|file| std::fs::read_to_string(file).ok());
        let used = self.kit.as_ref().and_then(Kit::lock);
        match (used, given) {
            (Some(used), Some(given)) => merged(&used, &given).or(Some(used)),
            (used, given) => used.or(given),
        }
    }

    /// Uses other libraries from now on, unless variables are made of what is different in them.
    fn take_kit(&mut self, kit: Kit) -> Result<(), Failure> {
        if let Some(old) = &self.kit
            && old.id != kit.id
        {
            let lost = self.scope.made_of_libraries(&kit.changed_since(old));
            if !lost.is_empty() {
                return Err(Failure::new(FailureKind::Compile, would_lose(&lost)));
            }
        }
        let is_other = self.kit.as_ref().is_none_or(|old| old.id != kit.id);
        let old = self.kit.replace(kit);
        if is_other {
            self.kit_before = Some((old, None));
        }
        Ok(())
    }

    /// Goes back to the libraries before this cell: those that it names cannot be loaded.
    pub(crate) fn forget_new_libraries(&mut self) {
        if let Some((kit, lock)) = self.kit_before.take() {
            let known = kit.as_ref().map(|kit| kit.dependencies.clone());
            self.dependencies = known.unwrap_or_default();
            (self.kit, self.kit_lock) = (kit, lock);
        }
    }
}

fn cannot_be_built(said: &str) -> Failure {
    let words = Language::current().pick(
        "las bibliotecas no se pueden construir",
        "the libraries cannot be built",
    );
    let mut failure = Failure::new(
        FailureKind::Compile,
        format!("{words}:\n{}", the_point(said)),
    );
    if let Some(hint) = hints::for_build(said) {
        let line = hints::line(&hint, Language::current());
        failure.traceback.push(line);
    }
    failure
}

/// The last lines of what a build said: those of a script are for cargo, or about what it tries.
fn the_point(said: &str) -> String {
    const LINES: usize = 40;
    let is_for_cargo = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("cargo:") || line.starts_with("cargo::")
    };
    let lines: Vec<&str> = said.lines().filter(|line| !is_for_cargo(line)).collect();
    let (head, rest) = lines.split_at(lines.len().min(4));
    let left_out = rest.len().saturating_sub(LINES);
    let mut all = head.to_vec();
    if left_out > 0 {
        all.push("…");
    }
    all.extend(&rest[left_out..]);
    all.join("\n")
}

/// The packages of one lock, and those of another whose names it has not.
fn merged(first: &str, second: &str) -> Option<String> {
    let mut lock: Table = toml::from_str(first).ok()?;
    let other: Table = toml::from_str(second).ok()?;
    if lock.get("version") != other.get("version") {
        return None;
    }
    let packages = |lock: &Table| lock.get("package")?.as_array().cloned();
    let name = |package: &Value| package.get("name").cloned();
    let mut all = packages(&lock)?;
    let known: Vec<_> = all.iter().map(name).collect();
    let more = packages(&other)?.into_iter();
    all.extend(more.filter(|package| !known.contains(&name(package))));
    lock.insert("package".to_owned(), Value::Array(all));
    toml::to_string(&lock).ok()
}

/// Other libraries would take the variables along that are made of those before.
fn would_lose(names: &[String]) -> String {
    let names = names.join(", ");
    match Language::current() {
        Language::Es => format!(
            "cambiarían bibliotecas de las que están hechas estas variables, que se perderían: {names}.\n\
             No se ha cambiado nada. Para seguir sin ellas, ejecuta antes `:clear`; si no, pon el `:dep` en \
             la primera celda y reinicia el kernel."
        ),
        Language::En => format!(
            "libraries that these variables are made of would change, and the variables would be lost: {names}.\n\
             Nothing was changed. To go on without them, run `:clear` first; else put the `:dep` into \
             the first cell and restart the kernel."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_in_use_go_before_others() {
        let package = |name: &str, version: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n")
        };
        let used = format!("version = 4\n{}", package("a", "1.0.0"));
        let given = format!(
            "version = 4\n{}{}{}",
            package("a", "2.0.0"),
            package("b", "1.0.0"),
            package("b", "2.0.0")
        );
        let lock: Table = toml::from_str(&merged(&used, &given).unwrap()).unwrap();
        let found: Vec<String> = lock["package"]
            .as_array()
            .unwrap()
            .iter()
            .map(|package| format!("{} {}", package["name"], package["version"]))
            .map(|text| text.replace('"', ""))
            .collect();
        assert_eq!(found, ["a 1.0.0", "b 1.0.0", "b 2.0.0"]);
    }
}
