//! rust-analyzer, with one package read in.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use ra_ap_ide::{
    AnalysisHost, CallableSnippets, CompletionConfig, CompletionFieldsToResolve, CompletionItem,
    CompletionItemKind, FileId, FilePosition, FileRange, HoverConfig, HoverDocFormat,
    RaFixtureConfig, SubstTyLen, SymbolKind, TextRange, TextSize,
};
use ra_ap_ide_db::imports::insert_use::{ImportGranularity, InsertUseConfig, PrefixKind};
use ra_ap_ide_db::{ChangeWithProcMacros, SnippetCap};
use ra_ap_load_cargo::{LoadCargoConfig, ProcMacroServerChoice, load_workspace_at};
use ra_ap_paths::AbsPathBuf;
use ra_ap_project_model::{CargoConfig, RustLibSource};
use ra_ap_vfs::VfsPath;
use serde::Serialize;

pub struct Engine {
    host: AnalysisHost,
    /// The file that questions are about.
    file: FileId,
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

impl Engine {
    /// Reads a package in, with its dependencies: seconds.
    pub fn load(folder: &Path) -> Result<Engine, String> {
        let config = CargoConfig {
            sysroot: Some(RustLibSource::Discover),
            ..CargoConfig::default()
        };
        let loading = LoadCargoConfig {
            load_out_dirs_from_check: false,
            with_proc_macro_server: ProcMacroServerChoice::None,
            prefill_caches: false,
            num_worker_threads: 1,
            proc_macro_processes: 0,
        };
        let (database, files, _) = load_workspace_at(folder, &config, &loading, &|_| ())
            .map_err(|error| format!("{}: {error:#}", folder.display()))?;
        let source = folder.join("lib.rs");
        let path = VfsPath::from(AbsPathBuf::assert_utf8(source.clone()));
        let (file, _) = files
            .file_id(&path)
            .ok_or_else(|| format!("{} was not read", source.display()))?;
        Ok(Engine {
            host: AnalysisHost::with_database(database),
            file,
        })
    }

    /// What can stand at byte `at` of `code`, the best first, and the bytes that it replaces.
    pub fn complete(&mut self, items: &str, code: &str, at: usize) -> (Range<usize>, Vec<Match>) {
        let nothing = (at..at, Vec::new());
        let (text, before) = self.put(items, code);
        let Some(offset) = offset(before + at) else {
            return nothing;
        };
        let position = FilePosition {
            file_id: self.file,
            offset,
        };
        let found = self
            .host
            .analysis()
            .completions(&completion(), position, None);
        let Ok(Some(mut found)) = found else {
            return nothing;
        };
        // All of them have the word that is being written in common.
        let Some(replaced) = found.first().map(|item| item.source_range) else {
            return nothing;
        };
        let range = usize::from(replaced.start())..usize::from(replaced.end());
        let typed = text.get(range.start..before + at).unwrap_or_default();
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
        let matches = matches
            .filter(|one| seen.insert(one.code.clone()))
            .collect();
        let in_code = |byte: usize| byte.saturating_sub(before).min(code.len());
        (in_code(range.start)..in_code(range.end), matches)
    }

    /// What stands before byte `at` of `code`, as text and as HTML.
    pub fn document(&mut self, items: &str, code: &str, at: usize) -> Option<(String, String)> {
        let (_, before) = self.put(items, code);
        let range = FileRange {
            file_id: self.file,
            range: TextRange::empty(offset(before + at)?),
        };
        let analysis = self.host.analysis();
        let say = |format| -> Option<String> {
            let found = analysis.hover(&hover(format), range).ok()??;
            Some(found.info.markup.as_str().trim().to_owned())
        };
        let text = say(HoverDocFormat::PlainText).filter(|text| !text.is_empty())?;
        let markdown = say(HoverDocFormat::Markdown)?;
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&markdown));
        Some((text, html))
    }

    /// Puts the code into the file; gives its text and where the code begins in it.
    fn put(&mut self, items: &str, code: &str) -> (String, usize) {
        let before = format!("{items}\nfn {CELL}() {{\n");
        let text = format!("{before}{code}\n}}\n");
        let mut change = ChangeWithProcMacros::default();
        change.change_file(self.file, Some(text.clone()));
        self.host.apply_change(change);
        (text, before.len())
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
