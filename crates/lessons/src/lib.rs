//! The exercises of the lessons: a bank of questions that answer at once, and exercises on the chain rule made from a seed.

pub mod chain_rule;

pub mod lesson;
