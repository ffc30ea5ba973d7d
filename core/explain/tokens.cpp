// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/tokens.h"

#include "core/dataplane/route_matcher.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>

namespace sallyport::explain {

namespace {

using dataplane::JwtRequirement;

constexpr const char *ok = "";
constexpr const char *missing = "Jwt is missing";
constexpr const char *unknownIssuer = "Jwt issuer is not configured";
constexpr const char *wrongAudience = "Audiences in Jwt are not allowed";

QJsonObject decoded(const std::string &part)
{
    return QJsonDocument::fromJson(
               QByteArray::fromBase64(QByteArray::fromStdString(part),
                                      QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals))
        .object();
}

/// What follows the prefix, up to the next character that is none of a token's.
std::string afterPrefix(const std::string &value, const std::string &prefix)
{
    const std::size_t at = value.find(prefix);
    if (at == std::string::npos)
        return {};
    const std::string rest = value.substr(at + prefix.size());
    return rest.substr(0, rest.find_first_of(" ,;\""));
}

std::vector<std::string> tokensIn(const dataplane::JwtProvider &provider, const CarriedRequest &request)
{
    std::vector<dataplane::JwtProvider::Header> headers = provider.fromHeaders;
    std::vector<std::string> parameters = provider.fromParams;
    if (headers.empty() && parameters.empty() && provider.fromCookies.empty()) {
        headers = {{"authorization", "Bearer "}};
        parameters = {"access_token"};
    }
    std::vector<std::string> tokens;
    const auto add = [&tokens](std::string token) {
        if (!token.empty())
            tokens.push_back(std::move(token));
    };
    for (const auto &header : headers)
        add(afterPrefix(request.get(lowered(header.name)), header.valuePrefix));
    for (const std::string &name : parameters)
        add(std::string(dataplane::queryParameter(request.path(), name).value_or(std::string_view())));
    for (const std::string &name : provider.fromCookies)
        add(afterPrefix(request.get("cookie"), name + '='));
    return tokens;
}

bool hasAudience(const QJsonValue &claim, const std::vector<std::string> &allowed)
{
    const QJsonArray audiences = claim.isArray() ? claim.toArray() : QJsonArray{claim};
    return std::any_of(audiences.begin(), audiences.end(), [&allowed](const QJsonValue &audience) {
        return std::find(allowed.begin(), allowed.end(), audience.toString().toStdString()) != allowed.end();
    });
}

class Judge
{
public:
    Judge(const dataplane::JwtAuthentication &filter, const CarriedRequest &request, long long now,
          TokenVerdict &verdict)
        : m_filter(filter)
        , m_request(request)
        , m_now(now)
        , m_verdict(verdict)
    {
    }

    /// Empty: satisfied; else Envoy's words for what is wrong.
    std::string satisfy(const JwtRequirement &requirement)
    {
        using Kind = JwtRequirement::Kind;
        switch (requirement.kind) {
        case Kind::None:
            return ok;
        case Kind::Provider:
        case Kind::ProviderAndAudiences:
            return verify(requirement.provider, requirement.audiences);
        case Kind::All:
            for (const JwtRequirement &each : requirement.requirements) {
                if (std::string problem = satisfy(each); !problem.empty())
                    return problem;
            }
            return ok;
        case Kind::Any:
            return satisfyAny(requirement.requirements);
        case Kind::AllowMissingOrFailed:
            verifyByIssuer();
            return ok;
        case Kind::AllowMissing:
            break;
        }
        std::string problem = verifyByIssuer();
        return problem == missing ? ok : problem;
    }

private:
    std::string satisfyAny(const std::vector<JwtRequirement> &requirements)
    {
        using Kind = JwtRequirement::Kind;
        const auto anyIs = [&requirements](Kind kind) {
            return std::any_of(requirements.begin(), requirements.end(),
                               [kind](const JwtRequirement &each) { return each.kind == kind; });
        };
        std::string telling;
        bool onlyMissing = true;
        for (const JwtRequirement &each : requirements) {
            if (each.kind == Kind::AllowMissing || each.kind == Kind::AllowMissingOrFailed)
                continue;
            const std::string problem = satisfy(each);
            if (problem.empty())
                return ok;
            onlyMissing = onlyMissing && problem == missing;
            if (problem != missing && (telling.empty() || telling == unknownIssuer))
                telling = problem;
        }
        if (anyIs(Kind::AllowMissingOrFailed) || (onlyMissing && anyIs(Kind::AllowMissing)))
            return ok;
        return telling.empty() ? missing : telling;
    }

