// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/jwt_authn_filter.h"

#include "core/dataplane/route_matcher.h"
#include "proxy/filters/jwt_provider.h"

#include <algorithm>
#include <map>

namespace sallyport::filters {

namespace {

using dataplane::JwtRequirement;
using http::Known;

const QString MetadataName = QStringLiteral("envoy.filters.http.jwt_authn");

struct JwtAuthnShared
{
    dataplane::JwtAuthentication configuration;
    std::map<std::string, std::shared_ptr<const VerifiedProvider>> providers;
    /// The rules' matches, as routes of one virtual host.
    std::shared_ptr<const dataplane::CompiledRoutes> rules;
    telemetry::Counter *allowed = nullptr;
    telemetry::Counter *denied = nullptr;
    telemetry::Counter *cacheMiss = nullptr;
    telemetry::Counter *preflightBypassed = nullptr;
};

std::shared_ptr<const dataplane::CompiledRoutes> compileRules(const std::vector<dataplane::JwtRule> &rules)
{
    dataplane::RouteConfiguration routes;
    dataplane::VirtualHost &host = routes.virtualHosts.emplace_back();
    host.domains = {"*"};
    for (const dataplane::JwtRule &rule : rules) {
        dataplane::Route &route = host.routes.emplace_back();
        route.match = rule.match;
        route.action = dataplane::DirectResponseAction();
    }
    return dataplane::CompiledRoutes::compile(std::move(routes));
}

/// One request under the filter's requirements.
class Verification
{
public:
    Verification(const JwtAuthnShared &shared, http::HeaderMap &request, QJsonObject &metadata)
        : m_shared(shared)
        , m_request(request)
        , m_metadata(metadata)
        , m_now(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                               std::chrono::system_clock::now().time_since_epoch())
                                               .count()))
    {
    }

    JwtStatus satisfy(const JwtRequirement &requirement)
    {
        switch (requirement.kind) {
        case JwtRequirement::Kind::None:
            return JwtStatus::Ok;
        case JwtRequirement::Kind::Provider:
        case JwtRequirement::Kind::ProviderAndAudiences:
            return verify(*m_shared.providers.at(requirement.provider), requirement.audiences);
        case JwtRequirement::Kind::Any:
            return satisfyAny(requirement.requirements);
        case JwtRequirement::Kind::All:
            return satisfyAll(requirement.requirements);
        case JwtRequirement::Kind::AllowMissingOrFailed:
            verifyByIssuer();
            return JwtStatus::Ok;
        case JwtRequirement::Kind::AllowMissing: {
            const JwtStatus status = verifyByIssuer();
            return status == JwtStatus::Missing ? JwtStatus::Ok : status;
        }
        }
        return JwtStatus::Missing;
    }

    /// Whether what a good token left in the request may lead to another route.
    bool clearsRoute() const { return m_clearsRoute; }

private:
    static bool is(const JwtRequirement &requirement, JwtRequirement::Kind kind)
    {
        return requirement.kind == kind;
    }
    static bool anyIs(const std::vector<JwtRequirement> &list, JwtRequirement::Kind kind)
    {
        return std::any_of(list.begin(), list.end(),
                           [kind](const JwtRequirement &each) { return is(each, kind); });
    }

    JwtStatus satisfyAny(const std::vector<JwtRequirement> &requirements)
    {
        using Kind = JwtRequirement::Kind;
        std::optional<JwtStatus> telling; // that a token is missing or another's says less
        JwtStatus last = JwtStatus::Missing;
        bool onlyMissing = true;
        for (const JwtRequirement &requirement : requirements) {
            if (is(requirement, Kind::AllowMissing) || is(requirement, Kind::AllowMissingOrFailed))
                continue;
            const JwtStatus status = satisfy(requirement);
            if (status == JwtStatus::Ok)
                return status;
            if (status != JwtStatus::Missing) {
                onlyMissing = false;
                last = status;
                if (status != JwtStatus::UnknownIssuer)
                    telling = status;
            }
        }
        if (anyIs(requirements, Kind::AllowMissingOrFailed))
            return JwtStatus::Ok;
        if (onlyMissing && anyIs(requirements, Kind::AllowMissing))
            return JwtStatus::Ok;
        return telling.value_or(last);
    }

    JwtStatus satisfyAll(const std::vector<JwtRequirement> &requirements)
    {
        for (const JwtRequirement &requirement : requirements) {
            if (const JwtStatus status = satisfy(requirement); status != JwtStatus::Ok)
                return status;
        }
        return JwtStatus::Ok;
    }

    /// All tokens of a request must be good; the last one found is the first one looked at.
    JwtStatus verify(const VerifiedProvider &provider, const std::vector<std::string> &audiences)
    {
        const std::vector<FoundToken> tokens = provider.tokensOf(m_request);
        provider.sanitize(m_request);
        JwtStatus status = JwtStatus::Missing;
        m_looked = tokens.empty() ? nullptr : &provider;
        for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {
            // Envoy looks for the tokens of a required provider in its cache, which is off by default.
            m_shared.cacheMiss->inc();
            Jwt jwt;
            status = jwt.parse(token->text);
            if (status == JwtStatus::Ok)
                status = provider.check(jwt, audiences, m_now);
            if (status != JwtStatus::Ok)
                break;
            accept(provider, jwt, *token);
        }
        if (status != JwtStatus::Ok)
            noteFailure(status);
        return status;
    }

