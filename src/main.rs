//! The program `ossicle`: hands its arguments to [`ossicle::cli`]. See `ossicle --help`.

use ossicle::cli::arguments::brief;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args: Vec<String> = Vec::new();
    for arg in std::env::args_os().skip(1) {
        match arg.into_string() {
            Ok(arg) => args.push(arg),
            Err(arg) => {
                let option = args.last().filter(|last| last.starts_with("--"));
                let option = option.map_or(String::new(), |option| format!("{} ", brief(option)));
                let arg = brief(arg.as_encoded_bytes());
                ossicle::cli::remark(&format!(
                    "ossicle: {option}{arg}: this argument is not valid UTF-8; \
                     if it names a file, rename the file, or name a folder that contains it"
                ));
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::from(ossicle::cli::run(&args))
}
