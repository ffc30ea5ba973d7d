// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "core/yaml/layout.h"
#include "core/yaml/node.h"

#include <string_view>
#include <vector>

namespace sallyport::yaml {

/// How far a path leads, and what stands there.
struct FoundNode
{
    NodePtr owner;              ///< keeps `node` alive; null while it is the root
    const Node *node = nullptr; ///< the innermost that exists
    const Node *key = nullptr;  ///< its key, if it is a mapping's value
    const Node *parent = nullptr;
    std::size_t index = 0; ///< its place in `parent`
    std::size_t depth = 0; ///< steps that exist
    ValueRange range;      ///< of its own text
    bool inFlow = false;   ///< it is inside `{ }` or `[ ]`
};

/// Follows `steps` from `root`, a node of `text`, as far as there are nodes. Fails where an alias is to be
/// gone through.
Result<FoundNode> findNode(std::string_view text, const Node &root, const std::vector<PathStep> &steps);

} // namespace sallyport::yaml
