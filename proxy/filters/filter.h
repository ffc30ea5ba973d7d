// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/request_view.h"
#include "core/dataplane/route_matcher.h"
#include "proxy/http/header_map.h"
#include "proxy/net/buffer.h"
#include "proxy/net/dispatcher.h"
#include "proxy/telemetry/stream_info.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>

namespace sallyport::upstream {
class ClusterManager;
}

namespace sallyport::filters {

/// Whether a message goes on to the next filter.
enum class FilterStatus {
    Continue,
    Stop ///< the filter answers, or calls continueDecoding() later
};

/// A header map as the matchers see it.
class HeaderView : public dataplane::RequestView
{
public:
    HeaderView(const http::HeaderMap &headers, const QJsonObject *metadata,
               const dataplane::ConnectionFacts *connection = nullptr)
        : m_headers(headers)
        , m_metadata(metadata)
        , m_connection(connection)
    {
    }
    const dataplane::ConnectionFacts *connection() const override { return m_connection; }
    std::optional<std::string_view> header(std::string_view name, std::string &scratch) const override
    {
        return m_headers.find(name) ? std::optional(m_headers.getAll(name, scratch)) : std::nullopt;
    }
    bool anyOfSeveral(std::string_view name, const std::function<bool(std::string_view)> &test) const override
    {
        return m_headers.count(name) > 1 &&
               std::any_of(m_headers.begin(), m_headers.end(), [&](const http::Header &header) {
                   return header.name == name && test(header.value);
               });
    }
    std::string_view path() const override { return m_headers.get(http::Known::Path); }
    std::string_view authority() const override { return m_headers.get(http::Known::Authority); }
    std::string_view method() const override { return m_headers.get(http::Known::Method); }
    std::string_view scheme() const override { return m_headers.get(http::Known::Scheme); }
    const QJsonObject *metadata() const override
    {
        return m_metadata && !m_metadata->isEmpty() ? m_metadata : nullptr;
    }

private:
    const http::HeaderMap &m_headers;
    const QJsonObject *m_metadata;
    const dataplane::ConnectionFacts *m_connection;
};

/// A reply that the proxy makes itself.
struct LocalReply
{
    unsigned status = 500;
    std::string_view body;
    std::string_view details;
    std::optional<telemetry::ResponseFlag> flag;
    std::optional<unsigned> grpcStatus;
    bool closes = false; ///< what follows on an HTTP/1 connection is not wanted
    std::function<void(http::HeaderMap &)> modifyHeaders;
};

class LocalRateLimiter;

/// The stream, as a filter sees it. Lives as long as the filter.
class FilterCallbacks
{
public:
    virtual ~FilterCallbacks() = default;
    virtual http::HeaderMap &requestHeaders() = 0;
    /// Null: they could not be read, and this is about the answer to that.
    virtual const http::HeaderMap *readRequestHeaders() const = 0;
    virtual telemetry::StreamInfo &streamInfo() = 0;
    virtual const dataplane::ConnectionFacts &connectionFacts() = 0;
    /// The route, matched now if it has not been; null: none matches.
    virtual const dataplane::CompiledRoute *route() = 0;
    /// Of the route's weighted clusters the one that was chosen, with route(); null without them.
    virtual const dataplane::WeightedCluster *weightedCluster() const = 0;
    /// The request has changed in a way that may lead to another route.
    virtual void clearRoute() = 0;
    virtual net::EpollDispatcher &dispatcher() = 0;
    virtual void continueDecoding() = 0;
    virtual void sendLocalReply(const LocalReply &reply) = 0;
    virtual std::uint64_t random() = 0;
    /// This worker's clusters, for requests of the filter's own.
    virtual upstream::ClusterManager &clusters() = 0;
    /// What has come of the body while a filter stopped the request.
    virtual const net::Buffer &heldBody() const = 0;
    /// How much of a body may be held, in place of the connection's own limit.
    virtual void setBufferLimit(std::uint64_t bytes) = 0;
    /// The connection's own token buckets, which the first filter that asks makes.
    virtual std::shared_ptr<LocalRateLimiter> &connectionLimiter() = 0;
    /// A request was refused for the size of its body.
    virtual void countTooLarge() = 0;
};

/// One HTTP filter on one stream, in Envoy's sense; the connection manager runs them in order on the request
/// and in reverse on the response.
class HttpFilter
{
public:
    virtual ~HttpFilter() = default;
    /// `name` is the filter's in its chain; it lives as long as the callbacks.
    void begin(FilterCallbacks &callbacks, std::string_view name)
    {
        m_callbacks = &callbacks;
        m_name = name;
    }
    virtual FilterStatus decodeHeaders(http::HeaderMap &headers, bool endStream) = 0;
    /// More of the body was put by while this filter stops the request; `complete`: that was all of it.
    virtual void onBodyHeld(bool complete) { static_cast<void>(complete); }
    virtual void encodeHeaders(http::HeaderMap &headers, bool endStream)
    {
        static_cast<void>(headers);
        static_cast<void>(endStream);
    }

protected:
    /// What the stream's route, or what is around it, says of this filter; null: nothing of this kind.
    template<typename Config>
    const Config *ofRoute() const
    {
        const dataplane::CompiledRoute *route = m_callbacks->route();
        return route == nullptr ? nullptr : route->perFilter<Config>(m_name, m_callbacks->weightedCluster());
    }

    /// The cluster that the route names, or the weighted one that was chosen; empty: the route goes to none.
    std::string_view routedCluster() const
    {
        const dataplane::CompiledRoute *route = m_callbacks->route();
        const dataplane::RouteAction *action = route != nullptr ? route->action() : nullptr;
        if (action == nullptr)
            return {};
        const dataplane::WeightedCluster *weighted = m_callbacks->weightedCluster();
        return weighted != nullptr ? weighted->name : action->cluster;
    }

    FilterCallbacks *m_callbacks = nullptr;
    std::string_view m_name;
};

/// Makes the filter for each stream; shared by all workers.
using FilterFactory = std::function<std::unique_ptr<HttpFilter>()>;

} // namespace sallyport::filters
