// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_node.h"
#include "core/result/result.h"

namespace sallyport::dataplane {

/// An expression of CEL as a tree; fails with what is wrong and where.
Result<CelNode::Ptr> parseCel(std::string_view text);

} // namespace sallyport::dataplane
