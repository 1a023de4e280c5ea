//! An exercise as a program: it answers what is asked of its functions, and knows none of the right answers.
//!
//! A line of standard input is a [`Request`]. The answer is a line of standard output that begins with [`MARK`]; lines
//! without it are what the student's own code prints, and so they are known to belong to the call before the answer. The
//! program ends when its input does, even in the middle of a call: whoever asked is gone.

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    process::{ExitCode, exit},
    sync::mpsc,
};

use serde_json::{Value as Json, json};

use crate::{
    Question, Value,
    quietly::{Stop, quietly},
};

/// A file in `programs` of a lab: the exercise's file and its functions, then the files that it builds on with what it takes of them.
///
/// ```ignore
/// gradus_exercise::program! {
///     lab1, e3_gradients: quadratic_gradient, cross_entropy_gradient;
///     e1_sigmoid: sigmoid, sigmoid_prime;
///     e2_costs: softmax;
/// }
/// ```
///
/// A question about a function of another name says which: `train_digits(train)`.
#[macro_export]
macro_rules! program {
    (@ask $file:ident $asked:ident) => {{
        use exercises::$file::$asked;
        questions::$asked($asked)
    }};
    (@ask $file:ident $asked:ident $($function:ident)+) => {{
        use exercises::{$($function),+};
        questions::$asked($($function),+)
    }};
    (
        $lab:ident, $file:ident: $($asked:ident $(($($function:ident),+))?),+;
        $($other:ident: $($used:ident),+;)*
    ) => {
        #[allow(unused_imports)]
        use $lab::{given, questions};

        // An exercise need not use all that it could.
        #[allow(dead_code, unused_imports)]
        #[path = "../src/exercises"]
        mod exercises {
            $(mod $other;)*
            pub mod $file;
            $(pub use $other::{$($used),+};)*
            pub use $file::*;
        }

        fn main() -> std::process::ExitCode {
            $crate::program::main(vec![
                $($crate::program!(@ask $file $asked $($($function)+)?)),+
            ])
        }
    };
}

/// The first character of a line that is not the student's: ASCII's record separator.
pub(crate) const MARK: char = '\x1e';

/// The `main` of an exercise: its functions, each bound to the question about it.
pub fn main(questions: Vec<Question>) -> ExitCode {
    let answer = |name: &str, input: &Value| {
        let question = questions.iter().find(|question| question.name == name)?;
        Some(question.answer(input))
    };
    serve(std::io::stdin(), &answer, || exit(0))
}

/// Answers what is asked on each line of `requests` until there is no more, and then leaves, even in the middle of a call. `answer`
/// has none for a question that it does not know.
pub(crate) fn serve(
    requests: impl Read + Send + 'static,
    answer: &dyn Fn(&str, &Value) -> Option<Value>,
    leave: fn() -> !,
) -> ExitCode {
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(requests).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
        leave();
    });
    for line in lines {
        let Some((name, input)) = parse(&line) else {
            eprintln!("this is no request: {line}");
            return ExitCode::from(2);
        };
        let reply = match quietly(|| answer(&name, &input)) {
            Ok(Some(answer)) => json!({ "answer": answer.to_json() }),
            Ok(None) => json!({ "panic": format!("the program has no question `{name}`") }),
            Err(Stop::NotDone(id)) => json!({ "todo": id }),
            Err(Stop::Panic(message)) => json!({ "panic": plain_paths(&message) }),
            Err(Stop::Ended(complaint)) => {
                json!({ "panic": complaint.says.map(|says| says.en) })
            }
        };
        // Nobody can be told when nobody listens.
        let _ = writeln!(std::io::stderr(), "\n{MARK}");
        let mut out = std::io::stdout();
        if writeln!(out, "\n{MARK}{reply}")
            .and_then(|()| out.flush())
            .is_err()
        {
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// The line that asks `question` for its answer to `input`.
pub(crate) fn request(question: &str, input: &Value) -> String {
    format!(
        "{}\n",
        json!({ "question": question, "input": input.to_json() })
    )
}

fn parse(line: &str) -> Option<(String, Value)> {
    let request: Json = serde_json::from_str(line).ok()?;
    let name = request["question"].as_str()?.to_owned();
    Some((name, Value::from_json(request.get("input")?)))
}

/// The paths of the student's files as the student knows them: a program names them by the way from its own.
pub(crate) fn plain_paths(text: &str) -> String {
    text.replace("programs/../", "")
        .replace(r"programs\..\", "")
}
