// The part of Gradus that lives inside the process that runs the cells, and that every cell is linked against. The
// student's own rustc compiles it, as a dynamic library: only code that shares the cells' standard library shares its
// panic hook, its buffer of standard output and the types of the variables.
//
// It keeps the variables between cells, shows the value of a cell, and tells how the cell ended. Reports are lines on
// standard output or error that start with U+001E and `gradus `, see `wire.rs`.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::future::{Future, poll_fn};
use std::io::Write;
use std::marker::PhantomData;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, Location, PanicHookInfo};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{LocalKey, Thread, ThreadId};
use std::time::Duration;

static VARIABLES: LazyLock<OfTheCells<HashMap<String, Box<dyn Any>>>> =
    LazyLock::new(|| OfTheCells::new(HashMap::new()));
/// What the running cell has kept: the name, and whether it is `Copy`.
static KEPT: OfTheCells<Vec<(&'static str, bool)>> = OfTheCells::new(Vec::new());
/// The variables of earlier cells that the running cell has taken.
static TAKEN: OfTheCells<Vec<&'static str>> = OfTheCells::new(Vec::new());

/// The type of a variable, where the compiler writes it down: variable number `N` of the cell is a `T`.
pub struct Kept<const N: usize, T: ?Sized>(PhantomData<fn() -> Box<T>>);

/// Keeps a variable for later cells.
#[inline(never)]
pub fn keep<const N: usize, T: 'static>(name: &'static str, is_copy: bool, value: T) -> Kept<N, T> {
    put(name, is_copy, Box::new(value));
    Kept(PhantomData)
}

/// Keeps a variable that the cell may have given away: there is a copy of it if its type has copies.
#[inline(never)]
pub fn keep_copy<const N: usize, T: 'static>(name: &'static str, value: Option<T>) -> Kept<N, T> {
    if let Some(value) = value {
        put(name, true, Box::new(value));
    }
    Kept(PhantomData)
}

/// Only has the type of a value written down.
#[inline(never)]
pub fn type_of<const N: usize, T: ?Sized>(_: &T) -> Kept<N, T> {
    Kept(PhantomData)
}

/// Puts back a variable of an earlier cell, unless the cell has made a new one of that name.
pub fn give_back<T: 'static>(name: &'static str, value: T) {
    // Its end is the student's code, which may use other variables.
    drop(put_back(name, Box::new(value)));
}

/// Whether the variables of earlier cells are there with these types, so that all of them can be taken. If not, the cell
/// has ended.
#[inline(never)]
pub fn ready(wanted: &[(&'static str, TypeId)]) -> bool {
    begin();
    TAKEN.with_borrow_mut(|taken| taken.extend(wanted.iter().map(|(name, _)| *name)));
    let type_of = |name: &str| VARIABLES.with_borrow(|variables| variables.get(name).map(|value| (**value).type_id()));
    let lost = wanted.iter().find(|(name, type_id)| type_of(name) != Some(*type_id));
    let Some((name, _)) = lost else {
        return true;
    };
    // It has another type than the notes said.
    let value = VARIABLES.with_borrow_mut(|variables| variables.remove(*name));
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| -> Result<(), CellError> {
        drop(value);
        not_there(name)
    }));
    end(outcome.ok());
    false
}

/// Takes a variable of an earlier cell, which is `ready`.
pub fn take<T: 'static>(name: &str) -> T {
    match take_out(name).downcast() {
        Ok(value) => *value,
        Err(_) => not_there(name),
    }
}

// Where the type of a variable cannot be written, a closure has it that is never called.

/// A value of a type, in code that never runs.
pub fn never<T>() -> T {
    unreachable!("only its type is of interest")
}

/// A value of the type that the closure would give.
pub fn like<T, E>(_: &impl FnOnce() -> Result<T, E>) -> T {
    never()
}

/// That type.
pub fn id_like<T: 'static, E>(_: &impl FnOnce() -> Result<T, E>) -> TypeId {
    TypeId::of::<T>()
}

