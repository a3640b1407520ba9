//! Atomic writing: a file is written completely or not at all.
//!
//! Overwriting a file in place empties it first and then fills it: a full disk or a kill in between loses both the old
//! bytes and the new ones. So the new bytes go to a temporary file in the same folder and are synced to the disk, and
//! the temporary file is then renamed to the target (POSIX `rename` is atomic). Whoever opens the name finds the old
//! file or the new one, never a part of one, even after a power failure.
//!
//! # What is replaced
//! - **A regular file** is replaced. Permission bits, owner and group stay. Access control lists and extended
//!   attributes do not. A new file has the permissions that the umask leaves of 0666.
//! - **A file that cannot be opened for writing** is refused, even if its folder would allow replacing it.
//! - **A file with several hard links** is refused: the replacement would be a separate file, and the other names would
//!   keep the old bytes. A file whose owner or group cannot be given to the replacement is refused too.
//! - **A symbolic link** stays. The file that it points to is replaced, or created if it does not exist.
//! - **A device, a FIFO, a socket, an open file under /proc** (`/dev/stdout`) is opened and written to, never replaced.
//!   A FIFO waits for its reader, as it does for `cat`. An open file is appended to, so that nothing in it is lost.
//! - **A folder** is refused.
//!
//! # The temporary file
//! It is called `.ossicle-XXXXXXXXXXXXXXXX.tmp`, with 16 random hexadecimal digits. The name stays short however long
//! the target's name is, and nobody can guess it and plant a link there. The file is created exclusively. If it
//! replaces a file, only its owner can read it until it takes over that file's owner, group and permissions, before the
//! first byte is written. It is removed on every error, and when a panic unwinds. A killed process leaves it behind; it
//! can be deleted.
//!
//! # Several files
//! [`write_all`] writes all temporary files before the first one takes its name. So a full disk leaves all files as
//! they were. No system renames several files at once: after a kill or a failure between two renames, some files are
//! new and some are old, each of them whole; if a rename failed, the error lists the new ones.
//!
//! Source: T. Pillai et al., All File Systems Are Not Created Equal (OSDI 2014), on which of these steps are needed to
//! survive a power failure.

use crate::bytes::path::shown_path;
use std::collections::hash_map::RandomState;
use std::format;
use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::vec::Vec;
use std::{error, fmt};

/// Linux follows at most 40 links; a longer chain is a loop that was created after the path was examined.
const MOST_LINKS: usize = 64;

/// Temporary names to try. A random name is already taken with a probability of about 2⁻⁶⁴.
const MOST_NAMES: usize = 16;

/// A file that was not written: which, and why not.
#[derive(Debug)]
pub struct WriteError {
    /// The file, as the caller named it.
    pub path: PathBuf,
    /// Why it was not written.
    pub cause: Cause,
    /// The files of the same [`write_all`] that were written before.
    pub written: Vec<PathBuf>,
}

/// Why a file was not written.
#[derive(Debug)]
pub enum Cause {
    /// It is a folder.
    Folder,
    /// It has this many hard links; a replacement would have only one.
    HardLinks(u64),
    /// It belongs to another user or group, and the system does not let a replacement belong to them.
    Owner(io::Error),
    /// It is named twice in one group.
    Twice,
    /// The system refused a step.
    System(Step, io::Error),
}

/// A step of writing a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What is there is examined, and opened for writing.
    Open,
    /// The temporary file is created.
    Create,
    /// The bytes are written.
    Write,
    /// The bytes are forced to the disk.
    Sync,
    /// The temporary file takes the name.
    Rename,
    /// The new name is forced to the disk.
    SyncFolder,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", shown_path(&self.path), self.cause)?;
        for (i, path) in self.written.iter().enumerate() {
            write!(f, "{}{}", if i == 0 { "; already written: " } else { ", " }, shown_path(path))?;
        }
        Ok(())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Folder => write!(f, "this is a folder; the name of a file was expected"),
            Cause::HardLinks(links) => write!(
                f,
                "this file has {links} hard links, and the others would keep the old contents; remove this name first, \
                 or write to another name"
            ),
            Cause::Owner(error) => write!(
                f,
                "this file belongs to another user or group, and its replacement cannot be given to them ({error}); \
                 remove it first, or write to another name"
            ),
            Cause::Twice => write!(f, "two files would be written to this name"),
            Cause::System(step, error) => {
                let step = match step {
                    Step::Open => "opening it for writing",
                    Step::Create => "creating a temporary file in its folder",
                    Step::Write => "writing it",
                    Step::Sync => "syncing it to the disk",
                    Step::Rename => "renaming the temporary file",
                    Step::SyncFolder => "syncing its folder to the disk; the file itself is complete",
                };
                write!(f, "{error} ({step})")
            }
        }
    }
}

