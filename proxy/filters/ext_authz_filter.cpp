// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/ext_authz_filter.h"

#include "core/dataplane/value_matchers.h"
#include "core/result/ascii_case.h"
#include "proxy/telemetry/header_mutator.h"
#include "proxy/upstream/async_request.h"

#include <algorithm>

namespace sallyport::filters {

namespace {

using http::Known;
using upstream::AsyncAnswer;

/// Names of headers, in lower case.
class NameList
{
public:
    explicit NameList(const std::vector<dataplane::StringMatcher> &patterns)
    {
        for (const dataplane::StringMatcher &pattern : patterns)
            m_patterns.emplace_back(pattern);
    }
    bool isEmpty() const { return m_patterns.empty(); }
    bool has(std::string_view name) const
    {
        return std::any_of(
            m_patterns.begin(), m_patterns.end(),
            [name](const dataplane::CompiledString &pattern) { return pattern.matches(name); });
    }

private:
    std::vector<dataplane::CompiledString> m_patterns;
};

struct ExtAuthzShared
{
    ExtAuthzShared(const dataplane::ExtAuthz &extAuthz, telemetry::StatsStore &statsStore,
                   const std::string &httpPrefix)
        : configuration(extAuthz)
        , store(statsStore)
        , statSuffix("ext_authz." + (extAuthz.statPrefix.empty() ? std::string() : extAuthz.statPrefix + '.'))
        , request(extAuthz.allowedRequestHeaders)
        , upstreamSet(extAuthz.allowedUpstreamHeaders)
        , upstreamAppend(extAuthz.allowedUpstreamHeadersToAppend)
        , client(extAuthz.allowedClientHeaders)
        , clientOnSuccess(extAuthz.allowedClientHeadersOnSuccess)
        , ok(store.counter(httpPrefix + statSuffix + "ok"))
        , denied(store.counter(httpPrefix + statSuffix + "denied"))
        , error(store.counter(httpPrefix + statSuffix + "error"))
        , disabled(store.counter(httpPrefix + statSuffix + "disabled"))
        , failureModeAllowed(store.counter(httpPrefix + statSuffix + "failure_mode_allowed"))
    {
        if (extAuthz.enabledMetadata)
            enabledMetadata.emplace(*extAuthz.enabledMetadata);
        // Names that Envoy has; nothing here moves them.
        for (const char *name : {"invalid", "ignored_dynamic_metadata", "filter_state_name_collision",
                                 "omitted_response_headers", "request_header_limits_reached",
                                 "response_header_limits_reached", "shadow_denied", "shadow_error"})
            store.counter(httpPrefix + statSuffix + name);
    }

    dataplane::ExtAuthz configuration;
    telemetry::StatsStore &store;
    std::string statSuffix;
    NameList request;
    NameList upstreamSet;
    NameList upstreamAppend;
    NameList client;
    NameList clientOnSuccess;
    telemetry::HeaderMutator requestHeaders;
    std::optional<dataplane::CompiledMetadata> enabledMetadata;
    telemetry::Counter &ok;
    telemetry::Counter &denied;
    telemetry::Counter &error;
    telemetry::Counter &disabled;
    telemetry::Counter &failureModeAllowed;
};

/// What an answer's head has for itself, whatever the lists say.
bool belongsToTheMessage(std::string_view name)
{
    return name.starts_with(':') || name == "content-length" || name == "transfer-encoding" ||
           name == "connection";
}

class ExtAuthzFilter : public HttpFilter
{
public:
    explicit ExtAuthzFilter(std::shared_ptr<const ExtAuthzShared> shared)
        : m_shared(std::move(shared))
    {
    }
    ~ExtAuthzFilter() override
    {
        if (m_check)
            m_check->cancel();
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool endStream) override
    {
        const dataplane::ExtAuthz &configuration = m_shared->configuration;
        const auto *own = ofRoute<dataplane::ExtAuthzPerRoute>();
        if (own != nullptr && own->disabled)
            return FilterStatus::Continue;
        if (!isEnabled(headers)) {
            m_shared->disabled.inc();
            return FilterStatus::Continue;
        }
        if (configuration.maxRequestBytes > 0 && !endStream) {
            m_waitsForBody = m_hasBody = true;
            onBody(false);
        } else {
            check({}, false);
        }
        return FilterStatus::Stop;
    }

    void onBodyHeld(bool complete) override
    {
        if (m_waitsForBody)
            onBody(complete);
    }

