//! rust-analyzer, with one package read in.

use std::collections::HashSet;
use std::path::Path;

use crossbeam_channel::Receiver;
use ra_ap_ide::{
    Analysis, AnalysisHost, CallableSnippets, CompletionConfig, CompletionFieldsToResolve,
    CompletionItem, CompletionItemKind, FileId, FilePosition, FileRange, HoverConfig,
    HoverDocFormat, RaFixtureConfig, SubstTyLen, SymbolKind, TextRange, TextSize,
};
use ra_ap_ide_db::imports::insert_use::{ImportGranularity, InsertUseConfig, PrefixKind};
use ra_ap_ide_db::{ChangeWithProcMacros, SnippetCap};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::project;

pub struct Engine {
    host: AnalysisHost,
    /// The file that questions are about.
    file: FileId,
    /// Something was asked since it was tidied up.
    is_untidy: bool,
}

#[derive(Debug, Deserialize)]
pub struct Question {
    pub number: u64,
    items: String,
    code: String,
    at: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Completion,
    Documentation,
}

/// One thing that can stand at a place in the code.
#[derive(Debug, Serialize)]
pub struct Match {
    /// The code.
    code: String,
    /// As Jupyter calls it: `function`, `instance`, ...
    kind: &'static str,
    /// Its type.
    label: String,
}

/// The function that a cell becomes; it is no name that anybody wants.
const CELL: &str = "__gradus_cell";

/// For what a chain of generic calls asks of the compiler; nothing of it is used until then.
const STACK: usize = 16 << 20;

impl Engine {
    /// Reads a package in, with its dependencies: seconds.
    pub fn load(folder: &Path) -> Result<Engine, String> {
        let (database, file) = project::load(folder)?;
        let mut engine = Engine {
            host: AnalysisHost::with_database(database),
            file,
            is_untidy: false,
        };
        // Whatever is asked first needs what this one makes it find out: all the traits, and who has them.
        let code = "String::new().".to_owned();
        let first = Question {
            number: 0,
            items: String::new(),
            at: code.len(),
            code,
            what: What::Completion,
        };
        let _ = engine.ask(first).recv();
        Ok(engine)
    }

    /// The answer comes later, or never, when rust-analyzer gives up.
    pub fn ask(&mut self, question: Question) -> Receiver<Value> {
        let file = self.put(&question);
        let analysis = self.host.analysis();
        self.is_untidy = true;
        let (said, answer) = crossbeam_channel::bounded(1);
        let work = move || {
            let found = match question.what {
                What::Completion => file.complete(&analysis, &question),
                What::Documentation => file.document(&analysis, &question),
            };
            // The next question waits for it.
            drop(analysis);
            let _ = said.send(found.unwrap_or_else(|| json!({})));
        };
        // Without a thread there is no answer.
        let _ = std::thread::Builder::new().stack_size(STACK).spawn(work);
        answer
    }

    /// Gives up the question that is being answered.
    pub fn stop(&mut self) {
        self.host.trigger_cancellation();
    }

    /// Forgets what is needed no more.
    pub fn tidy(&mut self) {
        if std::mem::take(&mut self.is_untidy) {
            self.host.trigger_garbage_collection();
        }
    }

    /// Puts the code into the file.
    fn put(&mut self, question: &Question) -> Source {
        let before = format!("{}\nfn {CELL}() {{\n", question.items);
        let text = format!("{before}{}\n}}\n", question.code);
        let mut change = ChangeWithProcMacros::default();
        change.change_file(self.file, Some(text.clone()));
        self.host.apply_change(change);
        Source {
            file: self.file,
            before: before.len(),
            text,
        }
    }
}

/// The file with the code of a question.
struct Source {
    file: FileId,
    text: String,
    /// Where the code begins in it.
    before: usize,
}

impl Source {
    /// What can stand there, the best first, and the bytes of the code that it replaces.
    fn complete(&self, analysis: &Analysis, question: &Question) -> Option<Value> {
        let (code, at) = (&question.code, question.at);
        let position = FilePosition {
            file_id: self.file,
            offset: offset(self.before + at)?,
        };
        let found = analysis.completions(&completion(), position, None).ok()?;
        let mut found = found.unwrap_or_default();
        // All of them have the word that is being written in common.
        let Some(replaced) = found.first().map(|item| item.source_range) else {
            return Some(json!({"matches": [], "range": [at, at]}));
        };
        let range = usize::from(replaced.start())..usize::from(replaced.end());
        let typed = self
            .text
            .get(range.start..self.before + at)
            .unwrap_or_default();
        found.retain(|item| {
            item.source_range == replaced
                && item.lookup().starts_with(typed)
                && !item.lookup().starts_with(CELL)
        });
        found.sort_by(|a, b| {
            let score = |item: &CompletionItem| std::cmp::Reverse(item.relevance.score());
            (score(a), a.lookup()).cmp(&(score(b), b.lookup()))
        });
        let mut seen = HashSet::new();
        let matches = found.iter().filter_map(as_match);
        let matches: Vec<_> = matches
            .filter(|one| seen.insert(one.code.clone()))
            .collect();
        let in_code = |byte: usize| byte.saturating_sub(self.before).min(code.len());
        Some(json!({"matches": matches, "range": [in_code(range.start), in_code(range.end)]}))
    }

