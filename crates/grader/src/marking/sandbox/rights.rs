//! The rights that a sandboxed command keeps: limits, files, system calls.

use std::{collections::BTreeMap, io};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, PathBeneath, PathFd,
    Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus, Scope,
};
use nix::sys::resource::{Resource, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

use super::Spec;

/// Processes and threads, where they are counted for the sandbox alone.
const PROCESSES: u64 = 128;
const OPEN_FILES: u64 = 256;

pub(super) fn no_core() -> io::Result<()> {
    Ok(setrlimit(Resource::RLIMIT_CORE, 0, 0)?)
}

/// Sets the limits.
pub(super) fn limit(spec: &Spec) -> io::Result<()> {
    no_core()?;
    let cpu = spec.cpu.parse().map_err(io::Error::other)?;
    // Who goes on after the signal is killed a second later.
    setrlimit(Resource::RLIMIT_CPU, cpu, cpu + 1)?;
    setrlimit(Resource::RLIMIT_AS, spec.memory, spec.memory)?;
    setrlimit(Resource::RLIMIT_FSIZE, spec.file_size, spec.file_size)?;
    setrlimit(Resource::RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)?;
    setrlimit(Resource::RLIMIT_MEMLOCK, 0, 0)?;
    setrlimit(Resource::RLIMIT_MSGQUEUE, 0, 0)?;
    // An ordinary user's other processes count too, but not in a namespace of users.
    if spec.user.is_some() || spec.namespaces {
        setrlimit(Resource::RLIMIT_NPROC, PROCESSES, PROCESSES)?;
    }
    Ok(())
}

/// Leaves only the files of the specification, no network, and no signals to others.
pub(super) fn see_files(spec: &Spec) -> Result<(), String> {
    let told = |e: landlock::RulesetError| e.to_string();
    // The newest that this was written against; an older kernel does what it can, and without Landlock nothing is started.
    let abi = ABI::V6;
    let read = AccessFs::from_read(abi);
    let write =
        AccessFs::from_all(abi) & !AccessFs::Execute & !AccessFs::MakeSock & !AccessFs::MakeFifo;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
        .and_then(|rules| rules.scope(Scope::from_all(abi)))
        .and_then(Ruleset::create)
        .map_err(told)?;
    for (paths, access) in [(&spec.readable, read), (&spec.writable, read | write)] {
        for path in paths {
            // What a machine does not have need not be there.
            let Ok(file) = PathFd::new(path) else {
                continue;
            };
            let access = match path.is_dir() {
                true => access,
                false => access & AccessFs::from_file(abi),
            };
            rules = rules
                .add_rule(PathBeneath::new(file, access))
                .map_err(told)?;
        }
    }
    let status = rules.restrict_self().map_err(told)?;
    match status.ruleset {
        RulesetStatus::NotEnforced => {
            Err("this kernel has it not, or it is switched off".to_owned())
        }
        _ if !status.no_new_privs => Err("privileges could still be gained".to_owned()),
        _ => Ok(()),
    }
}

/// Leaves the system calls that a program needs to compute, or those of a compiler.
pub(super) fn call_the_system(forks: bool) -> Result<(), String> {
    let told = |e: &dyn std::fmt::Display| e.to_string();
    let architecture = std::env::consts::ARCH
        .try_into()
        .map_err(|e: seccompiler::BackendError| told(&e))?;
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let mut filters = Vec::new();
    if forks {
        let refused = REFUSED.iter().map(|&call| (call, Vec::new()));
        filters.push(SeccompFilter::new(
            refused.collect(),
            SeccompAction::Allow,
            refuse,
            architecture,
        ));
    } else {
        // As if the kernel did not know it: the C library then takes `clone`, whose flags can be looked at.
        let unknown = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
        let absent = SeccompAction::Errno(libc::ENOSYS as u32);
        filters.push(SeccompFilter::new(
            unknown,
            SeccompAction::Allow,
            absent,
            architecture,
        ));
        // The last one: it refuses to add more.
        filters.push(SeccompFilter::new(
            allowed()?,
            refuse,
            SeccompAction::Allow,
            architecture,
        ));
    }
    for filter in filters {
        let filter = filter.map_err(|e| told(&e))?;
        let program: BpfProgram = filter
            .try_into()
            .map_err(|e: seccompiler::BackendError| told(&e))?;
        apply_filter(&program).map_err(|e| told(&e))?;
    }
    Ok(())
}

/// What a student's program may call: memory, threads, time, its three pipes, and what the loader needs.
fn allowed() -> Result<BTreeMap<i64, Vec<SeccompRule>>, String> {
    let told = |e: seccompiler::BackendError| e.to_string();
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().map(|&call| (call, Vec::new())).collect();
    #[cfg(target_arch = "x86_64")]
    calls.extend(ALLOWED_ON_X86.iter().map(|&call| (call, Vec::new())));
    // Threads, no processes.
    let thread = libc::CLONE_THREAD as u64;
    let is_thread = SeccompCondition::new(
        0,
        SeccompCmpArgLen::Qword,
        SeccompCmpOp::MaskedEq(thread),
        thread,
    );
    let is_thread = SeccompRule::new(vec![is_thread.map_err(told)?]).map_err(told)?;
    calls.insert(libc::SYS_clone, vec![is_thread]);
    // Signals to itself, such as that of `abort`.
    let own = u64::from(std::process::id());
    let to_itself = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, own);
    let to_itself = SeccompRule::new(vec![to_itself.map_err(told)?]).map_err(told)?;
    calls.insert(libc::SYS_tgkill, vec![to_itself]);
    Ok(calls)
}

const ALLOWED: &[i64] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_openat,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_lseek,
    libc::SYS_faccessat,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_fcntl,
    libc::SYS_dup,
    libc::SYS_ppoll,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_clone3, // see above
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_membarrier,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_getrusage,
    libc::SYS_prlimit64,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_restart_syscall,
    libc::SYS_execve, // of the program itself; Landlock lets it execute nothing else
    libc::SYS_exit,
    libc::SYS_exit_group,
];

#[cfg(target_arch = "x86_64")]
const ALLOWED_ON_X86: &[i64] = &[
    libc::SYS_arch_prctl,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_poll,
    libc::SYS_time,
];

/// What no compiler needs.
const REFUSED: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_kcmp,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_fanotify_init,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_personality,
    libc::SYS_setsid,
    libc::SYS_setpgid,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_quotactl,
    libc::SYS_mknodat,
    libc::SYS_memfd_create,
    libc::SYS_seccomp,
];