    void encodeHeaders(http::HeaderMap &headers, bool) override
    {
        for (const auto &[name, value] : m_clientHeaders)
            headers.add(std::string_view(name), value);
    }

private:
    bool isEnabled(const http::HeaderMap &headers)
    {
        if (m_shared->enabledMetadata) {
            const HeaderView view(headers, &m_callbacks->streamInfo().dynamicMetadata);
            if (!m_shared->enabledMetadata->matches(view.metadata()))
                return false;
        }
        const auto &percent = m_shared->configuration.filterEnabled;
        return !percent || !percent->defaultValue ||
               m_callbacks->random() % percent->defaultValue->denominatorValue() <
                   percent->defaultValue->numerator;
    }

    /// Once enough of the body is there, or too much, the matter goes on.
    void onBody(bool complete)
    {
        const dataplane::ExtAuthz &configuration = m_shared->configuration;
        const net::Buffer &held = m_callbacks->heldBody();
        if (held.size() > configuration.maxRequestBytes && !configuration.allowPartialMessage) {
            m_waitsForBody = false;
            m_callbacks->countTooLarge();
            LocalReply reply;
            reply.status = 413;
            reply.body = "Payload Too Large";
            reply.details = "request_payload_too_large";
            reply.closes = true;
            m_callbacks->sendLocalReply(reply);
            return;
        }
        const bool enough = configuration.allowPartialMessage && held.size() >= configuration.maxRequestBytes;
        if (!complete && !enough)
            return;
        m_waitsForBody = false;
        std::string body(std::min<std::size_t>(held.size(), configuration.maxRequestBytes), '\0');
        held.copyOut(0, body.size(), body.data());
        const bool partial = body.size() < held.size();
        check(std::move(body), partial);
    }

    void check(std::string body, bool partial)
    {
        const http::HeaderMap &headers = m_callbacks->requestHeaders();
        const dataplane::ExtAuthz &configuration = m_shared->configuration;
        http::HeaderMapPtr request = http::HeaderMap::create(http::HeaderMap::Kind::Request);
        request->add(Known::Method, headers.get(Known::Method));
        request->add(Known::Path, configuration.pathPrefix + std::string(headers.get(Known::Path)));
        request->add(Known::Authority, headers.get(Known::Authority));
        request->add(Known::Scheme, "http");
        request->add("content-length", std::to_string(body.size()));
        for (const http::Header &header : headers) {
            const bool always = header.name == "authorization";
            if (!belongsToTheMessage(header.name) && header.name != "host" &&
                (always || m_shared->request.has(header.name)))
                request->add(header.name, header.value);
        }
        const telemetry::LogContext context{m_callbacks->streamInfo(), &headers, nullptr, nullptr, {}};
        // What is replaced goes to the end.
        for (const dataplane::HeaderValueOption &added : configuration.requestHeadersToAdd)
            request->remove(std::string_view(asciiLowered(added.key)));
        if (m_hasBody)
            request->set("x-envoy-auth-partial-body", partial ? "true" : "false");
        m_shared->requestHeaders.apply(*request, context);
        request->set(Known::EnvoyInternal, "true");
        const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(configuration.timeout);
        if (timeout.count() > 0)
            request->set("x-envoy-expected-rq-timeout-ms", std::to_string(timeout.count()));
        // The answer may come before this returns.
        std::shared_ptr<upstream::AsyncRequest> running = upstream::AsyncRequest::send(
            m_callbacks->clusters(), configuration.cluster, std::move(request), std::move(body), timeout,
            m_callbacks->random(), [this](AsyncAnswer answer) { onAnswer(std::move(answer)); });
        if (!m_answered)
            m_check = std::move(running);
    }

    void onAnswer(AsyncAnswer answer)
    {
        m_answered = true;
        m_check.reset();
        const unsigned status = answer.headers ? answer.headers->status() : 0;
        if (answer.failure != AsyncAnswer::Failure::None || status >= 500) {
            onError();
        } else if (status == 200) {
            count(m_shared->ok, "ok");
            allow(*answer.headers);
        } else {
            deny(status, answer);
        }
    }

    void onError()
    {
        const dataplane::ExtAuthz &configuration = m_shared->configuration;
        count(m_shared->error, "error");
        if (configuration.failureModeAllow) {
            count(m_shared->failureModeAllowed, "failure_mode_allowed");
            if (configuration.failureModeAllowHeaderAdd)
                m_callbacks->requestHeaders().set("x-envoy-auth-failure-mode-allowed", "true");
            m_callbacks->continueDecoding();
            return;
        }
        LocalReply reply;
        reply.status = configuration.statusOnError.value_or(403);
        reply.details = "ext_authz_error";
        reply.flag = telemetry::ResponseFlag::UnauthorizedExternalService;
        m_callbacks->sendLocalReply(reply);
    }