/// Takes a variable of that type, or a copy of it where it is `Copy`: that is told when it is put back.
pub fn take_like<T: 'static, E>(name: &str, _: &impl FnOnce() -> Result<T, E>) -> T {
    take(name)
}

// What follows does not depend on the type of a variable, so the compiler has nothing to do for it in a cell: that is
// most of the time that a short cell takes.

#[inline(never)]
fn put_back(name: &'static str, value: Box<dyn Any>) -> Option<Box<dyn Any>> {
    LEFT.with_borrow_mut(|left| left.retain(|(other, _)| other != name));
    VARIABLES.with_borrow_mut(|variables| match variables.contains_key(name) {
        true => Some(value),
        false => variables.insert(name.to_owned(), value),
    })
}

#[inline(never)]
fn take_out(name: &str) -> Box<dyn Any> {
    let value = VARIABLES.with_borrow_mut(|variables| variables.remove(name));
    LEFT.with_borrow_mut(|left| left.push((name.to_owned(), Left::Nothing)));
    value.unwrap_or_else(|| not_there(name))
}

#[cold]
#[inline(never)]
fn not_there(name: &str) -> ! {
    match is_spanish() {
        true => panic!("la variable `{name}` ya no está: ejecuta otra vez la celda que la crea"),
        false => panic!("the variable `{name}` is not there any more: run the cell that makes it again"),
    }
}

#[inline(never)]
fn put(name: &'static str, is_copy: bool, value: Box<dyn Any>) {
    drop(VARIABLES.with_borrow_mut(|variables| variables.insert(name.to_owned(), value)));
    KEPT.with_borrow_mut(|kept| kept.push((name, is_copy)));
}

/// Asks a type whether it is `Copy`: `(&&Probe(&x)).is_copy()` finds the first trait that fits.
pub struct Probe<'a, T>(pub &'a T);

pub trait Copies<T> {
    fn is_copy(&self) -> bool;
    fn copied(&self) -> Option<T>;
}

impl<T: Copy> Copies<T> for &Probe<'_, T> {
    fn is_copy(&self) -> bool {
        true
    }
    fn copied(&self) -> Option<T> {
        Some(*self.0)
    }
}

pub trait Moves<T> {
    fn is_copy(&self) -> bool;
    fn copied(&self) -> Option<T>;
}

impl<T> Moves<T> for Probe<'_, T> {
    fn is_copy(&self) -> bool {
        false
    }
    fn copied(&self) -> Option<T> {
        None
    }
}

/// A value with a method `evcxr_display` of its own shows itself; any other `Debug` type is shown by this.
pub trait ShowDebug {
    fn evcxr_display(&self);
}

impl<T: std::fmt::Debug + ?Sized> ShowDebug for &T {
    fn evcxr_display(&self) {
        show_debug(self);
    }
}

/// And what is not even that is named.
pub trait ShowName {
    fn evcxr_display(&mut self);
}

impl<T: ?Sized> ShowName for &T {
    fn evcxr_display(&mut self) {
        let name = type_name::<T>();
        let words = if is_spanish() { "enseñaría más" } else { "would show more" };
        show_text(&format!("<{name}: #[derive(Debug)] {words}>"));
    }
}

/// The name of a type, as a student knows it.
pub fn type_name<T: ?Sized>() -> String {
    std::any::type_name::<T>().replace("notebook::", "")
}

/// The same without the paths of its parts.
pub fn short_type_name<T: ?Sized>() -> String {
    let mut short = String::new();
    for part in std::any::type_name::<T>().split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
        short.push_str(part.rsplit("::").next().unwrap_or_default());
    }
    short
}

/// The kernel says in which language it speaks.
pub fn is_spanish() -> bool {
    std::env::var("GRADUS_LANG").is_ok_and(|language| language == "es")
}

#[inline(never)]
fn show_debug(value: &dyn std::fmt::Debug) {
    let text = format!("{value:?}");
    match records_html(&text, value) {
        Some(html) => show_forms(&[("text/html", &html), ("text/plain", &text)]),
        None => show_text(&text),
    }
}

