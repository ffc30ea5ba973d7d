// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/protocol.h"

#include "core/result/ascii_case.h"

#include <array>
#include <utility>

namespace sallyport::compile {

namespace {

constexpr std::array<std::pair<std::string_view, Protocol>, 12> protocolNames = {{
    {"tcp", Protocol::Tcp},
    {"udp", Protocol::Udp},
    {"grpc", Protocol::Grpc},
    {"grpc-web", Protocol::GrpcWeb},
    {"http", Protocol::Http},
    {"http_proxy", Protocol::HttpProxy},
    {"http2", Protocol::Http2},
    {"https", Protocol::Https},
    {"tls", Protocol::Tls},
    {"mongo", Protocol::Mongo},
    {"redis", Protocol::Redis},
    {"mysql", Protocol::MySql},
}};

} // namespace

Protocol parseProtocol(std::string_view text)
{
    const std::string lower = asciiLowered(text);
    for (const auto &[name, protocol] : protocolNames) {
        if (name == lower)
            return protocol;
    }
    return Protocol::Sniffed;
}

bool isHttp(Protocol protocol)
{
    switch (protocol) {
    case Protocol::Http:
    case Protocol::Http2:
    case Protocol::HttpProxy:
    case Protocol::Grpc:
    case Protocol::GrpcWeb:
        return true;
    default:
        return false;
    }
}

bool isHttp2(Protocol protocol)
{
    return protocol == Protocol::Http2 || protocol == Protocol::Grpc || protocol == Protocol::GrpcWeb;
}

bool isTls(Protocol protocol)
{
    return protocol == Protocol::Https || protocol == Protocol::Tls;
}

Protocol kubernetesProtocol(std::string_view transport, std::string_view appProtocol, std::string_view name,
                            std::uint32_t port)
{
    if (transport == "UDP")
        return Protocol::Udp;
    if (!appProtocol.empty()) {
        if (appProtocol == "kubernetes.io/h2c")
            return Protocol::Http2;
        if (appProtocol == "kubernetes.io/ws")
            return Protocol::Http;
        if (appProtocol == "kubernetes.io/wss")
            return Protocol::Https;
        name = appProtocol;
    }
    const std::string lower = asciiLowered(name);
    if (lower.compare(0, 8, "grpc-web") == 0)
        return Protocol::GrpcWeb;
    const Protocol protocol = parseProtocol(std::string_view(lower).substr(0, lower.find('-')));
    if (protocol != Protocol::Sniffed)
        return protocol;
    // Server-first protocols that sniffing would break: SMTP, DNS, MySQL, MongoDB.
    if (port == 25 || port == 53 || port == 3306 || port == 27017)
        return Protocol::Tcp;
    return Protocol::Sniffed;
}

} // namespace sallyport::compile
