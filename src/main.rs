//! The command line: see `ossicle --help`.

use ossicle::bytes::escape::shown;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Result<Vec<String>, _> = std::env::args_os().skip(1).map(|word| word.into_string()).collect();
    match words {
        Ok(words) => ExitCode::from(ossicle::cli::run(&words)),
        Err(word) => {
            let word = shown(word.as_encoded_bytes());
            ossicle::cli::remark(&format!(
                "ossicle: {word}: names that are not UTF-8 cannot be given; rename it, or name a folder around it"
            ));
            ExitCode::from(2)
        }
    }
}
