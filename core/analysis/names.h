// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/host_name.h"
#include "core/model/resource.h"

namespace sallyport::analysis {

/// `istio=egressgateway, app=gateway`
std::string textOf(const model::Labels &labels);

/// The known name that `name` was probably meant to be: at most two characters of difference. Empty if there
/// is none.
std::string closestTo(const std::string &name, const std::vector<std::string> &known);

/// Istio's patterns of policies: `*`, `prefix*`, `*suffix`, or the whole text.
bool matchesPattern(const std::string &pattern, const std::string &text);

} // namespace sallyport::analysis
