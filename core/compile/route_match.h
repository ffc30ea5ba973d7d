// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "core/model/virtual_service.h"

#include <set>

namespace sallyport::compile {

/// Whether a match can hold for this proxy at all: what istiod decides when it builds a route. If it names
/// gateways, only they count; else the source's labels and namespace do.
bool matchesProxy(const std::vector<std::string> &gateways, const model::Labels &sourceLabels,
                  const std::string &sourceNamespace, const std::set<std::string> &builtFor,
                  const model::Labels &proxyLabels, const std::string &proxyNamespace);

/// An HTTPMatchRequest; none: every request.
dataplane::RouteMatch routeMatch(const model::HttpMatch *match);

/// Nothing after this route can be reached.
bool isCatchAll(const dataplane::RouteMatch &match);

/// Istio's exact, prefix or regex as Envoy's.
dataplane::StringMatcher stringMatcher(const model::StringMatch &match);

} // namespace sallyport::compile