impl error::Error for WriteError {}

impl Cause {
    fn of(self, path: &Path) -> WriteError {
        WriteError { path: path.into(), cause: self, written: Vec::new() }
    }
}

/// An error of the system in this step.
fn in_step(step: Step) -> impl Fn(io::Error) -> Cause {
    move |error| Cause::System(step, error)
}

/// Writes a file, in place of one that may be there.
///
/// # Errors
/// See [`Cause`]. An existing file is unchanged, unless only the last step failed ([`Step::SyncFolder`]) or it is not a
/// regular file.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write_all(&[(path, bytes)])
}

/// Writes several files, in place of those that may be there: as far as the file system allows, all or none.
///
/// # Errors
/// See [`Cause`]. If a temporary file cannot be written, no file is changed. If a stream or a rename fails, the error
/// lists the files already written. If syncing a folder fails, all files are new, and the error lists none.
pub fn write_all(files: &[(&Path, &[u8])]) -> Result<(), WriteError> {
    let (mut targets, mut named, mut streams) = (Vec::new(), Vec::new(), Vec::new());
    for &(path, bytes) in files {
        match Destination::distinct(path, &targets)? {
            Destination::Stream { appended } => streams.push((path, bytes, appended)),
            Destination::File(target) => {
                targets.push(target);
                named.push((path, bytes));
            }
        }
    }
    let mut temporaries = Vec::new();
    for (target, (path, bytes)) in targets.iter().zip(&named) {
        let temporary = Temporary::create(target).and_then(|temporary| temporary.fill(bytes));
        temporaries.push(temporary.map_err(|cause| cause.of(path))?);
    }
    let mut written: Vec<PathBuf> = Vec::new();
    for (path, bytes, appended) in streams {
        match write_stream(path, bytes, appended) {
            Ok(()) => written.push(path.into()),
            Err(cause) => return Err(WriteError { written, ..cause.of(path) }),
        }
    }
    for ((temporary, target), &(path, _)) in temporaries.into_iter().zip(&targets).zip(&named) {
        match temporary.rename(&target.path) {
            Ok(()) => written.push(path.into()),
            Err(cause) => return Err(WriteError { written, ..cause.of(path) }),
        }
    }
    for (target, (path, _)) in targets.iter().zip(&named) {
        if let Err(error) = sync_folder(target.folder()) {
            return Err(Cause::System(Step::SyncFolder, error).of(path));
        }
    }
    Ok(())
}

/// Tries beforehand whether [`write_all`] can write these files: creates a temporary file for each, and removes it. The
/// files themselves are untouched. A device or FIFO is not opened: that could block forever, or start a device.
///
/// # Errors
/// As [`write_all`], but for what only the bytes can show, such as a full disk.
pub fn probe(paths: &[&Path]) -> Result<(), WriteError> {
    let mut targets: Vec<Target> = Vec::new();
    for &path in paths {
        if let Destination::File(target) = Destination::distinct(path, &targets)? {
            Temporary::create(&target).map_err(|cause| cause.of(path))?;
            targets.push(target);
        }
    }
    Ok(())
}

/// Where the bytes go.
enum Destination {
    /// A regular file, which may not be there yet.
    File(Target),
    /// Anything else that can be written to.
    Stream {
        /// Whether it is a regular file that somebody holds open.
        appended: bool,
    },
}

/// A regular file to be replaced or created.
struct Target {
    /// Its name, which is no symbolic link.
    path: PathBuf,
    /// The file that is there.
    old: Option<Metadata>,
}

impl Destination {
    /// The destination of a file; an error if it is one of `others`.
    fn distinct(path: &Path, others: &[Target]) -> Result<Self, WriteError> {
        match Self::of(path) {
            Ok(Destination::File(target)) if others.iter().any(|other| other.is(&target)) => Err(Cause::Twice),
            destination => destination,
        }
        .map_err(|cause| cause.of(path))
    }

