// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/found_node.h"

#include <algorithm>

namespace sallyport::yaml {

Result<FoundNode> findNode(std::string_view text, const Node &root, const std::vector<PathStep> &steps)
{
    FoundNode found;
    found.node = &root;
    found.range = {root.begin, root.end, false};
    for (const PathStep &step : steps) {
        const Node &node = *found.node;
        const Node *key = nullptr;
        NodePtr next;
        std::size_t index = 0;
        if (step.index >= 0) {
            index = static_cast<std::size_t>(step.index);
            if (node.isSequence() && index < node.items.size())
                next = node.items[index];
        } else {
            // Own keys only: what a merge key brings along is overridden by a key of its own.
            const auto entry = std::find_if(node.entries.begin(), node.entries.end(),
                                            [&](const auto &e) { return e.first->scalar == step.key; });
            if (entry != node.entries.end()) {
                index = static_cast<std::size_t>(entry - node.entries.begin());
                key = entry->first.get();
                next = entry->second;
            }
        }
        if (!next)
            return found;
        if (found.range.isAlias)
            return fail("this comes from an anchor through an alias", node.place,
                        "change it where the anchor is, or write it out in place of the alias");
        found.inFlow = found.inFlow || node.flow;
        found.parent = found.node;
        found.index = index;
        found.key = key;
        found.range = key ? entryValueRange(text, *key, *next) : itemRange(text, node, index);
        found.owner = next;
        found.node = next.get();
        ++found.depth;
    }
    return found;
}

} // namespace sallyport::yaml