    /// Every token, whatever provider it belongs to: those that are good are taken, and what the last one
    /// (the first in the request) is decides.
    JwtStatus verifyByIssuer()
    {
        struct Candidate
        {
            FoundToken token;
            std::vector<const VerifiedProvider *> providers;
        };
        std::vector<Candidate> candidates;
        for (const auto &[name, provider] : m_shared.providers) {
            for (FoundToken &token : provider->tokensOf(m_request)) {
                auto same =
                    std::find_if(candidates.begin(), candidates.end(), [&token](const Candidate &known) {
                        return known.token.place == token.place && known.token.name == token.name &&
                               known.token.text == token.text;
                    });
                if (same == candidates.end())
                    same = candidates.insert(candidates.end(), {std::move(token), {}});
                same->providers.push_back(provider.get());
            }
            provider->sanitize(m_request);
        }
        std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate &a, const Candidate &b) {
            return a.token.place < b.token.place;
        });
        JwtStatus status = JwtStatus::Missing;
        m_looked = nullptr;
        if (candidates.empty())
            noteFailure(status);
        for (auto candidate = candidates.rbegin(); candidate != candidates.rend(); ++candidate)
            status = verifyWithAny(candidate->token, candidate->providers);
        return status;
    }

    JwtStatus verifyWithAny(const FoundToken &token, const std::vector<const VerifiedProvider *> &providers)
    {
        Jwt jwt;
        JwtStatus status = jwt.parse(token.text);
        for (const VerifiedProvider *provider : providers) {
            if (status != JwtStatus::Ok && status != JwtStatus::UnknownIssuer)
                break;
            status = provider->check(jwt, {}, m_now);
            if (status == JwtStatus::UnknownIssuer)
                continue;
            m_looked = provider;
            if (status == JwtStatus::Ok)
                accept(*provider, jwt, token);
            break;
        }
        if (status != JwtStatus::Ok)
            noteFailure(status);
        return status;
    }

    void accept(const VerifiedProvider &provider, const Jwt &jwt, const FoundToken &token)
    {
        provider.accept(jwt, token, m_request, m_metadata);
        const dataplane::JwtProvider &wanted = provider.configuration();
        m_clearsRoute =
            m_clearsRoute ||
            (wanted.clearRouteCache && (!wanted.payloadInMetadata.empty() || !wanted.claimToHeaders.empty()));
    }

    /// Under the name that the provider has for it whose token is looked at, or else the only provider.
    void noteFailure(JwtStatus status)
    {
        const VerifiedProvider *provider = m_looked;
        if (provider == nullptr && m_shared.providers.size() == 1)
            provider = m_shared.providers.begin()->second.get();
        if (provider == nullptr || provider->configuration().failedStatusInMetadata.empty())
            return;
        const std::string_view text = jwtStatusText(status);
        m_metadata[QString::fromStdString(provider->configuration().failedStatusInMetadata)] = QJsonObject{
            {QStringLiteral("code"), static_cast<int>(status)},
            {QStringLiteral("message"), QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()))}};
    }

    const JwtAuthnShared &m_shared;
    http::HeaderMap &m_request;
    QJsonObject &m_metadata;
    std::uint64_t m_now;
    bool m_clearsRoute = false;
    const VerifiedProvider *m_looked = nullptr;
};

class JwtAuthnFilter : public HttpFilter
{
public:
    explicit JwtAuthnFilter(std::shared_ptr<const JwtAuthnShared> shared)
        : m_shared(std::move(shared))
    {
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        if (m_shared->configuration.bypassCorsPreflight && isPreflight(headers)) {
            m_shared->preflightBypassed->inc();
            m_shared->allowed->inc();
            return FilterStatus::Continue;
        }
        bool known = true;
        const JwtRequirement *requirement = requirementFor(headers, known);
        if (!known) {
            m_shared->denied->inc();
            LocalReply reply;
            reply.status = 403;
            const std::string body = "Failed JWT authentication: " + wrongName();
            const std::string details = detailsFor(wrongName());
            reply.body = body;
            reply.details = details;
            m_callbacks->sendLocalReply(reply);
            return FilterStatus::Stop;
        }
        if (requirement == nullptr) {
            m_shared->allowed->inc();
            return FilterStatus::Continue;
        }
        const std::string uri = originalUri(headers);
        QJsonObject &all = m_callbacks->streamInfo().dynamicMetadata;
        QJsonObject metadata = all.value(MetadataName).toObject();
        Verification verification(*m_shared, headers, metadata);
        const JwtStatus status = verification.satisfy(*requirement);
        if (!metadata.isEmpty())
            all[MetadataName] = metadata;
        if (status != JwtStatus::Ok)
            return refuse(status, uri);
        m_shared->allowed->inc();
        if (verification.clearsRoute())
            m_callbacks->clearRoute();
        return FilterStatus::Continue;
    }

private:
    static bool isPreflight(const http::HeaderMap &headers)
    {
        return headers.get(Known::Method) == "OPTIONS" && !headers.get("origin").empty() &&
               !headers.get("access-control-request-method").empty();
    }

