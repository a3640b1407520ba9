//! A trained classifier as a PyTorch module: a folder with `weights.safetensors` and a program, `model.py`.
//!
//! Why a program is generated: a file of weights does not say how they are used. One could write a general program that
//! reads all settings, but then a reader has to run it in the mind to see one model. The generated program has a class
//! for each method of this model, with its sizes as numbers, and nothing for the other methods.
//!
//! The names of the parameters and buffers of the module are those of the tensors. So `load_state_dict` needs no list
//! of pairs, and `save` writes each tensor where it was in the file. Parameters are trained: weights and biases.
//! Buffers were measured, and stay: the whitening, the scaler.
//!
//! Labels and other texts of the model file stand in `weights.safetensors` alone: no text from outside is in the
//! program.

use super::classifier::{Member, NetworkModel, PatchModel, SoundClassifier, TrainedModel, WindowModel, WindowTop};
use super::preprocessing::Normalizer;
use super::sound_network::LAYERS;
use crate::model::convolution::PoolingMode;
use crate::model::network::Layer;
use crate::number::Real;
use std::format;
use std::string::String;
use std::vec::Vec;

/// The file of the weights.
pub const WEIGHTS_FILE: &str = "weights.safetensors";
/// The file of the program.
pub const PROGRAM_FILE: &str = "model.py";

/// The program of a classifier.
pub fn program<T: Real>(classifier: &SoundClassifier<T>) -> String {
    let classes = classifier.labels.len();
    let bands = classifier.front_end().map_or(0, |front| front.bands().count());
    let (mut tools, mut methods, mut members) = (Vec::from([TOOLS]), String::new(), String::new());
    for Member { method, model } in &classifier.members {
        let name = class_name(method.name());
        methods += "\n\n";
        methods += &match model {
            TrainedModel::Windows(model) => windows(&name, model, bands, classes, &mut tools),
            TrainedModel::Patches(model) => patches(&name, model, classes, &mut tools),
            TrainedModel::Networks(model) => networks(&name, model, bands, classes, &mut tools),
        };
        members += &format!("        self.add_module(\"{}\", {name}())\n", method.name());
    }
    let combination = match classifier.members.len() {
        1 => "        (member,) = self.children()\n        return member(frames)\n",
        _ => {
            "        log_p = torch.stack([member(frames) for member in self.children()])\n        \
             return F.log_softmax(log_p.mean(0), -1)\n"
        }
    };
    let precision = if T::NAME == "f64" { "float64" } else { "float32" };
    format!(
        "{}{}{methods}{}",
        HEAD.replace("{method}", classifier.method.name()).replace("{bands}", &format!("{bands}")),
        tools.concat(),
        MODEL.replace("{members}", &members).replace("{combination}", combination).replace("{precision}", precision)
    )
}

/// `SparsePooled` for `sparse-pooled`.
fn class_name(method: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    method.split('-').map(capital).collect()
}

/// Adds a part of the program, once.
fn need(tools: &mut Vec<&'static str>, tool: &'static str) {
    if !tools.contains(&tool) {
        tools.push(tool);
    }
}

/// The first lines of a module's class.
fn head(name: &str, what: &str) -> String {
    format!("class {name}(nn.Module):\n    \"\"\"{what}\"\"\"\n\n    def __init__(self):\n        super().__init__()\n")
}

fn windows<T: Real>(
    name: &str,
    model: &WindowModel<T>,
    bands: usize,
    classes: usize,
    tools: &mut Vec<&'static str>,
) -> String {
    need(tools, WINDOWS);
    let (width, step, mut units) = (model.context.width, model.context.step, bands * model.context.width);
    let mut made = String::new();
    let mut steps = format!("\n    def forward(self, frames):\n        x = windows(frames, {width}, {step})\n");
    match &model.normalizer {
        Normalizer::Squash(_) => {
            need(tools, SQUASH);
            made += "        self.squash = Squash()\n";
            steps += "        x = self.squash(x)\n";
        }
        Normalizer::Whiten(whitening) => {
            need(tools, WHITENING);
            let components = whitening.basis.rows();
            made += &format!("        self.whitening = Whitening({units}, {components})\n");
            steps += "        x = self.whitening(x)\n";
            units = components;
        }
    }
    let mut layers = Vec::new();
    for (l, layer) in (1..).zip(&model.layers) {
        layers.push(format!("\"{l}\": nn.Linear({units}, {})", layer.bias.len()));
        steps += &format!("        x = torch.sigmoid(self.encoder[\"{l}\"](x))\n");
        units = layer.bias.len();
    }
    if !layers.is_empty() {
        made += &format!("        self.encoder = nn.ModuleDict({{{}}})\n", layers.join(", "));
    }
    let what = match &model.top {
        WindowTop::Each(_) => {
            steps += "        log_p = F.log_softmax(self.softmax(x), -1)\n        \
                      return F.log_softmax(log_p.mean(0), -1)\n";
            "The geometric mean of the probabilities of all windows.".into()
        }
        WindowTop::Pooled(regions, _) => {
            need(tools, SCALER);
            units *= regions;
            made += &format!("        self.scaler = Scaler({units})\n");
            steps += &format!(
                "        x = F.adaptive_avg_pool1d(x.T, {regions}).T.flatten()\n        x = self.scaler(x)\n        \
                 return F.log_softmax(self.softmax(x), -1)\n"
            );
            format!("Means of the features of windows over {regions} regions of time, and softmax.")
        }
    };
    made += &format!("        self.softmax = nn.Linear({units}, {classes})\n");
    head(name, &what) + &made + &steps
}

