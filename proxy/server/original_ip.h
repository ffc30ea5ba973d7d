// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/http/header_map.h"
#include "proxy/net/address.h"

#include <optional>
#include <vector>

namespace sallyport::server {

/// The client that proxies before this one tell of
/// (source/extensions/http/original_ip_detection; envoy-behaviour.md 3.2).
struct DetectedClient
{
    net::Address address; ///< invalid: nothing was told
    /// The address may make the request an internal one.
    bool trusted = false;
    bool appendsPeer = false;            ///< to x-forwarded-for
    std::optional<unsigned> rejectsWith; ///< the request is refused with this status
};

/// The entry of x-forwarded-for that is `skipped` entries from its right end; invalid if it is no address.
/// `single`: it is the only one.
net::Address forwardedAddress(std::string_view list, std::uint32_t skipped, bool &single);

/// original_ip_detection_extensions, compiled; they are asked in their order.
class OriginalIpDetections
{
public:
    explicit OriginalIpDetections(const std::vector<dataplane::OriginalIpDetection> &configured);
    bool isEmpty() const { return m_detections.empty(); }
    DetectedClient detect(const http::HeaderMap &headers, const net::Address &peer) const;

private:
    struct Detection
    {
        dataplane::OriginalIpDetection configuration;
        std::string headerName; ///< lower case
        std::vector<dataplane::CompiledRange> trustedRanges;
    };
    static DetectedClient byHeader(const Detection &detection, const http::HeaderMap &headers);
    static DetectedClient byForwardedFor(const Detection &detection, const http::HeaderMap &headers,
                                         const net::Address &peer);

    std::vector<Detection> m_detections;
};

} // namespace sallyport::server
