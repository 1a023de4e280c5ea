/// The memory that this machine can still give, in KiB; `None` where it does not tell.
#[cfg(target_os = "linux")]
pub fn memory_left() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The memory that this machine can still give, in KiB; `None` where it does not tell.
#[cfg(target_os = "macos")]
pub fn memory_left() -> Option<u64> {
    // What `memory_pressure` prints: the part that is free or can be had, in percent.
    let percent: u32 = value_of(c"kern.memorystatus_level")?;
    let bytes: u64 = value_of(c"hw.memsize")?;
    Some(bytes / 1024 * u64::from(percent.min(100)) / 100)
}

#[cfg(target_os = "macos")]
#[allow(unsafe_code)] // a system call
fn value_of<T: Copy + Default>(name: &std::ffi::CStr) -> Option<T> {
    let mut value = T::default();
    let mut size = size_of::<T>();
    let place = (&raw mut value).cast();
    // SAFETY: the place has so many bytes, and any bytes are a number.
    let failed =
        unsafe { libc::sysctlbyname(name.as_ptr(), place, &raw mut size, std::ptr::null_mut(), 0) };
    (failed == 0 && size == size_of::<T>()).then_some(value)
}

/// The memory that this machine can still give, in KiB; `None` where it does not tell, as here.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn memory_left() -> Option<u64> {
    None
}
