// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explanation.h"
#include "core/explain/scene.h"

namespace sallyport::explain {

/// Walks a request through the scene's proxies without any network: name resolution, listeners, filter
/// chains, routes, policies, clusters, TLS handshakes, and back again with what each proxy would log.
/// Decisions about hosts, routes, policies, paths and chains are core/dataplane's, as in the gateway.
/// Fails if there is no such workload or the URL is none; a request that gets no answer is an explanation.
/// What cannot be known here is said in a step marked Uncertain: chance (weights, faults), external
/// authorizers, the signature of a token, timing. Any thread.
Result<Explanation> explain(const Scene &scene, const Request &request);

/// Reads `GET http://test.com/status/418`, or an URL alone.
Result<Request> parseRequest(const std::string &text);

} // namespace sallyport::explain