    /// What stands there, as text and as HTML.
    fn document(&self, analysis: &Analysis, question: &Question) -> Option<Value> {
        let range = FileRange {
            file_id: self.file,
            range: TextRange::empty(offset(self.before + question.at)?),
        };
        let say = |format| -> Option<String> {
            let found = analysis.hover(&hover(format), range).ok()??;
            Some(found.info.markup.as_str().trim().to_owned())
        };
        let text = say(HoverDocFormat::PlainText).filter(|text| !text.is_empty())?;
        let markdown = say(HoverDocFormat::Markdown)?;
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&markdown));
        Some(json!({"text": text, "html": html}))
    }
}

fn offset(byte: usize) -> Option<TextSize> {
    u32::try_from(byte).ok().map(TextSize::new)
}

fn completion() -> CompletionConfig<'static> {
    CompletionConfig {
        enable_postfix_completions: false,
        enable_imports_on_the_fly: false,
        enable_self_on_the_fly: true,
        enable_auto_iter: false,
        enable_auto_await: true,
        enable_private_editable: false,
        enable_term_search: false,
        term_search_fuel: 0,
        full_function_signatures: true,
        callable: Some(CallableSnippets::AddParentheses),
        add_colons_to_module: false,
        add_semicolon_to_unit: false,
        snippet_cap: SnippetCap::new(true),
        insert_use: InsertUseConfig {
            granularity: ImportGranularity::Item,
            enforce_granularity: false,
            prefix_kind: PrefixKind::ByCrate,
            group: false,
            skip_glob_imports: false,
        },
        prefer_no_std: false,
        prefer_prelude: true,
        prefer_absolute: false,
        snippets: Vec::new(),
        limit: None,
        fields_to_resolve: CompletionFieldsToResolve::empty(),
        exclude_flyimport: Vec::new(),
        exclude_traits: &[],
        ra_fixture: RaFixtureConfig::default(),
    }
}

fn hover(format: HoverDocFormat) -> HoverConfig<'static> {
    HoverConfig {
        links_in_hover: false,
        memory_layout: None,
        documentation: true,
        keywords: true,
        format,
        max_trait_assoc_items_count: None,
        max_fields_count: Some(10),
        max_enum_variants_count: Some(20),
        max_subst_ty_len: SubstTyLen::LimitTo(80),
        show_drop_glue: false,
        ra_fixture: RaFixtureConfig::default(),
    }
}

fn as_match(item: &CompletionItem) -> Option<Match> {
    let mut edits = item.text_edit.iter();
    let edit = edits.next().filter(|_| item.import_to_add.is_empty())?;
    // What else would have to change does not fit into an answer.
    if edits.next().is_some() {
        return None;
    }
    let label = item.detail.clone();
    Some(Match {
        code: without_parameters(&edit.insert),
        kind: kind(item.kind)?,
        label: label.unwrap_or_else(|| item.label.primary.to_string()),
    })
}

/// The code up to where a parameter would be; parentheses between which nothing is to stand are closed.
fn without_parameters(snippet: &str) -> String {
    let text = snippet.split('$').next().unwrap_or_default();
    text.trim_end_matches(';').to_owned()
}

/// What Jupyter calls it; `None` for a template, which is no name.
fn kind(kind: CompletionItemKind) -> Option<&'static str> {
    use CompletionItemKind as Kind;
    Some(match kind {
        Kind::SymbolKind(symbol) => match symbol {
            SymbolKind::Function
            | SymbolKind::Method
            | SymbolKind::Macro
            | SymbolKind::ProcMacro => "function",
            SymbolKind::Struct
            | SymbolKind::Enum
            | SymbolKind::Union
            | SymbolKind::Trait
            | SymbolKind::TypeAlias
            | SymbolKind::TypeParam
            | SymbolKind::SelfType => "class",
            SymbolKind::Module | SymbolKind::CrateRoot | SymbolKind::ToolModule => "module",
            _ => "instance",
        },
        Kind::BuiltinType => "class",
        Kind::Keyword => "keyword",
        Kind::Snippet | Kind::Expression | Kind::InferredType => return None,
        Kind::Binding | Kind::UnresolvedReference => "instance",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_made_up_between_parentheses() {
        for (snippet, code) in [
            ("split($0)", "split("),
            ("len()$0", "len()"),
            ("println!($0)", "println!("),
            ("vec![$0]", "vec!["),
            ("Relu", "Relu"),
            ("Some(${1:_})$0", "Some("),
        ] {
            assert_eq!(without_parameters(snippet), code, "{snippet}");
        }
    }
}
