// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/authorizer_problem.h"

#include "core/dataplane/api_schema.h"

#include <algorithm>
#include <charconv>

namespace sallyport::compile {

namespace {

/// Names become keys of metadata and parts of policies' names.
bool isProviderName(const std::string &name)
{
    constexpr std::size_t longest = 63;
    return !name.empty() && name.size() <= longest && name.front() != '-' && name.back() != '-' &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// A number among those of Envoy's StatusCode.
bool isEnvoyStatus(const std::string &text)
{
    int status = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, status);
    const auto &numbers = dataplane::ApiSchema::envoy().enumeration("envoy.type.v3.StatusCode")->numbers;
    return error == std::errc() && stop == end &&
           std::find(numbers.begin(), numbers.end(), status) != numbers.end();
}

bool hasBareWildcard(const std::vector<std::string> &headers)
{
    return std::find(headers.begin(), headers.end(), "*") != headers.end();
}

} // namespace

bool isAuthorizer(const model::ExtensionProvider &provider)
{
    using Kind = model::ExtensionProvider::Kind;
    return provider.kind == Kind::EnvoyExtAuthzHttp || provider.kind == Kind::EnvoyExtAuthzGrpc;
}

std::string authorizerProblem(const model::ExtensionProvider &provider,
                              const std::vector<model::ExtensionProvider> &all)
{
    constexpr std::uint32_t lastPort = 65535;
    if (!isProviderName(provider.name))
        return "its name must be 63 lower-case letters, digits and hyphens at most, with none of the "
               "hyphens at an end";
    const auto namesakes = std::count_if(all.begin(), all.end(), [&provider](const auto &other) {
        return other.name == provider.name && isAuthorizer(other);
    });
    if (namesakes > 1)
        return "several have its name";
    if (provider.port == 0 || provider.port > lastPort)
        return "its port must be 1 to 65535";
    if (!provider.statusOnError.empty() && !isEnvoyStatus(provider.statusOnError))
        return "its statusOnError is no status that Envoy knows";
    if (!provider.pathPrefix.empty() && provider.pathPrefix.front() != '/')
        return "its pathPrefix must begin with /";
    if (hasBareWildcard(provider.includeRequestHeadersInCheck) ||
        hasBareWildcard(provider.headersToUpstreamOnAllow) ||
        hasBareWildcard(provider.headersToDownstreamOnDeny) ||
        hasBareWildcard(provider.headersToDownstreamOnAllow))
        return "a header of its lists is * alone; only prefixes and suffixes may have one";
    return {};
}

} // namespace sallyport::compile