/// Shows a value as text.
pub fn show_text(text: &str) {
    show_forms(&[("text/plain", text)]);
}

/// What there is to say about many numbers in one line, in Spanish or English, and the first of them.
pub fn describe(spanish: bool, shape: &str, values: &[f64]) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let std = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let words = match spanish {
        true => ["forma", "media", "desviación típica", "mínimo", "máximo"],
        false => ["shape", "mean", "standard deviation", "minimum", "maximum"],
    };
    let mut text = format!("{} {shape}", words[0]);
    if !values.is_empty() {
        for (word, value) in words[1..].iter().zip([mean, std, min, max]) {
            text.push_str(&format!(", {word} {value:.4}"));
        }
    }
    let odd = values.iter().filter(|value| !value.is_finite()).count();
    if odd > 0 {
        text.push_str(&format!(", {odd} NaN/∞"));
    }
    let first: Vec<String> = values.iter().take(8).map(|value| format!("{value:.4}")).collect();
    let rest = if values.len() > first.len() { ", …" } else { "" };
    println!("{text}\n[{}{rest}]", first.join(", "));
}

/// What `?` makes of an error: its text, those of its causes, and the place.
pub struct CellError {
    chain: Vec<String>,
    place: &'static Location<'static>,
}

impl<E: Into<Box<dyn Error>>> From<E> for CellError {
    #[track_caller]
    fn from(error: E) -> CellError {
        CellError { chain: chain(&*error.into()), place: Location::caller() }
    }
}

/// What `?` makes of any error that has `Debug`, with what it borrows: for cells whose errors are no `Error`.
pub struct AnyCellError(CellError);

impl<E: std::fmt::Debug> From<E> for AnyCellError {
    #[track_caller]
    fn from(error: E) -> AnyCellError {
        AnyCellError(CellError { chain: vec![format!("{error:?}")], place: Location::caller() })
    }
}

/// What `?` makes of any error that has `Display`, for cells whose errors have no `Debug`.
pub struct ShownCellError(CellError);

impl<E: std::fmt::Display> From<E> for ShownCellError {
    #[track_caller]
    fn from(error: E) -> ShownCellError {
        ShownCellError(CellError { chain: vec![error.to_string()], place: Location::caller() })
    }
}

/// A result whose error a `?` would not take: what it says is enough. `Told(Some(result)).gradus_told()` finds the first trait
/// that fits.
pub struct Told<R>(pub Option<R>);

pub trait TellsDisplay {
    type Told;
    fn gradus_told(self) -> Self::Told;
}

impl<T, E: std::fmt::Display> TellsDisplay for Told<Result<T, E>> {
    type Told = Result<T, Words>;
    fn gradus_told(mut self) -> Result<T, Words> {
        told(&mut self.0, |error| error.to_string())
    }
}

pub trait TellsDebug {
    type Told;
    fn gradus_told(self) -> Self::Told;
}

impl<T, E: std::fmt::Debug> TellsDebug for &mut Told<Result<T, E>> {
    type Told = Result<T, Words>;
    fn gradus_told(self) -> Result<T, Words> {
        told(&mut self.0, |error| format!("{error:?}"))
    }
}

fn told<T, E>(result: &mut Option<Result<T, E>>, text: impl Fn(E) -> String) -> Result<T, Words> {
    match result.take() {
        Some(result) => result.map_err(|error| Words(text(error))),
        None => Err(Words(String::new())),
    }
}

/// The text of an error.
pub struct Words(String);

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Words {}

/// How a cell can end besides.
pub trait Ends {
    fn into_error(self) -> CellError;
}

impl Ends for CellError {
    fn into_error(self) -> CellError {
        self
    }
}

impl Ends for ShownCellError {
    fn into_error(self) -> CellError {
        self.0
    }
}

impl Ends for AnyCellError {
    fn into_error(self) -> CellError {
        self.0
    }
}

