// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

/// Istio's names for Envoy's objects (istio:pilot/pkg/model/service.go).
namespace sallyport::compile::names {

inline constexpr const char *blackHole = "BlackHoleCluster";
inline constexpr const char *passthrough = "PassthroughCluster";
inline constexpr const char *dynamicDns = "AllowAnyDynamicDNSCluster";
inline constexpr const char *allowAnyDynamicDns = "allow_any_dynamic_dns";
inline constexpr const char *inboundPassthrough = "InboundPassthroughCluster";
inline constexpr const char *virtualOutbound = "virtualOutbound";
inline constexpr const char *virtualInbound = "virtualInbound";
/// HTTP filters that routes configure, by this name.
inline constexpr const char *faultFilter = "envoy.filters.http.fault";
inline constexpr const char *corsFilter = "envoy.filters.http.cors";

/// `outbound|443||test.com`
inline std::string outbound(std::uint32_t port, const std::string &subset, const std::string &host)
{
    return "outbound|" + std::to_string(port) + '|' + subset + '|' + host;
}
/// `inbound|80||`
inline std::string inbound(std::uint32_t port)
{
    return "inbound|" + std::to_string(port) + "||";
}
/// `outbound_.80_._.host`: what mesh mTLS says as SNI
inline std::string meshSni(std::uint32_t port, const std::string &subset, const std::string &host)
{
    return "outbound_." + std::to_string(port) + "_." + subset + "_." + host;
}
/// `0.0.0.0_80`
inline std::string listener(const std::string &address, std::uint32_t port)
{
    return address + '_' + std::to_string(port);
}
/// A statistics prefix; Istio ends it with `;` so that names with dots can be told apart.
inline std::string statistics(const std::string &name)
{
    return name + ';';
}

} // namespace sallyport::compile::names
