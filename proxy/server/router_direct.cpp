// SPDX-License-Identifier: GPL-3.0-or-later
// Routes that answer by themselves: redirects and direct responses.
#include "proxy/server/active_stream.h"
#include "proxy/server/router.h"

#include <functional>

namespace sallyport::server {

using http::Known;

namespace {

/// The redirect of `require_tls` is no route of its host.
bool isOwnRoute(const dataplane::CompiledRoute &route)
{
    const std::vector<dataplane::Route> &routes = route.host().routes;
    const std::less<> before;
    return !before(&route.route(), routes.data()) && before(&route.route(), routes.data() + routes.size());
}

} // namespace

void Router::answerDirectly(http::HeaderMap &headers)
{
    m_stream.manager().routerStats().direct.inc();
    filters::LocalReply local;
    local.details = "direct_response";
    std::string location;
    std::string body;
    std::string contentType;
    if (const dataplane::RedirectAction *redirect = m_route->redirect()) {
        local.status = redirect->responseCode;
        const filters::HeaderView view(headers, nullptr);
        location = m_route->redirectLocation(view);
        if (const auto rewritten = m_route->redirectedPath(headers.get(Known::Path))) {
            if (!m_stream.manager().router().suppressEnvoyHeaders)
                headers.set(Known::EnvoyOriginalPath, headers.get(Known::Path));
            headers.set(Known::Path, *rewritten);
        }
    } else if (const dataplane::DirectResponseAction *direct = m_route->direct()) {
        local.status = direct->status;
        local.body = m_stream.manager().directBody(
            *direct, {m_stream.streamInfo(), &headers, nullptr, nullptr, {}}, body, contentType);
        location = std::string(headers.get(Known::Scheme)) + "://" +
                   std::string(headers.get(Known::Authority)) + std::string(headers.get(Known::Path));
    }
    if (local.status != 201 && (local.status < 300 || local.status >= 400))
        location.clear();
    // The route's own header operations see where the client is sent to.
    local.modifyHeaders = [&](http::HeaderMap &response) {
        if (!location.empty())
            response.add(Known::Location, location);
        const telemetry::LogContext context{m_stream.streamInfo(), &headers, &response, nullptr, {}};
        if (isOwnRoute(*m_route))
            m_stream.manager().mutators().applyToResponse(m_route->configuration(), m_route->host(),
                                                          m_route->route(), m_weighted, response, context);
        if (!contentType.empty())
            response.set(Known::ContentType, contentType);
    };
    m_stream.sendLocalReply(local);
}

} // namespace sallyport::server
