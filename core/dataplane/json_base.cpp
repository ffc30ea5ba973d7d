// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <QByteArray>

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace sallyport::dataplane {

namespace {

bool parsesAsIp(const std::string &text, std::uint32_t &bits)
{
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
        bits = 32;
    else if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1)
        bits = 128;
    else
        return false;
    return true;
}

} // namespace

template<typename A>
void describe(A &a, SocketAddress &m)
{
    a.message("envoy.config.core.v3.Address");
    a.group("socket_address", [&](A &inner) {
        inner.message("envoy.config.core.v3.SocketAddress");
        inner.field("address", m.address);
        // Port 0 is a value of its own.
        inner.field("port_value", m.port, m.address.empty() ? 0U : ~0U);
        int protocol = 0;
        if constexpr (A::reading)
            inner.word("protocol", protocol, {"TCP", "UDP"});
        inner.check(protocol == 0, "protocol", "UDP is not supported by this gateway");
        inner.refused({"ipv4_compat", "named_port", "resolver_name", "network_namespace_filepath"});
    });
    a.group("pipe", [&](A &inner) { inner.field("path", m.pipe); });
    a.refused({"envoy_internal_address"});
}
SALLYPORT_DESCRIBED(SocketAddress)

template<typename A>
void describe(A &a, CidrRange &m)
{
    a.message("envoy.config.core.v3.CidrRange");
    a.field("address_prefix", m.addressPrefix);
    if constexpr (A::reading) {
        a.field("prefix_len", m.prefixLen);
        std::uint32_t bits = 0;
        a.check(parsesAsIp(m.addressPrefix, bits), "address_prefix", "malformed IP address");
        m.prefixLen = std::min(m.prefixLen, bits);
    } else {
        a.always("prefix_len", m.prefixLen);
    }
}
SALLYPORT_DESCRIBED(CidrRange)

template<typename A>
void describe(A &a, DataSource &m)
{
    a.message("envoy.config.core.v3.DataSource");
    a.field("filename", m.filename);
    a.field("inline_string", m.inlineString);
    a.field("environment_variable", m.environmentVariable);
    a.ignored({"watched_directory"});
    if constexpr (A::reading) {
        std::optional<std::string> bytes;
        a.field("inline_bytes", bytes);
        if (bytes)
            m.inlineBytes = QByteArray::fromBase64(QByteArray::fromStdString(*bytes)).toStdString();
        a.check(a.has("filename") || a.has("inline_string") || a.has("environment_variable") ||
                    bytes.has_value(),
                "", "one of filename, inline_bytes, inline_string and environment_variable is required");
    } else if (m.inlineBytes) {
        std::string bytes = QByteArray::fromStdString(*m.inlineBytes).toBase64().toStdString();
        a.field("inline_bytes", bytes);
    }
}
SALLYPORT_DESCRIBED(DataSource)

template<typename A>
void describe(A &a, RuntimeUInt32 &m)
{
    a.message("envoy.config.core.v3.RuntimeUInt32");
    a.field("default_value", m.defaultValue);
    a.field("runtime_key", m.runtimeKey);
}
SALLYPORT_DESCRIBED(RuntimeUInt32)

template<typename A>
void describe(A &a, RuntimeDouble &m)
{
    a.message("envoy.config.core.v3.RuntimeDouble");
    a.field("default_value", m.defaultValue);
    a.field("runtime_key", m.runtimeKey);
}
SALLYPORT_DESCRIBED(RuntimeDouble)

template<typename A>
void describe(A &a, Locality &m)
{
    a.message("envoy.config.core.v3.Locality");
    a.field("region", m.region);
    a.field("zone", m.zone);
    a.field("sub_zone", m.subZone);
}
SALLYPORT_DESCRIBED(Locality)

template<typename A>
void describe(A &a, Metadata &m)
{
    a.message("envoy.config.core.v3.Metadata");
    a.field("filter_metadata", m.filters);
    a.ignored({"typed_filter_metadata"});
}
SALLYPORT_DESCRIBED(Metadata)

template<typename A>
void describe(A &a, ConfigSource &m)
{
    a.message("envoy.config.core.v3.ConfigSource");
    a.group("path_config_source", [&](A &inner) {
        inner.message("envoy.config.core.v3.PathConfigSource");
        inner.field("path", m.path);
        inner.group("watched_directory", [&](A &directory) { directory.field("path", m.watchedDirectory); });
    });
    a.field("path", m.path, m.path);
    a.ignored({"resource_api_version", "initial_fetch_timeout"});
    a.refused({"api_config_source", "ads", "self", "authorities"});
    a.check(!m.path.empty(), "path_config_source", "only path_config_source is supported here");
}
SALLYPORT_DESCRIBED(ConfigSource)

} // namespace sallyport::dataplane