    std::string verifyByIssuer()
    {
        std::string problem = missing;
        for (const auto &provider : m_filter.providers) {
            const std::string each = verify(provider.first, {});
            if (each.empty())
                return ok;
            if (each != missing && (problem == missing || problem == unknownIssuer))
                problem = each;
        }
        return problem;
    }

    std::string verify(const std::string &name, const std::vector<std::string> &audiences)
    {
        const auto found = m_filter.providers.find(name);
        if (found == m_filter.providers.end())
            return missing;
        const dataplane::JwtProvider &provider = found->second;
        std::string problem = missing;
        for (const std::string &token : tokensIn(provider, m_request)) {
            problem = check(provider, token, audiences.empty() ? provider.audiences : audiences);
            if (problem.empty())
                return ok;
        }
        m_verdict.why.push_back(provider.issuer + ": " + problem);
        return problem;
    }

    std::string check(const dataplane::JwtProvider &provider, const std::string &token,
                      const std::vector<std::string> &audiences)
    {
        const std::size_t first = token.find('.');
        const std::size_t second = token.find('.', first == std::string::npos ? first : first + 1);
        if (first == std::string::npos || second == std::string::npos)
            return "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections";
        const QJsonObject payload = decoded(token.substr(first + 1, second - first - 1));
        if (payload.isEmpty())
            return "Jwt payload is an invalid JSON";
        const std::string issuer = payload.value(QLatin1String("iss")).toString().toStdString();
        if (!provider.issuer.empty() && issuer != provider.issuer)
            return unknownIssuer;
        const auto skew = static_cast<double>(provider.clockSkewSeconds);
        const double notBefore = payload.value(QLatin1String("nbf")).toDouble();
        const double expires = payload.value(QLatin1String("exp")).toDouble();
        if (notBefore > 0 && static_cast<double>(m_now) + skew < notBefore)
            return "Jwt not yet valid";
        if (expires > 0 && static_cast<double>(m_now) > expires + skew)
            return "Jwt is expired";
        if (!audiences.empty() && !hasAudience(payload.value(QLatin1String("aud")), audiences))
            return wrongAudience;
        m_verdict.believed = true;
        m_verdict.why.push_back("a token of " + issuer + " is there, and its times and audience fit");
        if (!provider.payloadInMetadata.empty())
            m_verdict.metadata[QString::fromStdString(provider.payloadInMetadata)] = payload;
        return ok;
    }

    const dataplane::JwtAuthentication &m_filter;
    const CarriedRequest &m_request;
    long long m_now;
    TokenVerdict &m_verdict;
};

const JwtRequirement *requirementFor(const dataplane::JwtAuthentication &filter,
                                     const CarriedRequest &request)
{
    dataplane::RouteConfiguration routes;
    dataplane::VirtualHost &host = routes.virtualHosts.emplace_back();
    host.domains = {"*"};
    for (const dataplane::JwtRule &rule : filter.rules) {
        dataplane::Route &route = host.routes.emplace_back();
        route.match = rule.match;
        route.action = dataplane::DirectResponseAction();
    }
    const auto compiled = dataplane::CompiledRoutes::compile(std::move(routes));
    const dataplane::CompiledRoute *match = compiled->find(request, 0);
    if (match == nullptr)
        return nullptr;
    const auto index = static_cast<std::size_t>(&match->route() - match->host().routes.data());
    const dataplane::JwtRule &rule = filter.rules[index];
    if (rule.requirement)
        return &*rule.requirement;
    const auto named = filter.requirementMap.find(rule.requirementName);
    return named == filter.requirementMap.end() ? nullptr : &named->second;
}

} // namespace

TokenVerdict judgeTokens(const dataplane::JwtAuthentication &filter, const CarriedRequest &request,
                         long long now)
{
    TokenVerdict verdict;
    const JwtRequirement *requirement = requirementFor(filter, request);
    if (requirement == nullptr)
        return verdict;
    verdict.problem = Judge(filter, request, now, verdict).satisfy(*requirement);
    verdict.satisfied = verdict.problem.empty();
    verdict.status = verdict.problem == wrongAudience ? 403 : 401;
    return verdict;
}

} // namespace sallyport::explain