    fn of(path: &Path) -> Result<Self, Cause> {
        let failed = in_step(Step::Open);
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => return Err(Cause::Folder),
            Ok(data) if !data.is_file() => return Ok(Destination::Stream { appended: false }),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut path = path.to_path_buf();
        for _ in 0..MOST_LINKS {
            match fs::symlink_metadata(&path) {
                Ok(data) if data.is_symlink() => {
                    // The links of /proc/self/fd are open files, which may have no name.
                    if fs::canonicalize(folder_of(&path)).is_ok_and(|folder| folder.starts_with("/proc")) {
                        return Ok(Destination::Stream { appended: true });
                    }
                    path = folder_of(&path).join(fs::read_link(&path).map_err(&failed)?);
                }
                Ok(_) => {
                    let old = examine(&path)?;
                    return Ok(Destination::File(Target { path, old: Some(old) }));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    // `a/` and `a/.` name a folder, and `Path` takes them for `a`.
                    let name = path.file_name().ok_or(Cause::Folder)?;
                    if !path.as_os_str().as_encoded_bytes().ends_with(name.as_encoded_bytes()) {
                        return Err(Cause::Folder);
                    }
                    return Ok(Destination::File(Target { path, old: None }));
                }
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(io::Error::other("too many symbolic links")))
    }
}

impl Target {
    fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    /// Whether two targets are one file.
    fn is(&self, other: &Target) -> bool {
        let folder = |target: &Target| fs::canonicalize(target.folder()).ok();
        self.path.file_name() == other.path.file_name() && folder(self) == folder(other)
    }
}

/// The folder that a name stands in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A regular file that can be replaced: it could be opened for writing as well, and nothing is lost with it.
fn examine(path: &Path) -> Result<Metadata, Cause> {
    let file = OpenOptions::new().write(true).open(path);
    let data = file.and_then(|file| file.metadata()).map_err(in_step(Step::Open))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if data.nlink() > 1 {
            return Err(Cause::HardLinks(data.nlink()));
        }
    }
    Ok(data)
}

/// Gives a new file the owner, group and permissions of an old one.
#[cfg(unix)]
fn inherit(file: &File, old: &Metadata) -> Result<(), Cause> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    const PERMISSIONS: u32 = 0o777;
    let new = file.metadata().map_err(in_step(Step::Create))?;
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid())).map_err(Cause::Owner)?;
    }
    // Some file systems have the same permissions for all files, and refuse to set them.
    if old.mode() & PERMISSIONS != new.mode() & PERMISSIONS {
        let permissions = fs::Permissions::from_mode(old.mode() & PERMISSIONS);
        file.set_permissions(permissions).map_err(in_step(Step::Create))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn inherit(_: &File, _: &Metadata) -> Result<(), Cause> {
    Ok(())
}

/// A file that is removed unless it takes its name.
struct Temporary {
    path: PathBuf,
    /// Open until all is written.
    file: Option<File>,
    is_renamed: bool,
}

impl Temporary {
    /// An empty file in the folder of the target.
    fn create(target: &Target) -> Result<Self, Cause> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(if target.old.is_some() { 0o600 } else { 0o666 });
        }
        let mut tries = 0;
        let temporary = loop {
            // The keys of a `RandomState` come from the system's random numbers.
            let path =
                target.folder().join(format!(".ossicle-{:016x}.tmp", RandomState::new().build_hasher().finish()));
            tries += 1;
            match options.open(&path) {
                Ok(file) => break Temporary { path, file: Some(file), is_renamed: false },
                Err(error) if error.kind() == ErrorKind::AlreadyExists && tries < MOST_NAMES => {}
                Err(error) => return Err(Cause::System(Step::Create, error)),
            }
        };
        if let (Some(file), Some(old)) = (&temporary.file, &target.old) {
            inherit(file, old)?;
        }
        Ok(temporary)
    }

    /// Writes the bytes, forces them to the disk, and closes the file.
    fn fill(mut self, bytes: &[u8]) -> Result<Self, Cause> {
        if let Some(mut file) = self.file.take() {
            let written = file.write_all(bytes).map_err(in_step(Step::Write));
            let synced = written.and_then(|()| file.sync_all().map_err(in_step(Step::Sync)));
            drop(file);
            synced?;
        }
        Ok(self)
    }

    fn rename(mut self, path: &Path) -> Result<(), Cause> {
        fs::rename(&self.path, path).map_err(in_step(Step::Rename))?;
        self.is_renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Some systems remove no open file.
        self.file = None;
        if !self.is_renamed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes to what is no regular file, or to one that somebody holds open.
fn write_stream(path: &Path, bytes: &[u8], appended: bool) -> Result<(), Cause> {
    let mut options = OpenOptions::new();
    let mut stream = options.write(true).append(appended).open(path).map_err(in_step(Step::Open))?;
    stream.write_all(bytes).map_err(in_step(Step::Write))?;
    unless_unsupported(stream.sync_all()).map_err(in_step(Step::Sync))
}

/// Forces a folder's names to the disk, where that can be done: a folder that may not be read cannot be opened.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder) {
        Ok(folder) => unless_unsupported(folder.sync_all()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

/// The result of forcing something to the disk that is perhaps not on one.
fn unless_unsupported(result: io::Result<()>) -> io::Result<()> {
    let is_unsupported = |kind| matches!(kind, ErrorKind::InvalidInput | ErrorKind::Unsupported);
    result.or_else(|error| if is_unsupported(error.kind()) { Ok(()) } else { Err(error) })
}

#[cfg(test)]
mod tests;
