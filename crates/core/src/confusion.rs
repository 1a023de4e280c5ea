//! Which class is taken for which.

use std::fmt;

use gradus_text::say;

/// How often each class was answered for each class. Made by [`Sequential::confusion`](crate::model::Sequential::confusion).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    pub(crate) counts: Vec<Vec<usize>>,
    pub(crate) names: Vec<String>,
}

impl ConfusionMatrix {
    /// A row for each class, a column for each answer.
    pub fn counts(&self) -> &[Vec<usize>] {
        &self.counts
    }

    /// The names of the classes, in order: their numbers where they have no others.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn diagonal(&self) -> impl Iterator<Item = usize> + '_ {
        self.counts.iter().enumerate().map(|(i, row)| row[i])
    }

    /// The fraction of all examples that is on the diagonal.
    pub fn accuracy(&self) -> f64 {
        let all: usize = self.counts.iter().flatten().sum();
        self.diagonal().sum::<usize>() as f64 / all.max(1) as f64
    }

    /// Of the examples of a class, the fraction that was found; `None` where there are none.
    pub fn recall(&self, class: usize) -> Option<f64> {
        let row = self.counts.get(class)?;
        let all: usize = row.iter().sum();
        (all > 0).then(|| row[class] as f64 / all as f64)
    }

    /// Of the answers of a class, the fraction that was right; `None` where there are none.
    pub fn precision(&self, class: usize) -> Option<f64> {
        let right = self.counts.get(class)?[class];
        let all: usize = self.counts.iter().map(|row| row[class]).sum();
        (all > 0).then(|| right as f64 / all as f64)
    }

    /// The most frequent mistake: the class, what was answered for it, and how often. `None` where all are right.
    pub fn worst(&self) -> Option<(usize, usize, usize)> {
        let rows = self.counts.iter().enumerate();
        rows.flat_map(|(label, row)| {
            let answers = row.iter().enumerate();
            answers.map(move |(answer, &count)| (label, answer, count))
        })
        .filter(|&(label, answer, count)| label != answer && count > 0)
        // The first of equals.
        .reduce(|best, next| if next.2 > best.2 { next } else { best })
    }

    /// What is to be seen, in one line.
    pub(crate) fn finding(&self) -> String {
        let right = format!(
            "{:.1} % {}",
            100.0 * self.accuracy(),
            say("de aciertos", "right")
        );
        match self.worst() {
            Some((label, answer, count)) => {
                let (label, answer) = (&self.names[label], &self.names[answer]);
                say(
                    format!("{right}; lo más confundido: {label} por {answer} ({count}×)"),
                    format!("{right}; most often {label} is taken for {answer} ({count}×)"),
                )
            }
            None => right,
        }
    }
}

impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let corner = say("clase \\ resp.", "class \\ answer");
        let longest = self.names.iter().map(|name| name.chars().count()).max();
        let (first, each) = (
            longest.unwrap_or(0).max(14),
            (longest.unwrap_or(0) + 2).max(6),
        );
        write!(f, "{}\n{corner:>first$}", self.finding())?;
        for name in &self.names {
            write!(f, "{name:>each$}")?;
        }
        let columns = [say("exhaust.", "recall"), say("precisión", "precision")];
        write!(f, "{:>9}{:>11}", columns[0], columns[1])?;
        let percent = |value: Option<f64>| match value {
            Some(value) => format!("{:.1} %", 100.0 * value),
            None => "-".to_owned(),
        };
        for (class, row) in self.counts.iter().enumerate() {
            write!(f, "\n{:>first$}", self.names[class])?;
            for count in row {
                write!(f, "{count:>each$}")?;
            }
            let (recall, precision) = (self.recall(class), self.precision(class));
            write!(f, "{:>9}{:>11}", percent(recall), percent(precision))?;
        }
        Ok(())
    }
}
