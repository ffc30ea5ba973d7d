// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A request's way through a project's compiled bootstraps, with the reason for every step. Plain values:
/// copy them, hand them to another thread.
namespace sallyport::explain {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What a client that speaks TLS itself brings along, for https URLs.
struct ClientTls
{
    bool verify = true;         ///< false: any certificate will do (curl -k)
    std::string caPem;          ///< whom it trusts; empty: the system's roots
    std::string certificatePem; ///< its own certificate and chain; empty: none
    std::vector<std::string> alpn = {"h2", "http/1.1"};
};

/// A request as an application would send it.
struct Request
{
    std::string from; ///< the workload that sends: its full name or any unique shorter form
    std::string method = "GET";
    std::string url;     ///< `http://test.com/status/418`
    std::string address; ///< of the mesh: what the URL's name is taken to resolve to; empty: it is looked up
    Headers headers;     ///< a `Host` replaces the URL's
    std::size_t bodySize = 0;
    bool http2 = false; ///< with prior knowledge
    ClientTls tls;
};

/// How a step came out.
enum class Mark {
    Passed,   ///< it went on
    Refused,  ///< it ended here
    Answered, ///< it was answered here, as the configuration says
    Note,     ///< worth knowing, decides nothing
    Uncertain ///< chance or something outside decides; the likeliest way was followed
};

/// What in the YAML a decision comes from.
struct Source
{
    std::string resource; ///< `VirtualService default/egressgateway-vs`
    Place place;          ///< file below the project's folder
    bool operator==(const Source &) const = default;
};

/// One decision.
struct Step
{
    /// Stable: name, destination, listener, filter-chain, tls, path, virtual-host, route, rbac, fault, cors,
    /// jwt, rate-limit, ext-authz, health-check, buffer, rewrite, mirror, direct-response, redirect, cluster,
    /// limit, endpoint, transport, handshake, retry, timeout, connection, answer.
    std::string kind;
    Mark mark = Mark::Passed;
    /// Of a refusal, stable: name-unknown, connection-refused, proxy-header-missing, no-filter-chain,
    /// plaintext-to-tls, tls-to-plaintext, server-without-certificate, tls-version,
    /// server-certificate-refused, client-certificate-demanded, client-certificate-refused, secret-missing,
    /// loop, http-version, method-unknown, path-invalid, no-virtual-host, no-route, no-cluster, no-endpoint,
    /// policy, token, rate-limit, authorizer, limit, timeout. Empty: none of these.
    std::string reason;
    std::string decision;         ///< one line
    std::vector<std::string> why; ///< in plain words, one line each
    std::string object;           ///< the Envoy object, `route default in inbound|80||`
    std::vector<Source> sources;  ///< of the object; empty where Istio itself made it
};

/// What a proxy writes into its access log for the request.
struct LogLine
{
    bool written = true; ///< false: nothing is logged (a handshake that fails before a filter chain runs)
    int status = 0;      ///< 0: no HTTP answer
    std::string flags;   ///< `-` or Envoy's short flags, `URX,UF`
    std::string details; ///< response_code_details; empty: none
    std::string cluster; ///< upstream_cluster; empty: none
    std::string route;   ///< route_name; empty: none
    std::string upstreamHost; ///< `mesh:namespace/workload:port`, or an address; empty: none
    std::string transportFailure;
    std::string requestedServerName; ///< empty: none
};

/// One proxy, or the application at either end.
struct Hop
{
    enum class Kind { Client, Sidecar, Gateway, Application };
    Kind kind = Kind::Sidecar;
    std::string proxy; ///< full name of the workload
    std::string from;  ///< the workload before it, whose connection this is
    bool tls = false;  ///< the connection begins with TLS
    std::string sni;   ///< what it says then; empty: nothing
    std::vector<Step> steps;
    LogLine log;        ///< of a proxy
    unsigned times = 1; ///< how often it sees the request: retries of proxies before it
};

/// What the client gets in the end, and who decided it.
struct Outcome
{
    int status = 0;          ///< 0: the client gets no HTTP answer
    std::string error;       ///< then: what happened, in a few words
    std::string body;        ///< of an answer that a proxy makes
    bool bodyKnown = false;  ///< false: the application decides
    std::string location;    ///< of a redirect
    std::string decidedBy;   ///< the workload that made the answer, or at which the request ended
    std::string flags = "-"; ///< of the proxy that decided
    std::string details;
    std::string summary; ///< one sentence
};

/// The way of one request.
struct Explanation
{
    Request request;
    std::vector<Hop> hops; ///< in the order of the way
    Outcome outcome;
    double probability = 1; ///< of the way that was followed; 1: nothing is left to chance
};

} // namespace sallyport::explain
