// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/rbac_engine.h"

#include "core/dataplane/cel_message.h"
#include "core/dataplane/value_matchers.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

using RbacKind = RbacRule::Kind;

/// Any URI name, else any DNS name; without either the subject. All are tried against the same pattern.
bool authenticated(const CompiledString &name, const ConnectionFacts &connection)
{
    const auto any = [&](const std::vector<std::string> *names) {
        return std::any_of(names->begin(), names->end(),
                           [&](const std::string &each) { return name.matches(each); });
    };
    const bool hasUris = connection.uriSans && !connection.uriSans->empty();
    const bool hasDns = connection.dnsSans && !connection.dnsSans->empty();
    if (!hasUris && !hasDns)
        return name.matches(connection.subject);
    return (hasUris && any(connection.uriSans)) || (hasDns && any(connection.dnsSans));
}

} // namespace

struct RbacEngine::Node
{
    RbacRule rule;
    std::vector<std::unique_ptr<Node>> children;
    CompiledString string;
    CompiledRange range;
    std::optional<CompiledHeader> header;
    std::optional<CompiledMetadata> metadata;
    std::optional<PathTemplate> pathTemplate;
};

struct RbacEngine::Policy
{
    std::string id;
    std::vector<std::unique_ptr<Node>> permissions;
    std::vector<std::unique_ptr<Node>> principals;
    std::optional<CelExpression> condition;
};

RbacEngine::RbacEngine(const RbacRules &rules)
    : m_action(rules.action)
{
    const auto compileAll = [](const std::vector<RbacRule> &list) {
        std::vector<std::unique_ptr<Node>> nodes;
        for (const RbacRule &rule : list)
            nodes.push_back(compile(rule));
        return nodes;
    };
    for (const auto &[id, policy] : rules.policies) {
        Policy compiled{id, compileAll(policy.permissions), compileAll(policy.principals), std::nullopt};
        if (!policy.condition.isEmpty()) {
            // It was checked when it was read.
            if (Result<CelExpression> condition = conditionOf(policy.condition))
                compiled.condition = *std::move(condition);
        }
        m_policies.push_back(std::move(compiled));
    }
}

RbacEngine::~RbacEngine() = default;
RbacEngine::RbacEngine(RbacEngine &&) noexcept = default;
RbacEngine &RbacEngine::operator=(RbacEngine &&) noexcept = default;

std::unique_ptr<RbacEngine::Node> RbacEngine::compile(const RbacRule &rule)
{
    auto node = std::make_unique<Node>();
    node->rule = rule;
    node->rule.children.clear();
    for (const RbacRule &child : rule.children)
        node->children.push_back(compile(child));
    node->string = CompiledString(rule.string);
    node->range = CompiledRange(rule.cidr);
    if (rule.kind == RbacKind::Header)
        node->header.emplace(rule.header);
    if (rule.kind == RbacKind::Metadata)
        node->metadata.emplace(rule.metadata);
    if (rule.kind == RbacKind::UriTemplate)
        node->pathTemplate.emplace(rule.text);
    return node;
}

bool RbacEngine::evaluate(const Node &node, const ConnectionFacts &connection, const RequestView *request)
{
    const auto holds = [&](const std::unique_ptr<Node> &child) {
        return evaluate(*child, connection, request);
    };
    const RbacRule &rule = node.rule;
    switch (rule.kind) {
    case RbacKind::Any:
        return rule.anyValue;
    case RbacKind::And:
        return std::all_of(node.children.begin(), node.children.end(), holds);
    case RbacKind::Or:
        return std::any_of(node.children.begin(), node.children.end(), holds);
    case RbacKind::Not:
        return !holds(node.children.front());
    case RbacKind::Header:
        // On a TCP connection there are no headers; a matcher sees them as absent.
        return request ? node.header->matches(*request) : node.header->matchesValue(std::nullopt);
    case RbacKind::UrlPath:
        return request && node.string.matches(pathOnly(request->path()));
    case RbacKind::UriTemplate:
        return request && node.pathTemplate->matches(pathOnly(request->path()));
    case RbacKind::DestinationIp:
        return node.range.contains(connection.localIp);
    case RbacKind::DestinationPort:
        return connection.localPort == rule.port;
    case RbacKind::DestinationPorts:
        return connection.localPort >= rule.port && connection.localPort < rule.portEnd;
    case RbacKind::RequestedServerName:
        return node.string.matches(connection.requestedServerName);
    case RbacKind::Authenticated:
        if (!connection.tls)
            return false;
        // Without a name any TLS connection will do, even one without a client certificate (Envoy 1.40).
        return !rule.hasString || (connection.peerValidated && authenticated(node.string, connection));
    case RbacKind::SourceIp:
        return node.range.contains(connection.sourceIp);
    case RbacKind::DirectRemoteIp:
        return node.range.contains(connection.sourceIp);
    case RbacKind::RemoteIp:
        return node.range.contains(connection.remoteIp);
    case RbacKind::Metadata:
        return node.metadata->matches(request ? request->metadata() : nullptr);
    case RbacKind::FilterState:
        return rule.text == "io.istio.peer_principal" && authenticated(node.string, connection);
    }
    return false;
}

RbacEngine::Decision RbacEngine::decide(const ConnectionFacts &connection, const RequestView *request,
                                        const CelAttributes *attributes) const
{
    const auto anyHolds = [&](const std::vector<std::unique_ptr<Node>> &nodes) {
        return std::any_of(nodes.begin(), nodes.end(), [&](const std::unique_ptr<Node> &node) {
            return evaluate(*node, connection, request);
        });
    };
    const auto matched = std::find_if(m_policies.begin(), m_policies.end(), [&](const Policy &policy) {
        return anyHolds(policy.permissions) && anyHolds(policy.principals) &&
               (!policy.condition || (attributes != nullptr && policy.condition->holds(*attributes)));
    });
    const bool found = matched != m_policies.end();
    Decision decision;
    decision.allowed = m_action == RbacAction::Log || (m_action == RbacAction::Allow) == found;
    if (found)
        decision.policy = matched->id;
    return decision;
}

} // namespace sallyport::dataplane
