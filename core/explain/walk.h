// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/rbac_engine.h"
#include "core/dataplane/route_matcher.h"
#include "core/explain/arrival.h"
#include "core/explain/explanation.h"
#include "core/explain/handshake.h"
#include "core/explain/known_attributes.h"
#include "core/explain/origins.h"

#include <chrono>

/// The parts of explain(): one request followed from hop to hop. Every function takes a request as it comes
/// on a connection and gives back what the connection's client gets, so that each hop knows on the way back
/// what it logs.
namespace sallyport::explain {

/// What is sent on one connection.
struct Wire
{
    dataplane::SocketAddress
        destination;          ///< on this machine; of an intercepted connection where it meant to go
    bool intercepted = false; ///< by the sidecar of `source`'s workload
    bool proxyHeader = false; ///< a PROXY header comes first
    std::string source;       ///< the client's address
    std::vector<std::shared_ptr<TlsClientSide>> layers; ///< TLS around the request, outermost first
    CarriedRequest request;
    bool http2 = false;
};

/// What a client gets.
struct Reply
{
    enum class End {
        Response,
        Refused,       ///< nobody listens
        Overflow,      ///< the cluster's circuit breakers let nothing pass
        Closed,        ///< taken, and closed without an answer
        Reset,         ///< taken, and reset without an answer
        TlsFailed,     ///< the TLS layer `layer` came to nothing; `failure` is what its owner reports
        ProtocolError, ///< an answer that is none
        Loop           ///< the request goes round in circles: what ends it (sizes, time) is not known here
    };
    End end = End::Response;
    int status = 0;
    std::string body;
    bool bodyKnown = false;
    std::string location;
    std::chrono::milliseconds took{0};
    const TlsClientSide *layer = nullptr;
    std::string failure;
    std::string decidedBy; ///< the workload whose doing it is
    std::string flags = "-";
    std::string details;
};

/// A connection as policies see it. The views of `facts` point into it.
struct Connection
{
    Connection() = default;
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    dataplane::ConnectionFacts facts;
    std::string sni;
    std::vector<std::string> uris;
    std::vector<std::string> dnsNames;
    std::string subject;
    std::string clientCert; ///< for x-forwarded-client-cert
    std::string filterChain;
};

/// The way from a proxy to its upstream.
struct Way
{
    const dataplane::Cluster *cluster = nullptr;
    const dataplane::IstioAlpn *alpn = nullptr; ///< of the HTTP filters
    bool http = false;
    bool highPriority = false;
    std::optional<dataplane::SocketAddress> original; ///< where the connection meant to go
};

/// Follows one request hop by hop. For one run().
class Walk
{
public:
    Walk(const Scene &scene, const Request &request);
    Result<Explanation> run();

private:
    using HopIndex = std::size_t;

    // walk.cpp: the client, and who answers at an address
    Result<Wire> leave(const lab::Instance &client);
    Reply connect(HopIndex from, Wire wire);
    Reply answer(HopIndex from, const Application &application, Wire wire);
    void conclude(const Reply &reply);

    // walk_listener.cpp
    Reply listen(HopIndex from, const Proxy &proxy, const dataplane::Listener &listener, Wire wire);
    const dataplane::Listener &handOver(HopIndex hop, const Proxy &proxy, const dataplane::Listener &listener,
                                        const Wire &wire);
    /// None: the connection goes on, decrypted.
    std::optional<Reply> terminate(HopIndex hop, const Proxy &proxy, const dataplane::FilterChain &chain,
                                   Wire &wire, Connection &connection);

    // walk_network_filters.cpp
    Reply takeChain(HopIndex hop, const Proxy &proxy, const dataplane::FilterChain &chain, Wire wire);
    /// None: it may.
    std::optional<Reply> mayConnect(HopIndex hop, const Proxy &proxy, const dataplane::Rbac &rbac,
                                    const Connection &connection);
    void noteBytes(HopIndex hop, const Proxy &proxy, const dataplane::FilterChain &chain, const Wire &wire);
    /// Which cluster, or which name to look up, is for the SNI to say.
    struct BySni
    {
        std::string cluster;
        const dataplane::SniDynamicForwardProxy *lookUp = nullptr;
    };
    Reply proxyBytes(HopIndex hop, const Proxy &proxy, const dataplane::TcpProxy &tcp, const BySni &bySni,
                     Wire wire);

    // walk_http.cpp
    Reply serve(HopIndex hop, const Proxy &proxy, const dataplane::HttpConnectionManager &manager,
                Connection &connection, Wire wire);
    struct Stream;
    void findRoute(Stream &stream);
    void tellRoute(Stream &stream, const dataplane::VirtualHost *host);
    Reply routeOn(Stream &stream, Wire wire);
    Reply direct(Stream &stream);
    void changeRequest(Stream &stream);
    Reply local(HopIndex hop, int status, const std::string &body, const std::string &details,
                const std::string &flags = "-");