/// How the cell wants errors shown: by `Debug` 1, over several lines 2.
static SHOWN_ERRORS: AtomicU32 = AtomicU32::new(0);

/// The format of errors of this cell.
pub fn show_errors(format: u32) {
    SHOWN_ERRORS.store(format, Ordering::Relaxed);
}

/// The text of an error and of its causes.
#[inline(never)]
fn chain(error: &dyn Error) -> Vec<String> {
    match SHOWN_ERRORS.load(Ordering::Relaxed) {
        1 => return vec![format!("{error:?}")],
        2 => return vec![format!("{error:#?}")],
        _ => (),
    }
    let mut chain: Vec<String> = Vec::new();
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        // Many say the text of their cause in their own.
        if !chain.iter().any(|before| before.contains(&text)) {
            chain.push(text);
        }
        cause = error.source();
    }
    chain
}

/// Runs the statements of a cell. It owns nothing from outside, so the compiler names what it moves.
pub fn run<E: Ends>(mut cell: impl FnMut() -> Result<(), E>) -> Option<Result<(), CellError>> {
    run_once(&mut cell)
}

/// Runs the statements of a cell that owns some of the old variables.
pub fn run_once<E: Ends>(cell: impl FnOnce() -> Result<(), E>) -> Option<Result<(), CellError>> {
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(cell)).ok()?;
    Some(outcome.map_err(E::into_error))
}

/// A `thread_local!` that all cells share. No constant: the compiler must not take what stands in a cell for what stands in
/// the first one.
pub struct Local<T: 'static>(std::cell::UnsafeCell<LocalKey<T>>);

// SAFETY: nobody writes to it.
unsafe impl<T> Sync for Local<T> {}

impl<T> Local<T> {
    pub const fn new(key: LocalKey<T>) -> Local<T> {
        Local(std::cell::UnsafeCell::new(key))
    }
}

impl<T> std::ops::Deref for Local<T> {
    type Target = LocalKey<T>;

    fn deref(&self) -> &LocalKey<T> {
        // SAFETY: see above.
        unsafe { &*self.0.get() }
    }
}

/// Values that all cells share, each made once.
static SHARED: Mutex<Vec<(&'static str, &'static (dyn Any + Send + Sync))>> = Mutex::new(Vec::new());

