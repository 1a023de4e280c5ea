//! What a program with unsafe code tries in the sandbox of a submission. A line for each thing that it could do.

use std::ffi::{c_long, c_void};

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

fn main() {
    let zero: c_long = 0;
    let path = c"/etc/passwd".as_ptr();
    let word = c"user".as_ptr();
    let parent = std::env::args().nth(1).and_then(|pid| pid.parse().ok()).unwrap_or(1);
    let mut buffer = [0_u8; 256];
    let space = buffer.as_mut_ptr().cast::<c_void>();
    let tried = |name: &str, number: c_long, a: c_long, b: c_long, c: c_long| {
        if unsafe { syscall(number, a, b, c, zero, zero, zero) } >= 0 {
            println!("{name}");
        }
    };
    let p = |pointer: *const i8| pointer as c_long;
    // Numbers of x86-64.
    tried("socket tcp", 41, 2, 1, 0);
    tried("socket udp", 41, 2, 2, 0);
    tried("socket unix", 41, 1, 1, 0);
    tried("socket raw", 41, 2, 3, 1);
    tried("socket packet", 41, 17, 3, 768);
    tried("socket netlink", 41, 16, 3, 0);
    tried("socketpair", 53, 1, 1, 0);
    tried("ptrace", 101, 0, 0, 0);
    tried("ptrace the parent", 101, 16, parent, 0);
    tried("process_vm_readv", 310, parent, space as c_long, 0);
    tried("kill", 62, parent, 0, 0);
    tried("kill all", 62, -1, 0, 0);
    tried("tkill", 200, parent, 0, 0);
    tried("tgkill", 234, parent, parent, 0);
    tried("pidfd_open", 434, parent, 0, 0);
    tried("add_key", 248, p(word), p(word), space as c_long);
    tried("keyctl", 250, 0, -3, 1);
    tried("request_key", 249, p(word), p(word), 0);
    tried("io_uring_setup", 425, 8, space as c_long, 0);
    tried("unshare user", 272, 0x1000_0000, 0, 0);
    tried("unshare mount", 272, 0x2_0000, 0, 0);
    tried("setns", 308, 0, 0, 0);
    tried("clone", 56, 17, 0, 0);
    tried("fork", 57, 0, 0, 0);
    tried("vfork", 58, 0, 0, 0);
    tried("clone3", 435, space as c_long, 88, 0);
    tried("mount", 165, p(word), p(path), p(word));
    tried("pivot_root", 155, p(path), p(path), 0);
    tried("chroot", 161, p(c"/".as_ptr()), 0, 0);
    tried("bpf", 321, 0, space as c_long, 256);
    tried("perf_event_open", 298, space as c_long, 0, -1);
    tried("userfaultfd", 323, 0, 0, 0);
    tried("memfd_create", 319, p(word), 0, 0);
    tried("setsid", 112, 0, 0, 0);
    tried("setpgid", 109, 0, 0, 0);
    tried("setuid", 105, 0, 0, 0);
    tried("personality", 135, 0x4_0000, 0, 0);
    tried("prctl", 157, 4, 1, 0);
    tried("seccomp", 317, 0, 0, 0);
    tried("landlock", 444, space as c_long, 0, 0);
    tried("open", 2, p(path), 0, 0);
    tried("openat", 257, -100, p(path), 0);
    tried("openat2", 437, -100, p(path), space as c_long);
    tried("creat", 85, p(c"made".as_ptr()), 0o644, 0);
    tried("mkdir", 83, p(c"made".as_ptr()), 0o755, 0);
    tried("symlink", 88, p(path), p(c"made".as_ptr()), 0);
    tried("unlink", 87, p(path), 0, 0);
    tried("chmod", 90, p(path), 0o777, 0);
    tried("shmget", 29, 0, 4096, 0o1600);
    tried("msgget", 68, 0, 0o1600, 0);
    tried("mq_open", 240, p(word), 0o102, 0o600);
    tried("inotify_init", 294, 0, 0, 0);
    tried("ioctl", 16, 0, 0x5412, space as c_long);
    tried("execve", 59, p(c"/bin/true".as_ptr()), 0, 0);
    // Descriptors that others have left.
    for fd in 3..1024 {
        tried(&format!("fcntl {fd}"), 72, fd, 1, 0);
    }
    println!("all was tried");
}
