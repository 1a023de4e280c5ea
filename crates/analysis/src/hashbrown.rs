// Stands for the crate of this name below the standard library, whose source need not be on this machine: the fields of
// `std::collections::HashMap` and its kind have types, so rust-analyzer knows the types of all that is made of them.

pub enum TryReserveError {
    CapacityOverflow,
    AllocError { layout: core::alloc::Layout },
}

pub mod hash_map {
    use core::marker::PhantomData;

    pub struct HashMap<K, V, S, A>(PhantomData<(K, V, S, A)>);
    pub struct Iter<'a, K, V>(PhantomData<&'a (K, V)>);
    pub struct IterMut<'a, K, V>(PhantomData<&'a mut (K, V)>);
    pub struct IntoIter<K, V, A>(PhantomData<(K, V, A)>);
    pub struct Drain<'a, K, V, A>(PhantomData<&'a mut (K, V, A)>);
    pub struct ExtractIf<'a, K, V, F, A>(PhantomData<(&'a mut (K, V, A), F)>);
    pub enum RustcEntry<'a, K, V, A> {
        Occupied(RustcOccupiedEntry<'a, K, V, A>),
        Vacant(RustcVacantEntry<'a, K, V, A>),
    }
    pub struct RustcOccupiedEntry<'a, K, V, A>(PhantomData<&'a mut (K, V, A)>);
    pub struct RustcVacantEntry<'a, K, V, A>(PhantomData<&'a mut (K, V, A)>);
}

pub mod hash_set {
    use core::marker::PhantomData;

    pub struct HashSet<T, S, A>(PhantomData<(T, S, A)>);
    pub struct Iter<'a, T>(PhantomData<&'a T>);
    pub struct IntoIter<T, A>(PhantomData<(T, A)>);
    pub struct Drain<'a, T, A>(PhantomData<&'a mut (T, A)>);
    pub struct ExtractIf<'a, T, F, A>(PhantomData<(&'a mut (T, A), F)>);
    pub enum Entry<'a, T, S, A> {
        Occupied(OccupiedEntry<'a, T, S, A>),
        Vacant(VacantEntry<'a, T, S, A>),
    }
    pub struct OccupiedEntry<'a, T, S, A>(PhantomData<&'a mut (T, S, A)>);
    pub struct VacantEntry<'a, T, S, A>(PhantomData<&'a mut (T, S, A)>);
}
