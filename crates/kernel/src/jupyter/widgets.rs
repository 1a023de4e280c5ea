//! The controls of a cell as Jupyter's widgets: what the front end's own part of them, `jupyterlab_widgets`, is told.
//!
//! A widget is a model on both sides of a *comm*. The ones that are used here, and their fields, are those of
//! `@jupyter-widgets/base` and `@jupyter-widgets/controls` 2.0; the protocol is the widgets' 2.1. A model's state here is made anew from
//! the value of its control whenever it is asked for.

use serde_json::{Value, json};

use super::bundle;
use crate::{Bundle, Control, Language};

/// What comms of widgets are for.
pub(super) const TARGET: &str = "jupyter.widget";
/// The protocol's version, in the metadata of a `comm_open`.
pub(super) const VERSION: &str = "2.1.0";

/// The controls of one `interact`.
#[derive(Clone, Debug)]
pub(super) struct Widgets {
    /// All ids begin with this.
    id: String,
    controls: Vec<Control>,
}

impl Widgets {
    pub(super) fn new(id: String, controls: Vec<Control>) -> Widgets {
        Widgets { id, controls }
    }

    /// The name of what is shown with them.
    pub(super) fn place(&self) -> String {
        format!("{}-place", self.id)
    }

    /// Whether a comm is one of theirs.
    pub(super) fn own(&self, comm: &str) -> bool {
        let rest = comm.strip_prefix(&self.id);
        rest.is_some_and(|rest| rest.starts_with('-'))
    }

    /// The values, as `interact` reads them.
    pub(super) fn values(&self) -> Value {
        self.controls.iter().map(Control::value).collect()
    }

    /// The comms with the states of their models, what is referred to first.
    pub(super) fn models(&self) -> Vec<(String, Value)> {
        let (layout, shared) = (self.name("layout"), reference(&self.name("layout")));
        let mut models = vec![(layout, base("LayoutModel", "LayoutView"))];
        let mut children = Vec::new();
        for (at, control) in self.controls.iter().enumerate() {
            let (its_style, id) = (self.name(&format!("style-{at}")), self.control(at));
            models.push((its_style.clone(), style(control)));
            let mut state = state(control);
            state["layout"] = shared.clone();
            state["style"] = reference(&its_style);
            children.push(reference(&id));
            models.push((id, state));
        }
        let mut all = controls("VBoxModel", "VBoxView");
        all["children"] = children.into();
        all["layout"] = shared;
        models.push((self.name("box"), all));
        models
    }

