// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/internal_redirect.h"

#include "core/result/ascii_case.h"
#include "proxy/http/http1_syntax.h"

#include <algorithm>

namespace sallyport::server {

using http::Known;
using Predicate = dataplane::InternalRedirectPolicy::Predicate;

bool predicatesAccept(const dataplane::InternalRedirectPolicy &policy, const std::string &fromRoute,
                      const std::string &toRoute, bool fromTls, bool toTls, InternalRedirects &redirects)
{
    return std::all_of(policy.predicates.begin(), policy.predicates.end(), [&](const Predicate &predicate) {
        switch (predicate.kind) {
        case Predicate::Kind::PreviousRoutes:
            return redirects.targets[fromRoute].insert(toRoute).second;
        case Predicate::Kind::AllowListedRoutes:
            return std::find(predicate.allowedRoutes.begin(), predicate.allowedRoutes.end(), toRoute) !=
                   predicate.allowedRoutes.end();
        case Predicate::Kind::SafeCrossScheme:
            return fromTls || !toTls;
        }
        return false;
    });
}

bool followsStatus(const dataplane::InternalRedirectPolicy &policy, unsigned status)
{
    constexpr std::uint32_t found = 302;
    constexpr std::uint32_t known[] = {301, found, 303, 307, 308};
    if (policy.responseCodes.empty())
        return status == found;
    return std::find(std::begin(known), std::end(known), status) != std::end(known) &&
           std::find(policy.responseCodes.begin(), policy.responseCodes.end(), status) !=
               policy.responseCodes.end();
}

bool leadElsewhere(http::HeaderMap &request, const http::HeaderMap &answer,
                   const dataplane::InternalRedirectPolicy &policy, telemetry::RouterStats &stats)
{
    std::string joined;
    const std::string location(answer.getAll("location", joined));
    http::TargetParts target;
    if (location.find("://") == std::string::npos || !http::splitTarget(location, false, target)) {
        stats.redirectBadLocation.inc();
        return false;
    }
    const bool plain = !http::equalsIgnoreCase(request.get(Known::Scheme), "https");
    const bool toPlain = http::equalsIgnoreCase(target.scheme, "http");
    if (!policy.allowCrossScheme && plain != toPlain) {
        stats.redirectUnsafeScheme.inc();
        return false;
    }
    for (const std::string &configured : policy.responseHeadersToCopy) {
        const std::string name = asciiLowered(configured);
        request.remove(std::string_view(name));
        for (const http::Header &header : answer) {
            if (header.name == name)
                request.addLine(name, header.value);
        }
    }
    std::string path(target.pathAndQuery);
    path.resize(std::min(path.find('#'), path.size()));
    request.set(Known::Scheme, target.scheme);
    request.set(Known::Authority, target.authority);
    request.set(Known::Path, path);
    return true;
}

} // namespace sallyport::server
