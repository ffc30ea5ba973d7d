// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::yaml {

class Node;
using NodePtr = std::shared_ptr<const Node>;

enum class NodeKind { Null, Scalar, Sequence, Mapping };
enum class ScalarStyle { Plain, SingleQuoted, DoubleQuoted, Literal, Folded };

/// A value of a document with the place it was written at. Immutable after parsing; an alias is the anchored
/// node itself.
class Node
{
public:
    NodeKind kind = NodeKind::Null;
    std::string scalar; ///< Scalar: the value, unquoted and unfolded
    ScalarStyle style = ScalarStyle::Plain;
    bool flow = false;     ///< `{…}` or `[…]`
    std::string tag;       ///< explicit tag, `!!str`; usually empty
    Place place;           ///< of the first byte
    std::size_t begin = 0; ///< byte range of the value's own text in its file
    std::size_t end = 0;
    std::size_t blockIndent = 0; ///< Literal and Folded: the columns before each line of content
    std::vector<std::pair<NodePtr, NodePtr>> entries; ///< Mapping, in file order
    std::vector<NodePtr> items;                       ///< Sequence

    bool isNull() const { return kind == NodeKind::Null; }
    bool isScalar() const { return kind == NodeKind::Scalar; }
    bool isSequence() const { return kind == NodeKind::Sequence; }
    bool isMapping() const { return kind == NodeKind::Mapping; }

    /// The value of `key` in a mapping, merge keys (`<<`) included; null if there is none.
    NodePtr find(std::string_view key) const;
    /// The entries with those of merge keys after its own, each key once. As written, if nothing is merged.
    std::vector<std::pair<NodePtr, NodePtr>> allEntries() const;
    /// The node of `key` itself, for its place.
    NodePtr findKey(std::string_view key) const;
    /// Follows `spec.http[0].route`; keys that hold a dot are written `metadata.labels["a.b/c"]`. Null if
    /// there is no such node.
    NodePtr at(std::string_view path) const;
    /// The place of `path`, or of its nearest existing parent.
    Place placeOf(std::string_view path) const;
};

/// `<<`, which merges the mapping or mappings that are its value.
bool isMergeKey(const Node &key);

/// One step of a path: a key, or an index.
struct PathStep
{
    std::string key;
    int index = -1;
};
std::vector<PathStep> parsePath(std::string_view path);

} // namespace sallyport::yaml