    /// Null: none. `known` becomes false if the route names one that does not exist.
    const JwtRequirement *requirementFor(const http::HeaderMap &headers, bool &known)
    {
        const dataplane::JwtAuthentication &configuration = m_shared->configuration;
        const auto named = [&](const std::string &name) -> const JwtRequirement * {
            const auto found = configuration.requirementMap.find(name);
            known = found != configuration.requirementMap.end();
            return known ? &found->second : nullptr;
        };
        if (const auto *own = ofRoute<dataplane::JwtPerRoute>())
            return own->requirementName ? named(*own->requirementName) : nullptr;
        const HeaderView view(headers, &m_callbacks->streamInfo().dynamicMetadata);
        const dataplane::CompiledRoute *match = m_shared->rules->find(view, m_callbacks->random());
        if (match == nullptr)
            return nullptr;
        const auto index = static_cast<std::size_t>(&match->route() - match->host().routes.data());
        const dataplane::JwtRule &rule = configuration.rules[index];
        if (rule.requirement)
            return &*rule.requirement;
        return rule.requirementName.empty() ? nullptr : named(rule.requirementName);
    }

    static std::string originalUri(const http::HeaderMap &headers)
    {
        constexpr std::size_t MostPath = 256;
        const std::string_view original = headers.get("x-envoy-original-path");
        const std::string_view path = original.empty() ? headers.get(Known::Path) : original;
        std::string uri(headers.get("x-forwarded-proto"));
        uri += "://";
        uri += headers.get(Known::Authority);
        uri += path.substr(0, MostPath);
        return uri;
    }

    static std::string detailsFor(std::string_view reason)
    {
        std::string details = "jwt_authn_access_denied{" + std::string(reason) + '}';
        std::replace(details.begin(), details.end(), ' ', '_');
        return details;
    }

    /// What is wrong with the requirement that the route names.
    std::string wrongName()
    {
        const auto *own = ofRoute<dataplane::JwtPerRoute>();
        std::string names;
        for (const auto &[name, requirement] : m_shared->configuration.requirementMap)
            names += (names.empty() ? "" : ",") + name;
        return "Wrong requirement_name: " + own->requirementName.value_or("") + ". It should be one of [" +
               names + ']';
    }

    FilterStatus refuse(JwtStatus status, const std::string &uri)
    {
        m_shared->denied->inc();
        const std::string details = detailsFor(jwtStatusText(status));
        LocalReply reply;
        reply.status = status == JwtStatus::AudienceNotAllowed ? 403 : 401;
        reply.body = jwtStatusText(status);
        reply.details = details;
        reply.modifyHeaders = [status, &uri](http::HeaderMap &headers) {
            std::string challenge = "Bearer realm=\"" + uri + '"';
            if (status != JwtStatus::Missing)
                challenge += ", error=\"invalid_token\"";
            headers.add("www-authenticate", challenge);
        };
        m_callbacks->sendLocalReply(reply);
        return FilterStatus::Stop;
    }

    std::shared_ptr<const JwtAuthnShared> m_shared;
};

} // namespace

Result<FilterFactory> makeJwtAuthnFactory(const dataplane::JwtAuthentication &configuration,
                                          telemetry::StatsStore &store, const std::string &statPrefix)
{
    auto shared = std::make_shared<JwtAuthnShared>();
    shared->configuration = configuration;
    for (const auto &[name, provider] : configuration.providers) {
        Result<std::shared_ptr<const VerifiedProvider>> verified = VerifiedProvider::create(provider);
        if (!verified)
            return fail("jwt_authn, provider '" + name + "': " + verified.error().what,
                        verified.error().where, verified.error().hint);
        shared->providers[name] = *std::move(verified);
    }
    shared->rules = compileRules(configuration.rules);
    const std::string prefix =
        statPrefix + "jwt_authn." + (configuration.statPrefix.empty() ? "" : configuration.statPrefix + '.');
    shared->allowed = &store.counter(prefix + "allowed");
    shared->denied = &store.counter(prefix + "denied");
    shared->preflightBypassed = &store.counter(prefix + "cors_preflight_bypassed");
    // Names that Envoy has; keys are at hand and tokens are not cached here.
    shared->cacheMiss = &store.counter(prefix + "jwt_cache_miss");
    for (const char *name : {"jwks_fetch_success", "jwks_fetch_failed", "jwt_cache_hit"})
        store.counter(prefix + name);
    return FilterFactory([shared = std::shared_ptr<const JwtAuthnShared>(std::move(shared))] {
        return std::make_unique<JwtAuthnFilter>(shared);
    });
}

} // namespace sallyport::filters
