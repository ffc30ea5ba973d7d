// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/node.h"

#include <algorithm>
#include <charconv>

namespace sallyport::yaml {

namespace {

NodePtr step(const Node &node, const PathStep &step)
{
    if (step.index < 0)
        return node.find(step.key);
    const auto index = static_cast<std::size_t>(step.index);
    return node.isSequence() && index < node.items.size() ? node.items[index] : nullptr;
}

} // namespace

NodePtr Node::find(std::string_view key) const
{
    for (const auto &[name, value] : entries) {
        if (name->scalar == key && name->isScalar())
            return value;
    }
    for (const auto &[name, value] : entries) {
        if (!isMergeKey(*name))
            continue;
        if (value->isMapping()) {
            if (NodePtr merged = value->find(key))
                return merged;
        }
        for (const NodePtr &item : value->items) {
            if (NodePtr merged = item->find(key))
                return merged;
        }
    }
    return nullptr;
}

std::vector<std::pair<NodePtr, NodePtr>> Node::allEntries() const
{
    std::vector<std::pair<NodePtr, NodePtr>> all;
    const auto add = [&all](const std::pair<NodePtr, NodePtr> &entry) {
        const bool taken = std::any_of(all.begin(), all.end(), [&](const auto &other) {
            return other.first->scalar == entry.first->scalar;
        });
        if (!taken)
            all.push_back(entry);
    };
    for (const auto &entry : entries) {
        if (!isMergeKey(*entry.first))
            all.push_back(entry);
    }
    for (const auto &[name, value] : entries) {
        if (!isMergeKey(*name))
            continue;
        for (const auto &entry : value->allEntries())
            add(entry);
        for (const NodePtr &item : value->items) {
            for (const auto &entry : item->allEntries())
                add(entry);
        }
    }
    return all;
}

bool isMergeKey(const Node &key)
{
    return key.scalar == "<<" && key.style == ScalarStyle::Plain;
}

NodePtr Node::findKey(std::string_view key) const
{
    for (const auto &[name, value] : entries) {
        if (name->scalar == key)
            return name;
    }
    return nullptr;
}

NodePtr Node::at(std::string_view path) const
{
    NodePtr found;
    const Node *current = this;
    for (const PathStep &next : parsePath(path)) {
        found = step(*current, next);
        if (!found)
            return nullptr;
        current = found.get();
    }
    return found;
}

Place Node::placeOf(std::string_view path) const
{
    NodePtr holder;
    const Node *current = this;
    Place nearest = place;
    for (const PathStep &next : parsePath(path)) {
        const NodePtr key = next.index < 0 ? current->findKey(next.key) : nullptr;
        const NodePtr child = step(*current, next);
        if (!child)
            return nearest;
        // A scalar is pointed at itself, a block below its key at the key: that is where an editor's mark
        // belongs.
        nearest = key && !child->isScalar() ? key->place : child->place;
        holder = child;
        current = holder.get();
    }
    return nearest;
}

std::vector<PathStep> parsePath(std::string_view path)
{
    std::vector<PathStep> steps;
    std::size_t at = 0;
    while (at < path.size()) {
        if (path[at] == '.') {
            ++at;
        } else if (path.substr(at).starts_with("[\"")) {
            const std::size_t close = path.find("\"]", at + 2);
            steps.push_back({std::string(path.substr(at + 2, close - at - 2)), -1});
            at = close == std::string_view::npos ? path.size() : close + 2;
        } else if (path[at] == '[') {
            const std::size_t close = path.find(']', at);
            int index = 0;
            const std::string_view digits = path.substr(at + 1, close - at - 1);
            std::from_chars(digits.data(), digits.data() + digits.size(), index);
            steps.push_back({{}, index});
            at = close == std::string_view::npos ? path.size() : close + 1;
        } else {
            const std::size_t stop = std::min(path.find_first_of(".[", at), path.size());
            steps.push_back({std::string(path.substr(at, stop - at)), -1});
            at = stop;
        }
    }
    return steps;
}

} // namespace sallyport::yaml
