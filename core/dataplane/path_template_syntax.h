// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <string_view>

namespace sallyport::dataplane {

/// Whether Envoy takes `pattern` for a path template (source/extensions/path/uri_template_lib): segments that
/// are
/// `*`, `**`, a text or a `{name}`, `{name=a/*}`, with a text before or behind it.
Result<void> checkPathTemplate(std::string_view pattern);

/// Whether `rewrite` is a path of texts and `{name}`s, all of them names of `pattern`.
Result<void> checkPathTemplateRewrite(std::string_view rewrite, std::string_view pattern);

} // namespace sallyport::dataplane
