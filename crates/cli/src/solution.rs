//! `gradus solution`: the reference, for the instructor.

use std::process::ExitCode;

use gradus_labs::{course, refuse};

#[derive(clap::Args)]
pub struct Args {
    /// The exercise, such as lab1.3
    exercise: String,
}

pub fn run(args: &Args) -> ExitCode {
    let course = match course() {
        Ok(course) => course,
        Err(problems) => return refuse(&problems),
    };
    match course.solution(&args.exercise) {
        Err(problem) => refuse(&[problem]),
        Ok(solutions) => {
            for (i, solution) in solutions.iter().enumerate() {
                if i > 0 {
                    println!();
                }
                // Helpers of their own stand outside of any function.
                let inside = solution.code.starts_with(' ');
                if inside {
                    println!("{}", solution.of);
                }
                print!("{}", solution.code);
                if inside {
                    println!("}}");
                }
            }
            ExitCode::SUCCESS
        }
    }
}
