// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <QByteArray>

namespace sallyport::dataplane {

/// How a configuration is written down.
enum class TextForm { Json, Yaml };

/// Envoy goes by the name: `.yaml` and `.yml` are YAML, all others JSON.
TextForm formOf(const std::string &file);

/// The JSON of a configuration that may be written in YAML, as Envoy takes YAML: anchors, aliases and
/// `!ignore`d keys are resolved, and a scalar that is not quoted is a switch, a whole number or a text.
/// `file` is told in errors, with line and column. JSON is handed on as it is.
Result<QByteArray> jsonText(const QByteArray &text, TextForm form, const std::string &file);

} // namespace sallyport::dataplane
