// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_attribute.h"
#include "core/explain/carried_request.h"

namespace sallyport::explain {

/// What conditions of Envoy's ask about a request that arrives, as far as it is known without a network:
/// ports, ids, sizes of heads and times are not. Holds references.
class KnownAttributes final : public dataplane::CelAttributes
{
public:
    /// What neither the request nor its connection says.
    struct Place
    {
        bool http2 = false;
        std::string route;
        std::string virtualHost;
        std::string filterChain;
        std::string cluster; ///< of the route, if the proxy has it
    };
    KnownAttributes(const CarriedRequest &request, const dataplane::ConnectionFacts &connection, Place place)
        : m_request(request)
        , m_connection(connection)
        , m_place(std::move(place))
    {
    }

    dataplane::CelValue value(dataplane::CelAttribute attribute) const override;
    std::optional<std::string> entry(dataplane::CelAttribute map, const std::string &key) const override;
    /// Whether anything was asked that is not known here.
    bool askedForUnknown() const { return m_askedForUnknown; }

private:
    dataplane::CelValue ofRequest(dataplane::CelAttribute attribute) const;
    dataplane::CelValue ofHeader(const char *name) const;
    dataplane::CelValue unknown() const;

    const CarriedRequest &m_request;
    const dataplane::ConnectionFacts &m_connection;
    const Place m_place;
    mutable bool m_askedForUnknown = false;
};

} // namespace sallyport::explain
