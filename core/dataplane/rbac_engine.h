// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_attribute.h"
#include "core/dataplane/rbac.h"
#include "core/dataplane/request_view.h"

#include <memory>

namespace sallyport::dataplane {

/// RBAC rules ready to run (source/extensions/filters/common/rbac). Immutable.
class RbacEngine
{
public:
    explicit RbacEngine(const RbacRules &rules);
    ~RbacEngine();
    RbacEngine(RbacEngine &&) noexcept;
    RbacEngine &operator=(RbacEngine &&) noexcept;

    struct Decision
    {
        bool allowed = true;
        std::string_view policy; ///< the first that matched, in order of ids; empty if none did
    };
    /// `request` is null on a TCP connection: rules about HTTP then do not match. `attributes` are what
    /// conditions ask about; without them no condition holds.
    Decision decide(const ConnectionFacts &connection, const RequestView *request,
                    const CelAttributes *attributes = nullptr) const;
    RbacAction action() const { return m_action; }

private:
    struct Node;
    struct Policy;

    static std::unique_ptr<Node> compile(const RbacRule &rule);
    static bool evaluate(const Node &node, const ConnectionFacts &connection, const RequestView *request);

    RbacAction m_action;
    std::vector<Policy> m_policies;
};

} // namespace sallyport::dataplane
