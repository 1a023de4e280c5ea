//! Parts that somebody made, such as an activation, by number and by name.
//!
//! A part is a number among those of its kind, so that what holds one stays small and can be copied; in a file it is its name.
//! Parts are never freed.

use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};

/// A part that somebody made: its number among those of its kind. As small as a number, so that an [`Activation`](crate::Activation) stays one word.
pub struct Custom<P>(u32, PhantomData<fn() -> P>);

/// A part and its name.
#[doc(hidden)]
pub struct Named<P> {
    name: String,
    part: P,
}

/// What can be a [`Custom`] part.
pub trait Part: Sized + Sync + 'static {
    /// Those that were made, in their order.
    #[doc(hidden)]
    fn made() -> &'static Mutex<Vec<&'static Named<Self>>>;
}

/// A kind of part: the list of those that were made.
macro_rules! part {
    ($part:ty) => {
        impl $crate::registry::Part for $part {
            fn made() -> &'static std::sync::Mutex<Vec<&'static $crate::registry::Named<Self>>> {
                static MADE: std::sync::Mutex<Vec<&'static $crate::registry::Named<$part>>> =
                    std::sync::Mutex::new(Vec::new());
                &MADE
            }
        }
    };
}

pub(crate) use part;

impl<P: Part> Custom<P> {
    pub(crate) fn new(name: impl Into<String>, part: P) -> Custom<P> {
        let name = name.into();
        let mut made = P::made().lock().unwrap_or_else(PoisonError::into_inner);
        made.push(Box::leak(Box::new(Named { name, part })));
        Custom::number(made.len() - 1)
    }

    /// The one of this name that was made last.
    pub(crate) fn find(name: &str) -> Option<Custom<P>> {
        let made = P::made().lock().unwrap_or_else(PoisonError::into_inner);
        let number = made.iter().rposition(|named| named.name == name);
        number.map(Custom::number)
    }

    fn number(number: usize) -> Custom<P> {
        let number = u32::try_from(number).expect("memory ends long before");
        Custom(number, PhantomData)
    }

    fn named(self) -> &'static Named<P> {
        let made = P::made().lock().unwrap_or_else(PoisonError::into_inner);
        made[self.0 as usize]
    }

    /// Loops ask for it once: it takes a lock.
    pub(crate) fn part(self) -> &'static P {
        &self.named().part
    }

    /// What it was called when it was made.
    pub fn name(self) -> &'static str {
        &self.named().name
    }
}

impl<P> Clone for Custom<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Custom<P> {}

impl<P: Part> fmt::Debug for Custom<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<P> PartialEq for Custom<P> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<P> Eq for Custom<P> {}

impl<P: Part> Serialize for Custom<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}

impl<'de, P: Part> Deserialize<'de> for Custom<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Custom::find(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("nothing is called {name}")))
    }
}

/// Run what somebody wrote; a panic (a shape that dfdx refuses) becomes an error that names the part.
pub(crate) fn attempt(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or(payload.downcast_ref::<&str>().copied());
        let message = message.unwrap_or_default();
        Err(Error::misuse((
            format!("{name} falla con un batch de prueba: {message}"),
            format!("{name} fails on a batch to try it: {message}"),
        )))
    })
}