    void allow(const http::HeaderMap &answer)
    {
        http::HeaderMap &request = m_callbacks->requestHeaders();
        bool changed = false;
        for (const http::Header &header : answer) {
            if (belongsToTheMessage(header.name))
                continue;
            if (header.name == "x-envoy-auth-headers-to-remove") {
                changed = removeListed(request, header.value) || changed;
                continue;
            }
            if (m_shared->upstreamAppend.has(header.name)) {
                request.addLine(header.name, header.value);
                changed = true;
            } else if (m_shared->upstreamSet.has(header.name)) {
                // A well-known header keeps its place, any other goes to the end.
                if (header.known == Known::None)
                    request.remove(header.name);
                request.set(header.name, header.value);
                changed = true;
            }
            if (m_shared->clientOnSuccess.has(header.name))
                m_clientHeaders.emplace_back(header.name, header.value);
        }
        if (changed && m_shared->configuration.clearRouteCache)
            m_callbacks->clearRoute();
        m_callbacks->continueDecoding();
    }

    static bool removeListed(http::HeaderMap &request, std::string_view names)
    {
        bool removed = false;
        while (!names.empty()) {
            std::string name(names.substr(0, names.find(',')));
            names.remove_prefix(std::min(name.size() + 1, names.size()));
            std::erase(name, ' ');
            name = asciiLowered(name);
            // What makes the request a request stays.
            if (!name.empty() && name != "host" && !name.starts_with(':'))
                removed = request.remove(std::string_view(name)) > 0 || removed;
        }
        return removed;
    }

    void deny(unsigned status, const AsyncAnswer &answer)
    {
        count(m_shared->denied, "denied");
        const upstream::ClusterInfoPtr cluster = routedCluster();
        if (cluster && m_shared->configuration.chargeClusterResponseStats.value_or(true))
            cluster->stats().chargeCode(status, {.internal = true});
        LocalReply reply;
        reply.status = status;
        reply.body = answer.body;
        reply.details = "ext_authz_denied";
        reply.flag = telemetry::ResponseFlag::UnauthorizedExternalService;
        reply.modifyHeaders = [this, &answer](http::HeaderMap &headers) {
            const auto goesOn = [this](const http::Header &header) {
                return !belongsToTheMessage(header.name) &&
                       (m_shared->client.isEmpty() || header.name == "www-authenticate" ||
                        header.name == "location" || m_shared->client.has(header.name));
            };
            // They stand in for what the route says of them.
            for (const http::Header &header : *answer.headers) {
                if (goesOn(header))
                    headers.remove(header.name);
            }
            for (const http::Header &header : *answer.headers) {
                // The length keeps its place; it becomes that of the reply.
                if (header.name == "content-length")
                    headers.add(Known::ContentLength, header.value);
                else if (goesOn(header))
                    headers.addLine(header.name, header.value);
            }
        };
        m_callbacks->sendLocalReply(reply);
    }

    upstream::ClusterInfoPtr routedCluster()
    {
        const dataplane::CompiledRoute *route = m_callbacks->route();
        const dataplane::RouteAction *action = route != nullptr ? route->action() : nullptr;
        if (action == nullptr)
            return nullptr;
        const dataplane::WeightedCluster *weighted = m_callbacks->weightedCluster();
        return m_callbacks->clusters().find(weighted != nullptr ? weighted->name : action->cluster);
    }

    /// For the connection manager and for the cluster that the request was on its way to.
    void count(telemetry::Counter &counter, const char *name)
    {
        counter.inc();
        if (const upstream::ClusterInfoPtr cluster = routedCluster())
            m_shared->store
                .counter("cluster." + telemetry::sanitizedStatName(cluster->observabilityName()) + '.' +
                         m_shared->statSuffix + name)
                .inc();
    }

    std::shared_ptr<const ExtAuthzShared> m_shared;
    std::shared_ptr<upstream::AsyncRequest> m_check;
    std::vector<std::pair<std::string, std::string>> m_clientHeaders;
    bool m_waitsForBody = false;
    bool m_hasBody = false; ///< and the service is to see it
    bool m_answered = false;
};

} // namespace

Result<FilterFactory> makeExtAuthzFactory(const dataplane::ExtAuthz &configuration,
                                          telemetry::StatsStore &store, const std::string &statPrefix)
{
    auto shared = std::make_shared<ExtAuthzShared>(configuration, store, statPrefix);
    Result<telemetry::HeaderMutator> added =
        telemetry::HeaderMutator::create(configuration.requestHeadersToAdd, {});
    if (!added)
        return fail(added.error());
    shared->requestHeaders = *std::move(added);
    return FilterFactory([shared = std::shared_ptr<const ExtAuthzShared>(std::move(shared))] {
        return std::make_unique<ExtAuthzFilter>(shared);
    });
}

} // namespace sallyport::filters