/// The value of this name, which lives as long as the process.
pub fn shared<T: Any + Send + Sync>(name: &'static str, make: impl FnOnce() -> T) -> &'static T {
    let mut values = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = values.iter().find_map(|(known, value)| match *known == name {
        true => value.downcast_ref::<T>(),
        false => None,
    });
    known.unwrap_or_else(|| {
        let value: &'static T = Box::leak(Box::new(make()));
        values.push((name, value));
        value
    })
}

/// Runs a future to its end, in this thread: for cells that wait where no library brings something better.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// What wakes a cell that waits for a future, when the user wants it to end.
#[derive(Default)]
struct Interruption {
    is_asked: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

/// A future that unwinds when the user wants the cell to end.
pub async fn until_interrupted<T>(future: impl Future<Output = T>) -> T {
    let interruption = Arc::new(Interruption::default());
    let watched = Arc::downgrade(&interruption);
    let file = std::env::var_os("GRADUS_INTERRUPT").map(PathBuf::from);
    let _ = std::thread::Builder::new().name("gradus-interrupt".to_owned()).spawn(move || {
        // Until the future has ended.
        while let Some(interruption) = watched.upgrade() {
            if file.as_ref().is_some_and(|file| file.exists()) {
                interruption.is_asked.store(true, Ordering::SeqCst);
            }
            let waker = interruption.waker.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if interruption.is_asked.load(Ordering::SeqCst)
                && let Some(waker) = waker
            {
                waker.wake();
            }
            drop(interruption);
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let mut future = pin!(future);
    poll_fn(|context| {
        *interruption.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
        if interruption.is_asked.load(Ordering::SeqCst) {
            // No panic that anybody should read about.
            std::panic::resume_unwind(Box::new("interrupted"));
        }
        future.as_mut().poll(context)
    })
    .await
}

unsafe extern "C" {
    fn dladdr(address: *const (), found: *mut LibraryOf) -> i32;
    fn dlopen(file: *const std::ffi::c_char, flags: i32) -> *mut ();
}

/// `Dl_info` of the C library.
#[repr(C)]
struct LibraryOf {
    file: *const std::ffi::c_char,
    others: [*const (); 3],
}

/// Makes the statics of the cell with this function those of all later cells: these have the same names for them.
#[inline(never)]
pub fn share(here: *const ()) {
    const NOW: i32 = 2;
    const ALREADY_LOADED: i32 = if cfg!(target_os = "macos") { 0x10 } else { 4 };
    const FOR_ALL: i32 = if cfg!(target_os = "macos") { 8 } else { 0x100 };
    let mut found = LibraryOf { file: std::ptr::null(), others: [std::ptr::null(); 3] };
    // SAFETY: as the C libraries of Linux and macOS declare them; the cell stays loaded for good.
    unsafe {
        if dladdr(here, &mut found) != 0 && !found.file.is_null() {
            dlopen(found.file, NOW | ALREADY_LOADED | FOR_ALL);
        }
    }
}

/// The cell begins.
#[inline(never)]
pub fn begin() {
    KEPT.with_borrow_mut(Vec::clear);
    show_errors(0);
    TAKEN.with_borrow_mut(Vec::clear);
    CELLS.fetch_add(1, Ordering::Relaxed);
}

/// The cell has ended, and its variables are back.
pub fn end(outcome: Option<Result<(), CellError>>) {
    LEFT.with_borrow_mut(Vec::clear);
    let mut report = String::from("\u{1e}gradus {\"outcome\":{");
    match outcome {
        None => report.push_str("\"panicked\":true"),
        Some(Ok(())) => report.push_str("\"panicked\":false"),
        Some(Err(error)) => {
            report.push_str("\"panicked\":false,\"error\":{\"chain\":[");
            for (index, text) in error.chain.iter().enumerate() {
                report.push_str(if index == 0 { "" } else { "," });
                push_json_string(&mut report, text);
            }
            report.push_str("],\"file\":");
            push_json_string(&mut report, error.place.file());
            report.push_str(&format!(",\"line\":{}}}", error.place.line()));
        }
    }
    report.push_str(",\"kept\":{");
    KEPT.with_borrow(|kept| {
        for (index, (name, is_copy)) in kept.iter().enumerate() {
            report.push_str(if index == 0 { "" } else { "," });
            push_json_string(&mut report, name);
            report.push_str(&format!(":{is_copy}"));
        }
    });
    report.push_str("},\"missing\":[");
    TAKEN.with_borrow(|taken| {
        let is_there = |name: &str| VARIABLES.with_borrow(|variables| variables.contains_key(name));
        for (index, name) in taken.iter().filter(|name| !is_there(name)).enumerate() {
            report.push_str(if index == 0 { "" } else { "," });
            push_json_string(&mut report, name);
        }
    });
    report.push_str("]}}\n");
    let _ = std::io::stdout().write_all(report.as_bytes());
}

/// The file that says where the cell is, for the kernel if the cell does not come to its end, and how many there were.
static PLACE: OnceLock<Option<File>> = OnceLock::new();
static CELLS: AtomicU32 = AtomicU32::new(0);

/// The statement that starts at this byte of the cell comes next.
#[inline(never)]
pub fn at(byte: u32) {
    poll();
    let file = PLACE.get_or_init(|| {
        let beside = PathBuf::from(std::env::var_os("GRADUS_INTERRUPT")?);
        File::create(beside.with_extension("place")).ok()
    });
    if let Some(file) = file {
        let count = CELLS.load(Ordering::Relaxed);
        let _ = file.write_all_at(&[byte.to_le_bytes(), count.to_le_bytes()].concat(), 0);
    }
}

/// Which stream was written to last, 1 or 2; before the cells run nobody asks.
static LAST_STREAM: AtomicI32 = AtomicI32::new(0);
/// The thread that writes to a stream now.
static WRITER: AtomicUsize = AtomicUsize::new(0);
/// Said on a stream before the other one goes on.
const TURN: &[u8] = b"\x1egradus {\"turn\":null}\n";

#[repr(C)]
struct Bytes {
    start: *const u8,
    length: usize,
}

unsafe extern "C" {
    fn writev(descriptor: i32, parts: *const Bytes, count: i32) -> isize;
}

/// Stands in front of the C library's `write`, so that what goes to two streams can be read in one order.
///
/// # Safety
/// As there: `length` bytes can be read at `start`.
#[cfg(target_os = "linux")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(descriptor: i32, start: *const u8, length: usize) -> isize {
    // `writev` is that of the C library.
    let put = |descriptor, start, length| unsafe { writev(descriptor, &Bytes { start, length }, 1) };
    if !matches!(descriptor, 1 | 2) || LAST_STREAM.load(Ordering::Relaxed) == 0 {
        return put(descriptor, start, length);
    }
    let is_ours = begin_to_write();
    if is_ours && LAST_STREAM.swap(descriptor, Ordering::Relaxed) != descriptor {
        put(3 - descriptor, TURN.as_ptr(), TURN.len());
    }
    let written = put(descriptor, start, length);
    if is_ours {
        WRITER.store(0, Ordering::Release);
    }
    written
}

/// Waits for the other threads that write, but not for ever; `false` for a signal that interrupts a write of its thread.
#[cfg(target_os = "linux")]
fn begin_to_write() -> bool {
    thread_local! {
        static HERE: u8 = const { 0 };
    }
    let me = HERE.with(|here| std::ptr::from_ref(here).addr());
    for _ in 0..50 {
        match WRITER.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(writer) if writer == me => return false,
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    // Who holds it waits for a reader, or has ended.
    WRITER.store(me, Ordering::Release);
    true
}

static CELL_THREAD: Mutex<Option<ThreadId>> = Mutex::new(None);

/// Called by the thread that will run the cells.
#[unsafe(no_mangle)]
pub extern "C" fn gradus_runtime_start() {
    let before = CELL_THREAD.lock().map(|mut id| id.replace(std::thread::current().id()));
    if before.is_ok_and(|id| id.is_some()) {
        return;
    }
    std::panic::set_hook(Box::new(report_panic));
    LAST_STREAM.store(1, Ordering::Relaxed);
    // What `print!` leaves without a line end is shown soon, not at the next line end.
    let _ = std::thread::Builder::new().name("gradus-flush".to_owned()).spawn(|| loop {
        std::thread::sleep(Duration::from_millis(40));
        let _ = std::io::stdout().flush();
        FLUSHES.fetch_add(1, Ordering::Relaxed);
    });
}

/// Called after each cell.
#[unsafe(no_mangle)]
pub extern "C" fn gradus_runtime_flush() {
    let _ = std::io::stdout().flush();
}

fn report_panic(info: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let in_cell = CELL_THREAD.lock().is_ok_and(|id| *id == Some(thread.id()));
    let message = info.payload_as_str().unwrap_or("(the panic carries no message)");
    let (file, line, column) = info
        .location()
        .map_or(("", 0, 0), |location| (location.file(), location.line(), location.column()));
    let mut report = String::from("\u{1e}gradus {\"panic\":{\"message\":");
    push_json_string(&mut report, message);
    report.push_str(",\"file\":");
    push_json_string(&mut report, file);
    report.push_str(",\"thread\":");
    push_json_string(&mut report, thread.name().unwrap_or("?"));
    report.push_str(&format!(",\"line\":{line},\"column\":{column},\"in_cell\":{in_cell}}}}}\n"));
    let _ = std::io::stderr().write_all(report.as_bytes());
}

fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}