    /// What shows them; where there is nothing to show them with, what is missing.
    pub(super) fn view(&self) -> Bundle {
        let values = self.controls.iter().map(|control| match control {
            Control::Slider { name, value, .. } => {
                // What a slider has no place for is rounding.
                let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(*value);
                format!("{name} = {rounded}")
            }
            Control::Select {
                name,
                options,
                index,
            } => {
                let chosen = options.get(*index).map_or("", String::as_str);
                format!("{name} = {chosen}")
            }
            Control::Checkbox { name, value } => format!("{name} = {value}"),
            Control::Button { name, .. } => name.clone(),
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let what = Language::current().pick(
            "para moverlo en JupyterLab: pip install jupyterlab_widgets, y recarga la página",
            "to change it in JupyterLab: pip install jupyterlab_widgets, and reload the page",
        );
        let text = format!("{values} ({what})");
        let html = gradus_text::html::escape(&text);
        bundle(json!({
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.name("box"),
            },
            "text/html": format!("<small>{html}</small>"),
            "text/plain": text,
        }))
    }

    /// Takes what a front end says on a comm; whether that changes a value.
    pub(super) fn take(&mut self, comm: &str, data: &Value) -> bool {
        let mut ids = (0..self.controls.len()).map(|at| self.control(at));
        let Some(at) = ids.position(|id| id == comm) else {
            return false;
        };
        let before = self.controls[at].value();
        let said = &data["state"];
        match &mut self.controls[at] {
            Control::Slider {
                value, min, max, ..
            } => {
                if let Some(said) = said["value"].as_f64() {
                    *value = said.max(*min).min(*max);
                }
            }
            Control::Select { index, options, .. } => {
                let said = said["index"].as_u64();
                let said = said.and_then(|at| usize::try_from(at).ok());
                if let Some(said) = said.filter(|at| *at < options.len()) {
                    *index = said;
                }
            }
            Control::Checkbox { value, .. } => *value = said["value"].as_bool().unwrap_or(*value),
            Control::Button { clicks, .. } => {
                *clicks += u64::from(data["content"]["event"] == "click");
            }
        }
        self.controls[at].value() != before
    }

    fn control(&self, at: usize) -> String {
        self.name(&format!("control-{at}"))
    }

    fn name(&self, part: &str) -> String {
        format!("{}-{part}", self.id)
    }
}

fn reference(id: &str) -> Value {
    format!("IPY_MODEL_{id}").into()
}

fn model(module: &str, model: &str, view_module: &str, view: &str) -> Value {
    json!({
        "_model_module": module,
        "_model_module_version": "2.0.0",
        "_model_name": model,
        "_view_module": view_module,
        "_view_module_version": "2.0.0",
        "_view_name": view,
    })
}

const BASE: &str = "@jupyter-widgets/base";
const CONTROLS: &str = "@jupyter-widgets/controls";

fn base(name: &str, view: &str) -> Value {
    model(BASE, name, BASE, view)
}

fn controls(name: &str, view: &str) -> Value {
    model(CONTROLS, name, CONTROLS, view)
}

fn style(control: &Control) -> Value {
    let name = match control {
        Control::Slider { .. } => "SliderStyleModel",
        Control::Select { .. } => "DescriptionStyleModel",
        Control::Checkbox { .. } => "CheckboxStyleModel",
        Control::Button { .. } => "ButtonStyleModel",
    };
    let mut state = model(CONTROLS, name, BASE, "StyleView");
    if !matches!(control, Control::Button { .. }) {
        // As wide as the name is.
        state["description_width"] = "initial".into();
    }
    state
}

fn state(control: &Control) -> Value {
    let (mut state, name) = match control {
        Control::Slider {
            name,
            min,
            max,
            step,
            value,
            is_log,
            is_whole,
        } => {
            let (kind, format) = match (is_log, is_whole) {
                (true, _) => ("FloatLogSlider", ".3~g"),
                (_, true) => ("IntSlider", "d"),
                _ => ("FloatSlider", ".3~g"),
            };
            let mut state = controls(&format!("{kind}Model"), &format!("{kind}View"));
            state["value"] = json!(value);
            if *is_log {
                // Its ends are exponents.
                let (min, max) = (min.log10(), max.log10());
                state["base"] = json!(10.0);
                (state["min"], state["max"]) = (json!(min), json!(max));
                state["step"] = json!((max - min) / 100.0);
            } else {
                (state["min"], state["max"]) = (json!(min), json!(max));
                state["step"] = json!(step);
            }
            state["readout_format"] = format.into();
            (state, name)
        }
        Control::Select {
            name,
            options,
            index,
        } => {
            let mut state = controls("DropdownModel", "DropdownView");
            state["_options_labels"] = json!(options);
            state["index"] = json!(index);
            (state, name)
        }
        Control::Checkbox { name, value } => {
            let mut state = controls("CheckboxModel", "CheckboxView");
            state["value"] = json!(value);
            state["indent"] = json!(false);
            (state, name)
        }
        Control::Button { name, .. } => (controls("ButtonModel", "ButtonView"), name),
    };
    state["description"] = name.as_str().into();
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slider(name: &str, is_log: bool) -> Control {
        Control::Slider {
            name: name.to_owned(),
            min: 0.01,
            max: 1.0,
            step: 0.01,
            value: 0.1,
            is_log,
            is_whole: false,
        }
    }

    fn all() -> Widgets {
        let select = Control::Select {
            name: "f".to_owned(),
            options: vec!["ReLU".to_owned(), "tanh".to_owned()],
            index: 0,
        };
        let checkbox = Control::Checkbox {
            name: "noise".to_owned(),
            value: true,
        };
        let button = Control::Button {
            name: "again".to_owned(),
            clicks: 0,
        };
        Widgets::new(
            "w".to_owned(),
            vec![slider("η", true), select, checkbox, button],
        )
    }

    #[test]
    fn what_a_model_refers_to_is_there_before_it() {
        let models = all().models();
        for (at, (id, state)) in models.iter().enumerate() {
            assert!(all().own(id));
            let text = state.to_string();
            for reference in text.split("IPY_MODEL_").skip(1) {
                let name = reference.split('"').next().unwrap();
                assert!(
                    models[..at].iter().any(|(known, _)| known == name),
                    "{name}"
                );
            }
        }
        let view = &all().view()["application/vnd.jupyter.widget-view+json"];
        assert_eq!(view["model_id"], models[models.len() - 1].0);
        assert!(!all().own("w2-box") && !all().own("other"));
    }

    #[test]
    fn a_front_end_changes_values_within_their_limits() {
        let mut all = all();
        let value = |value: Value| json!({"method": "update", "state": {"value": value}});
        assert!(all.take("w-control-0", &value(json!(0.5))));
        assert!(!all.take("w-control-0", &value(json!(0.5))), "no change");
        assert!(all.take("w-control-0", &value(json!(7))));
        assert!(!all.take("w-control-0", &value(json!("much"))));
        let index = |index: i64| json!({"method": "update", "state": {"index": index}});
        assert!(all.take("w-control-1", &index(1)));
        assert!(!all.take("w-control-1", &index(2)) && !all.take("w-control-1", &index(-1)));
        assert!(all.take("w-control-2", &value(json!(false))));
        let click = json!({"method": "custom", "content": {"event": "click"}});
        assert!(all.take("w-control-3", &click) && all.take("w-control-3", &click));
        assert!(!all.take("w-control-4", &click) && !all.take("x-control-0", &click));
        assert_eq!(all.values(), json!([1.0, 1, false, 2]));
        let models = all.models();
        let of = |id: &str| &models.iter().find(|(known, _)| known == id).unwrap().1;
        assert_eq!(
            of("w-control-0")["value"],
            1.0,
            "its state is what it was set to"
        );
        assert_eq!(of("w-control-1")["index"], 1);
    }

    #[test]
    fn the_ends_of_a_logarithmic_slider_are_exponents() {
        let log = state(&slider("η", true));
        assert_eq!(
            (log["min"].as_f64(), log["max"].as_f64()),
            (Some(-2.0), Some(0.0))
        );
        assert_eq!(log["value"], 0.1);
        let plain = state(&slider("η", false));
        assert_eq!(plain["min"], 0.01);
    }

    #[test]
    fn without_widgets_a_line_says_what_is_missing() {
        let view = all().view();
        let text = view["text/plain"].as_str().unwrap();
        assert!(
            text.starts_with("η = 0.1, f = ReLU, noise = true, again"),
            "{text}"
        );
        assert!(text.contains("pip install jupyterlab_widgets"));
        assert_eq!(text.lines().count(), 1);
    }
}
