// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/original_ip.h"

#include "core/result/ascii_case.h"
#include "proxy/http/http1_syntax.h"
#include "proxy/server/connection_facts.h"

#include <algorithm>

namespace sallyport::server {

namespace {

using http::Known;
using DetectionKind = dataplane::OriginalIpDetection::Kind;

bool isTrusted(const std::vector<dataplane::CompiledRange> &proxies, const net::Address &address)
{
    const dataplane::IpAddress ip = ipAddressOf(address);
    return std::any_of(proxies.begin(), proxies.end(),
                       [&ip](const dataplane::CompiledRange &range) { return range.contains(ip); });
}

/// From the right end, the first address that is no proxy's; invalid if an entry before it is no address.
net::Address lastUntrusted(std::string_view list, const std::vector<dataplane::CompiledRange> &proxies)
{
    net::Address last;
    while (!list.empty()) {
        const std::size_t comma = list.rfind(',');
        const std::string_view entry =
            http::trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
        if (entry.empty())
            continue;
        const auto address = net::Address::parseIp(entry, 0);
        if (!address)
            return {};
        last = *address;
        if (!isTrusted(proxies, last))
            return last;
    }
    return last;
}

} // namespace

net::Address forwardedAddress(std::string_view list, std::uint32_t skipped, bool &single)
{
    single = list.find(',') == std::string_view::npos;
    if (list.empty())
        return {};
    for (std::uint32_t i = 0; i < skipped; ++i) {
        const std::size_t comma = list.rfind(',');
        if (comma == std::string_view::npos)
            return {};
        list = list.substr(0, comma);
    }
    const std::size_t comma = list.rfind(',');
    const std::string_view last =
        http::trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
    const auto address = net::Address::parseIp(last, 0);
    return address ? *address : net::Address();
}

OriginalIpDetections::OriginalIpDetections(const std::vector<dataplane::OriginalIpDetection> &configured)
{
    for (const dataplane::OriginalIpDetection &detection : configured) {
        Detection compiled{detection, asciiLowered(detection.headerName), {}};
        for (const dataplane::CidrRange &range : detection.trustedRanges)
            compiled.trustedRanges.emplace_back(range);
        m_detections.push_back(std::move(compiled));
    }
}

DetectedClient OriginalIpDetections::byHeader(const Detection &detection, const http::HeaderMap &headers)
{
    DetectedClient client;
    const http::Header *header = headers.find(std::string_view(detection.headerName));
    if (header != nullptr) {
        if (const auto address = net::Address::parseIp(header->value, 0))
            client.address = *address;
    }
    client.trusted = client.address.isValid() && detection.configuration.trusted;
    if (!client.address.isValid())
        client.rejectsWith = detection.configuration.rejectWithStatus;
    return client;
}

DetectedClient OriginalIpDetections::byForwardedFor(const Detection &detection,
                                                    const http::HeaderMap &headers, const net::Address &peer)
{
    const std::string_view list = headers.get(Known::ForwardedFor);
    DetectedClient client;
    client.appendsPeer = !detection.configuration.skipAppend;
    if (detection.trustedRanges.empty()) {
        client.address = forwardedAddress(list, detection.configuration.trustedHops, client.trusted);
        client.trusted = client.trusted && client.address.isValid();
    } else if (isTrusted(detection.trustedRanges, peer)) {
        client.address = lastUntrusted(list, detection.trustedRanges);
        client.trusted = client.address.isValid() && list.find(',') == std::string_view::npos;
    }
    return client;
}

DetectedClient OriginalIpDetections::detect(const http::HeaderMap &headers, const net::Address &peer) const
{
    bool appends = false;
    for (const Detection &detection : m_detections) {
        DetectedClient client = detection.configuration.kind == DetectionKind::CustomHeader
                                    ? byHeader(detection, headers)
                                    : byForwardedFor(detection, headers, peer);
        appends = appends || client.appendsPeer;
        client.appendsPeer = appends;
        if (client.address.isValid() || client.rejectsWith)
            return client;
    }
    DetectedClient none;
    none.appendsPeer = appends;
    return none;
}

} // namespace sallyport::server
