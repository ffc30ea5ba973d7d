// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_attribute.h"
#include "core/result/result.h"

#include <memory>
#include <string_view>

namespace sallyport::dataplane {

struct CelNode;

/// A CEL expression, as Istio's Telemetry and Envoy's access-log filter take it: attributes of a stream,
/// literals, comparisons, `&& || !`, `?:`, `in`, arithmetic, has(), size(), startsWith(), endsWith(),
/// contains(), matches(), int(), uint(), double(), duration(), timestamp() and their parts in UTC. What Envoy
/// switches off (comprehensions, string()) or is not offered here (bytes, maps, messages, time zones) is
/// refused by name. Immutable: share it between threads.
class CelExpression
{
public:
    static Result<CelExpression> parse(std::string_view text);
    CelValue evaluate(const CelAttributes &attributes) const;
    /// As a filter: an error, or a value that is no bool, counts as false.
    bool holds(const CelAttributes &attributes) const;

private:
    std::shared_ptr<const CelNode> m_root;
};

} // namespace sallyport::dataplane