fn patches<T: Real>(name: &str, model: &PatchModel<T>, classes: usize, tools: &mut Vec<&'static str>) -> String {
    need(tools, SCALER);
    let PatchModel { features, kind, regions: [times, heights], .. } = model;
    let ([rows, columns], count) = (features.size, features.layer.bias.len());
    let (pool, pooling) = match kind {
        PoolingMode::Mean => ("avg", "Means"),
        PoolingMode::Max => ("max", "Maxima"),
    };
    let units = count * times * heights;
    let what = format!("{pooling} of the features of patches over regions of time and of bands, and softmax.");
    head(name, &what)
        + &format!(
            "        self.patches = nn.Conv2d(1, {count}, ({rows}, {columns}))
        self.scaler = Scaler({units})
        self.softmax = nn.Linear({units}, {classes})

    def forward(self, frames):
        # A recording that is shorter than a patch ends with zeros.
        x = F.pad(frames, (0, 0, 0, max(0, {rows} - len(frames))))
        x = torch.sigmoid(self.patches(x[None, None]))
        x = F.adaptive_{pool}_pool2d(x, ({times}, {heights})).flatten()
        return F.log_softmax(self.softmax(self.scaler(x)), -1)
"
        )
}

fn networks<T: Real>(
    name: &str,
    model: &NetworkModel<T>,
    bands: usize,
    classes: usize,
    tools: &mut Vec<&'static str>,
) -> String {
    need(tools, IMAGE);
    let [rows, columns] = model.image.size();
    let (mut channels, mut map, mut rate) = (1, [rows, columns], 0.0);
    let (mut made, mut steps) = (Vec::new(), String::new());
    for layer in &model.network.layers {
        match layer {
            Layer::Convolution { filters, .. } => {
                let l = made.len() + 1;
                made.push(format!("            \"{l}\": nn.Conv2d({channels}, {filters}, 3, padding=1),\n"));
                let by = map.map(|length| if length < 4 { 1 } else { 2 });
                steps += &format!("        x = F.max_pool2d(F.relu(self.conv[\"{l}\"](x)), ({}, {}))\n", by[0], by[1]);
                (channels, map) = (*filters, [map[0] / by[0], map[1] / by[1]]);
            }
            Layer::Dropout { rate: found } => rate = *found,
            _ => {}
        }
    }
    debug_assert_eq!(made.len(), LAYERS);
    let units = channels * map[0] * map[1];
    let (made, count) = (made.concat(), model.thetas.len());
    let range = if model.range.is_finite() { format!("{:?}", model.range) } else { "float(\"inf\")".into() };
    let numbers = (1..=count).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    let network = head(&format!("{name}Network"), "A convolutional network on a spectrogram image.")
        + &format!(
            "        self.conv = nn.ModuleDict({{
{made}        }})
        self.softmax = nn.Linear({units}, {classes})

    def forward(self, x):
{steps}        x = F.dropout(x.flatten(1), {rate:?}, self.training)
        return F.log_softmax(self.softmax(x), -1)


"
        );
    let what = "The geometric mean of the probabilities of all networks.";
    // The networks' names are numbers, which no attribute can have.
    network
        + &head(name, what)
        + &format!(
            "        for number in [{numbers}]:
            self.add_module(number, {name}Network())

    def forward(self, frames):
        x = clip_and_standardize(sounding(frames, {range}), {range})
        # A row for each band, a column for each moment.
        x = resample({bands}, {rows}, x) @ x.T @ resample(len(x), {columns}, x).T
        log_p = torch.cat([network(x[None, None]) for network in self.children()])
        return F.log_softmax(log_p.mean(0), -1)
"
        )
}

const HEAD: &str = r#""""A classifier of sounds, trained by Ossicle: {method}.

