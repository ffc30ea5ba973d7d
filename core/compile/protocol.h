// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::compile {

/// What a port speaks (istio:pkg/config/protocol/instance.go). Sniffed: decided on the wire.
enum class Protocol {
    Sniffed,
    Tcp,
    Udp,
    Http,
    Http2,
    HttpProxy,
    Grpc,
    GrpcWeb,
    Https,
    Tls,
    Mongo,
    Redis,
    MySql
};

/// Istio's protocol names, without case; anything else is Sniffed.
Protocol parseProtocol(std::string_view text);

/// Of a port: how its bytes are looked at.
bool isHttp(Protocol protocol);
bool isHttp2(Protocol protocol);
bool isTls(Protocol protocol);
inline bool isHttpOrSniffed(Protocol protocol)
{
    return isHttp(protocol) || protocol == Protocol::Sniffed;
}

/// The protocol of a Kubernetes Service port: UDP, else appProtocol, else the name up to its first dash
/// (istio:pkg/config/kube/conversion.go).
Protocol kubernetesProtocol(std::string_view transport, std::string_view appProtocol, std::string_view name,
                            std::uint32_t port);

} // namespace sallyport::compile