    // walk_filters.cpp: none if the request goes on
    std::optional<Reply> filter(Stream &stream, const dataplane::HttpFilter &filter);
    std::optional<Reply> authorize(Stream &stream, const dataplane::Rbac &rbac);
    std::optional<Reply> inject(Stream &stream, const dataplane::Fault &fault);
    std::optional<Reply> checkOrigin(Stream &stream, const std::string &filter);

    // walk_answers.cpp: filters by the name that they have in their chain
    std::optional<Reply> authenticate(Stream &stream, const std::string &filter,
                                      const dataplane::JwtAuthentication &whole);
    std::optional<Reply> limit(Stream &stream, const dataplane::LocalRateLimit &limit);
    /// A token bucket that nobody has taken from yet.
    struct FullBucket
    {
        std::uint64_t tokens = 0;
        std::uint64_t taken = 1; ///< by one request
        std::string of;          ///< the descriptor; empty: the default bucket
    };
    /// Of the buckets that a request has to do with the one that is empty first; none: nothing is limited.
    static std::optional<FullBucket> scarcest(const Stream &stream, const dataplane::LocalRateLimit &limit);
    std::optional<Reply> askAuthorizer(Stream &stream, const std::string &filter,
                                       const dataplane::ExtAuthz &authorizer);
    std::optional<Reply> answerHealth(Stream &stream, const dataplane::HealthCheckFilter &filter);
    std::optional<Reply> hold(Stream &stream, const std::string &filter,
                              const dataplane::BufferFilter &buffer);
    void mutate(Stream &stream, const std::string &filter, const dataplane::HeaderMutationFilter &mutations);
    /// Whether anybody listens at one of its endpoints.
    bool mayAnswer(const dataplane::Cluster &cluster) const;

    // walk_lookup.cpp: names that a proxy looks up itself
    std::optional<Reply> lookUp(Stream &stream, const dataplane::Cluster &cluster, Way &way);
    std::optional<dataplane::SocketAddress> addressOf(const Proxy &proxy, const std::string &name,
                                                      std::uint32_t port) const;
    /// Before a host is chosen: maintenance mode and drop_overloads.
    std::optional<Reply> turnAway(Stream &stream, const dataplane::Cluster &cluster);

    // walk_upstream.cpp
    Reply forward(HopIndex hop, const Proxy &proxy, const Way &way, Wire wire);
    Reply attempt(Stream &stream, const Way &way, const Wire &wire);
    std::optional<dataplane::SocketAddress> chooseEndpoint(HopIndex hop, const Proxy &proxy, const Way &way,
                                                           const CarriedRequest &request,
                                                           dataplane::Metadata &metadata);
    std::optional<Reply> wrapInTls(HopIndex hop, const Proxy &proxy, const Way &way,
                                   const dataplane::Metadata &endpoint, Wire &wire);

    HopIndex addHop(Hop::Kind kind, const std::string &name);
    HopIndex addHop(Hop::Kind kind, const std::string &name, HopIndex from, const Wire &wire);
    Step &add(HopIndex hop, const std::string &kind, Mark mark, const std::string &decision,
              const std::string &object = {}, std::vector<Source> sources = {});
    /// Says that one of several was followed.
    void takeChance(double probability) { m_explanation.probability *= probability; }

    const Scene &m_scene;
    std::shared_ptr<TlsClientSide> m_clientTls; ///< of an https URL
    Origins m_origins;
    Explanation m_explanation;
};

/// What a request meets at one connection manager.
struct Walk::Stream
{
    HopIndex hop = 0;
    const Proxy &proxy;
    const dataplane::HttpConnectionManager &manager;
    Connection &connection;
    CarriedRequest &request;
    bool http2 = false;
    std::shared_ptr<const dataplane::CompiledRoutes> routes;
    const dataplane::CompiledRoute *route = nullptr;
    const dataplane::WeightedCluster *weighted = nullptr;
    const dataplane::IstioAlpn *alpn = nullptr;
    std::chrono::milliseconds delayed{0};

    /// The cluster that the route names; empty: none.
    std::string clusterName() const;
    /// What conditions may ask about.
    KnownAttributes attributes() const;
};

/// Whether requests may be sent to it at all.
bool takesPart(const dataplane::LbEndpoint &endpoint);
/// As access logs write texts: blanks become underscores.
std::string withoutSpaces(std::string text);
/// `12.5 %`
std::string percentText(double fraction);

} // namespace sallyport::explain
