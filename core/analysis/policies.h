// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/facts.h"

namespace sallyport::analysis {

using Policy = model::AuthorizationPolicy;

/// Pods that a policy holds for, whatever is before them.
std::vector<const compile::Instance *> protectedBy(const MeshFacts &facts, const Policy &policy);
/// Gateways among them.
std::vector<const ProxyFacts *> gatewaysUnder(const MeshFacts &facts, const Policy &policy);

/// Whether a rule asks who the client is, by its mesh certificate.
bool asksIdentity(const Policy::Rule &rule);
/// Whether an operation or source asks for what only HTTP has.
bool asksHttp(const Policy::Operation &operation);
bool asksHttp(const Policy::Source &source);

/// Calls `use(rule index, operation index, operation)`.
template<typename Use>
void eachOperation(const Policy &policy, Use use)
{
    for (std::size_t r = 0; policy.rules && r < policy.rules->size(); ++r) {
        for (std::size_t t = 0; t < (*policy.rules)[r].to.size(); ++t)
            use(r, t, (*policy.rules)[r].to[t]);
    }
}

/// Calls `use(rule, index, from)` for every `from` of the policy's rules.
template<typename Use>
void eachSource(const Policy &policy, Use use)
{
    for (std::size_t r = 0; policy.rules && r < policy.rules->size(); ++r) {
        for (std::size_t f = 0; f < (*policy.rules)[r].from.size(); ++f)
            use(r, f, (*policy.rules)[r].from[f]);
    }
}

/// `spec.rules[0].to[0].operation`, `spec.rules[0].from[0].source`
std::string operationPath(std::size_t rule, std::size_t operation);
std::string sourcePath(std::size_t rule, std::size_t source);

/// A gateway's server that passes bytes on: TCP, or TLS that is not ended or holds no HTTP.
bool passesBytes(const compile::GatewayServer &server);

} // namespace sallyport::analysis
