// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/problems/finding.h"

namespace sallyport::problems {

/// What can be done about a problem of reading or validation with one press.
std::vector<Fix> fixesFor(const model::Problem &problem, const model::Resource *resource);

} // namespace sallyport::problems
