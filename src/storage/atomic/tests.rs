//! Atomic writing: which files are replaced, written to, or refused; and no temporary file is left behind.

use super::*;
use std::string::{String, ToString};

/// A folder that is removed again.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ossicle-atomic-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names in it, sorted.
    fn names(&self) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = fs::read_dir(&self.0).unwrap().map(name).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_is_replaced_and_nothing_is_left_beside_it() {
    let folder = Folder::new("replaced");
    let path = folder.path("a.bin");
    for bytes in [&b"old"[..], b"new", b""] {
        probe(&[&path]).unwrap();
        write(&path, bytes).unwrap();
        probe(&[&path]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(folder.names(), ["a.bin"]);
    }
}

#[test]
fn folders_and_missing_folders_are_refused() {
    let folder = Folder::new("folders");
    fs::create_dir(folder.path("b")).unwrap();
    for name in ["b", "b/", "b/.", "b/..", "new/", "new/."] {
        let error = write(&folder.path(name), b"x").unwrap_err();
        assert!(matches!(error.cause, Cause::Folder), "{name}: {error}");
        assert!(matches!(probe(&[&folder.path(name)]).unwrap_err().cause, Cause::Folder), "{name}");
    }
    for name in ["no/a", "no/such/a"] {
        for error in [write(&folder.path(name), b"x").unwrap_err(), probe(&[&folder.path(name)]).unwrap_err()] {
            assert!(matches!(error.cause, Cause::System(Step::Create, _)), "{error}");
            assert!(error.to_string().starts_with(&format!("{}: ", folder.path(name).display())), "{error}");
        }
    }
    assert_eq!(folder.names(), ["b"]);
}

#[test]
fn names_are_as_long_as_the_system_allows() {
    let folder = Folder::new("names");
    let name = "n".repeat(255);
    write(&folder.path(&name), b"x").unwrap();
    assert_eq!(folder.names(), [name]);
    assert!(probe(&[&folder.path(&"n".repeat(256))]).is_err());
}

#[test]
fn several_files_are_written_or_none() {
    let folder = Folder::new("several");
    let (a, b, c) = (folder.path("a"), folder.path("b"), folder.path("no/c"));
    write_all(&[(&a, b"old"), (&b, b"old")]).unwrap();
    let error = write_all(&[(&a, b"new"), (&b, b"new"), (&c, b"new")]).unwrap_err();
    assert!(error.path == c && error.written.is_empty(), "{error}");
    assert!([&a, &b].iter().all(|path| fs::read(path).unwrap() == b"old"));
    let again = folder.path(".").join("a");
    assert!(matches!(write_all(&[(&a, b"new"), (&again, b"new")]).unwrap_err().cause, Cause::Twice));
    assert_eq!((folder.names(), fs::read(&a).unwrap()), (["a", "b"].map(String::from).to_vec(), b"old".to_vec()));
}

#[test]
fn a_panic_leaves_no_temporary_file() {
    let folder = Folder::new("panic");
    let target = Target { path: folder.path("a"), old: None };
    let panicked = std::panic::catch_unwind(|| {
        let _temporary = Temporary::create(&target);
        assert_eq!(folder.names().len(), 1);
        std::panic::resume_unwind(std::boxed::Box::new(()));
    });
    assert!(panicked.is_err() && folder.names().is_empty());
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
    use std::process::Command;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn permissions_stay() {
        let folder = Folder::new("mode");
        let (path, plain) = (folder.path("a"), folder.path("plain"));
        write(&path, b"old").unwrap();
        fs::write(&plain, b"").unwrap();
        assert_eq!(mode(&path), mode(&plain));
        for bits in [0o600, 0o644, 0o666, 0o755, 0o200] {
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
            write(&path, b"new").unwrap();
            assert_eq!(mode(&path), bits, "{bits:o}");
        }
    }

    #[test]
    fn the_temporary_file_of_a_private_file_is_private() {
        let folder = Folder::new("private");
        let path = folder.path("a");
        fs::write(&path, b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let Ok(Destination::File(target)) = Destination::of(&path) else { panic!("a regular file") };
        let temporary = Temporary::create(&target).unwrap();
        assert_eq!(mode(&temporary.path), 0o600);
    }

    #[test]
    fn a_file_that_may_not_be_written_is_refused() {
        let folder = Folder::new("read-only");
        let path = folder.path("a");
        fs::write(&path, b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        if OpenOptions::new().write(true).open(&path).is_ok() {
            return; // the superuser may write to any file
        }
        for error in [write(&path, b"new").unwrap_err(), probe(&[&path]).unwrap_err()] {
            assert!(matches!(error.cause, Cause::System(Step::Open, _)), "{error}");
        }
        assert_eq!((fs::read(&path).unwrap(), folder.names().len()), (b"old".to_vec(), 1));
    }

    #[test]
    fn the_owner_stays() {
        let folder = Folder::new("owner");
        let path = folder.path("a");
        fs::write(&path, b"old").unwrap();
        if std::os::unix::fs::chown(&path, Some(12345), Some(54321)).is_err() {
            return; // the superuser alone may give a file away
        }
        write(&path, b"new").unwrap();
        let data = fs::metadata(&path).unwrap();
        assert_eq!((data.uid(), data.gid(), fs::read(&path).unwrap()), (12345, 54321, b"new".to_vec()));
    }

    #[test]
    fn a_hard_link_is_refused_with_a_remedy() {
        let folder = Folder::new("hard-link");
        let (a, b) = (folder.path("a"), folder.path("b"));
        fs::write(&a, b"old").unwrap();
        fs::hard_link(&a, &b).unwrap();
        for error in [write(&a, b"new").unwrap_err(), probe(&[&a]).unwrap_err()] {
            assert!(
                matches!(error.cause, Cause::HardLinks(2)) && error.to_string().contains("remove this name"),
                "{error}"
            );
        }
        assert_eq!((fs::read(&a).unwrap(), folder.names().len()), (b"old".to_vec(), 2));
        fs::remove_file(&b).unwrap();
        write(&a, b"new").unwrap();
    }

    #[test]
    fn symbolic_links_stay_and_are_followed() {
        let folder = Folder::new("links");
        fs::create_dir(folder.path("d")).unwrap();
        fs::write(folder.path("d/file"), b"old").unwrap();
        symlink("d/file", folder.path("relative")).unwrap();
        symlink("../relative", folder.path("d/chain")).unwrap();
        symlink(folder.path("d/chain"), folder.path("absolute")).unwrap();
        symlink("d/new", folder.path("dangling")).unwrap();
        for name in ["relative", "d/chain", "absolute"] {
            probe(&[&folder.path(name)]).unwrap();
            write(&folder.path(name), name.as_bytes()).unwrap();
            assert!(folder.path(name).is_symlink() && !folder.path("d/file").is_symlink());
            assert_eq!(fs::read(folder.path("d/file")).unwrap(), name.as_bytes());
        }
        write(&folder.path("dangling"), b"new").unwrap();
        assert!(folder.path("dangling").is_symlink());
        assert_eq!(fs::read(folder.path("d/new")).unwrap(), b"new");
        // Two names of one file are one file.
        let both = [(&*folder.path("relative"), &b"x"[..]), (&*folder.path("absolute"), b"y")];
        assert!(matches!(write_all(&both).unwrap_err().cause, Cause::Twice));

        symlink("circle", folder.path("circle")).unwrap();
        symlink("no/where", folder.path("lost")).unwrap();
        symlink("d", folder.path("folder")).unwrap();
        symlink("new/", folder.path("new-folder")).unwrap();
        let error = write(&folder.path("circle"), b"x").unwrap_err().to_string();
        assert!(error.contains("symbolic links"), "{error}");
        let error = write(&folder.path("lost"), b"x").unwrap_err();
        assert!(matches!(error.cause, Cause::System(Step::Create, _)), "{error}");
        for name in ["folder", "new-folder"] {
            assert!(matches!(write(&folder.path(name), b"x").unwrap_err().cause, Cause::Folder), "{name}");
        }
        assert_eq!(folder.names().len(), 8, "{:?}", folder.names());
    }

    #[test]
    fn a_fifo_is_written_to() {
        let folder = Folder::new("fifo");
        let path = folder.path("fifo");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        // Nobody reads yet, and nothing waits for that.
        probe(&[&path]).unwrap();
        let reader = {
            let path = path.clone();
            std::thread::spawn(move || fs::read(path).unwrap())
        };
        write(&path, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(fs::metadata(&path).unwrap().file_type().is_fifo() && folder.names().len() == 1);
    }

    #[test]
    fn a_device_is_written_to() {
        let folder = Folder::new("device");
        let (null, full) = (folder.path("null"), folder.path("full"));
        let made = |path: &Path, minor: &str| {
            let output = Command::new("mknod").arg(path).args(["c", "1", minor]).output();
            output.is_ok_and(|output| output.status.success()) && OpenOptions::new().write(true).open(path).is_ok()
        };
        if !made(&null, "3") || !made(&full, "7") {
            return; // the superuser alone may make devices, and not everywhere
        }
        write(&null, b"away").unwrap();
        probe(&[&full]).unwrap();
        // The regular file waits until the device took its bytes.
        let neighbor = folder.path("neighbor");
        let error = write_all(&[(&neighbor, b"x"), (&full, b"x")]).unwrap_err();
        assert!(matches!(error.cause, Cause::System(Step::Write, _)) && error.path == full, "{error}");
        assert!(fs::metadata(&null).unwrap().file_type().is_char_device() && folder.names() == ["full", "null"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_file_is_appended_to() {
        use std::os::fd::AsRawFd;
        let folder = Folder::new("open");
        let path = folder.path("a");
        fs::write(&path, b"old ").unwrap();
        let file = OpenOptions::new().append(true).open(&path).unwrap();
        let inode = file.metadata().unwrap().ino();
        write(Path::new(&format!("/dev/fd/{}", file.as_raw_fd())), b"new").unwrap();
        assert_eq!((fs::read(&path).unwrap(), fs::metadata(&path).unwrap().ino()), (b"old new".to_vec(), inode));
    }
}