import model, torch
net = model.load()
with torch.no_grad():
    p = net(torch.from_numpy(frames)).exp()

frames is an array of frames x {bands} elements: what `ossicle features FILE.wav --model MODEL
-o frames.npy` writes for one recording. p has the probability of each of net.labels.

After further training, model.save(net) writes the parameters back to weights.safetensors, and
`ossicle import --changed` makes a model file of this folder.
"""

import json
import os
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

WEIGHTS = pathlib.Path(__file__).with_name("weights.safetensors")
"#;

const TOOLS: &str = r#"

def read(data):
    """The settings, and the arrays as views of the bytes of a safetensors file."""
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(bytes(data[8:start]))
    settings = json.loads(header.pop("__metadata__")["ossicle"])["settings"]
    arrays = {}
    for name, entry in header.items():
        dtype = np.dtype({"F32": "<f4", "F64": "<f8"}[entry["dtype"]])
        offset, end = entry["data_offsets"]
        array = np.frombuffer(data, dtype, (end - offset) // dtype.itemsize, start + offset)
        arrays[name] = array.reshape(entry["shape"])
    return settings, arrays
"#;

const WINDOWS: &str = r#"

def windows(frames, width, step):
    """Context windows as rows: the frames of each, one after the other."""
    return frames.unfold(0, width, step).transpose(1, 2).flatten(1)
"#;

const SQUASH: &str = r#"

class Squash(nn.Module):
    """Rows without their means, clipped at 3 deviations, and scaled to 0.1 to 0.9."""

    def __init__(self):
        super().__init__()
        self.register_buffer("deviation", torch.empty(()))

    def forward(self, x):
        limit = 3 * self.deviation
        x = (x - x.mean(-1, keepdim=True)).clamp(-limit, limit)
        return 0.4 * (x / limit if limit > 0 else 0 * x) + 0.5
"#;

const WHITENING: &str = r#"

class Whitening(nn.Module):
    """Principal components of rows, each with the variance 1."""

    def __init__(self, elements, components):
        super().__init__()
        self.register_buffer("mean", torch.empty(elements))
        self.register_buffer("basis", torch.empty(components, elements))

    def forward(self, x):
        return (x - self.mean) @ self.basis.T
"#;

const SCALER: &str = r#"

class Scaler(nn.Module):
    """Features with the mean 0 and the deviation 1."""

    def __init__(self, features):
        super().__init__()
        self.register_buffer("mean", torch.empty(features))
        self.register_buffer("deviation", torch.empty(features))

    def forward(self, x):
        return (x - self.mean) / self.deviation
"#;

const IMAGE: &str = r#"

def sounding(x, range):
    """The frames from the first to the last that has a value within `range` of the largest."""
    heard = (~(x < x.max() - range)).any(1).nonzero()
    return x[heard[0]:heard[-1] + 1]


def clip_and_standardize(x, range):
    """Raises what is more than `range` below the largest; then mean 0 and deviation 1."""
    x = x.clamp(min=x.max().item() - range)
    x = x - x.mean()
    deviation = x.square().mean().sqrt()
    return x / deviation if deviation > 0 else x


def resample(count, points, like):
    """The matrix that interpolates `count` values at the centers of `points` equal cells."""
    position = (np.arange(points) + 0.5) * count / points - 0.5
    position = position.clip(0, count - 1)
    low = position.astype(int)
    matrix = np.zeros((points, count))
    np.add.at(matrix, (np.arange(points), low), 1 - (position - low))
    np.add.at(matrix, (np.arange(points), np.minimum(low + 1, count - 1)), position - low)
    return torch.from_numpy(matrix).to(like)
"#;

const MODEL: &str = r#"

class Model(nn.Module):
    """From the frames of a recording to the logarithm of the probability of each label."""

    def __init__(self):
        super().__init__()
{members}
    def forward(self, frames):
{combination}

def load(path=WEIGHTS):
    """The model with the parameters of a file."""
    settings, arrays = read(bytearray(path.read_bytes()))
    net = Model().to(torch.{precision})
    # Tensors named reject.* serve to recognize recordings that have none of the labels.
    used = {name: array for name, array in arrays.items() if not name.startswith("reject.")}
    net.load_state_dict({name: torch.from_numpy(array) for name, array in used.items()})
    net.labels = []
    while f"label.{len(net.labels)}" in settings:
        net.labels.append(settings[f"label.{len(net.labels)}"])
    return net.eval()


def save(net, path=WEIGHTS):
    """Writes the parameters in place of those of a file."""
    data = bytearray(path.read_bytes())
    _, arrays = read(data)
    for name, tensor in net.state_dict().items():
        arrays[name][...] = tensor.cpu().numpy()
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(data)
    os.replace(temporary, path)
"#;
