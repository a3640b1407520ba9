//! The program `ossicle`: hands its arguments to [`ossicle::cli`]. See `ossicle --help`.

use ossicle::bytes::escape::shown;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Result<Vec<String>, _> = std::env::args_os().skip(1).map(|arg| arg.into_string()).collect();
    match args {
        Ok(args) => ExitCode::from(ossicle::cli::run(&args)),
        Err(arg) => {
            let arg = shown(arg.as_encoded_bytes());
            ossicle::cli::remark(&format!(
                "ossicle: {arg}: this argument is not valid UTF-8; rename the file, or name a folder that contains it"
            ));
            ExitCode::from(2)
        }
    }
}
