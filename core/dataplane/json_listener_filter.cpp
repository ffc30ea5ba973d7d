// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

struct ListenerFilterType
{
    ListenerFilter::Kind kind;
    const char *name;
    const char *type;
};
constexpr ListenerFilterType listenerFilterTypes[] = {
    {ListenerFilter::Kind::TlsInspector, "envoy.filters.listener.tls_inspector",
     "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"},
    {ListenerFilter::Kind::HttpInspector, "envoy.filters.listener.http_inspector",
     "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector"},
    {ListenerFilter::Kind::ProxyProtocol, "envoy.filters.listener.proxy_protocol",
     "envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol"},
    {ListenerFilter::Kind::OriginalDst, "envoy.filters.listener.original_dst",
     "envoy.extensions.filters.listener.original_dst.v3.OriginalDst"},
};

/// ListenerFilterChainMatchPredicate, of which port ranges are what istiod uses.
void readDisabled(JsonReader &a, ListenerFilter &m)
{
    a.group("filter_disabled", [&](JsonReader &predicate) {
        predicate.group("destination_port_range", [&](JsonReader &range) {
            std::int64_t start = 0;
            std::int64_t end = 0;
            range.field("start", start);
            range.field("end", end);
            const auto port = [](std::int64_t number) {
                return static_cast<std::uint32_t>(std::max<std::int64_t>(number, 0));
            };
            m.disabledPorts.emplace_back(port(start), port(end));
        });
        predicate.refused({"or_match", "and_match", "not_match", "any_match"});
    });
}

} // namespace

template<typename A>
void describe(A &a, ListenerFilter &m)
{
    a.message("envoy.config.listener.v3.ListenerFilter");
    a.field("name", m.name);
    if constexpr (std::is_same_v<A, JsonReader>) {
        readDisabled(a, m);
        const auto recognise = [&](std::string_view text, bool byType) {
            for (const ListenerFilterType &known : listenerFilterTypes) {
                if (text == (byType ? known.type : known.name))
                    m.kind = known.kind;
            }
        };
        recognise(m.name, false);
        const bool typed = a.any("typed_config", [&](JsonReader &config, const std::string &type) {
            // The type decides, whatever the name.
            m.kind = ListenerFilter::Kind::Other;
            recognise(type, true);
            if (m.kind == ListenerFilter::Kind::ProxyProtocol) {
                describe(config, m.proxyProtocol);
            } else if (m.kind == ListenerFilter::Kind::TlsInspector) {
                config.field("enable_ja3_fingerprinting", m.ja3Fingerprint);
                config.field("enable_ja4_fingerprinting", m.ja4Fingerprint);
                config.ignored({"initial_read_buffer_size"});
                config.refused({"close_connection_on_client_hello_parsing_errors", "max_client_hello_size"});
            } else if (m.kind == ListenerFilter::Kind::Other) {
                m.other = {type, config.object()};
                config.ignoreRest();
                if (type != "udpa.type.v1.TypedStruct" && !type.starts_with("istio."))
                    config.fail("@type", "this listener filter is not supported by this gateway: " + type);
            } else {
                config.ignoreRest();
            }
        });
        a.check(typed, "typed_config", "a listener filter needs its configuration");
        a.refused({"config_discovery"});
    } else {
        for (const ListenerFilterType &known : listenerFilterTypes) {
            if (known.kind != m.kind)
                continue;
            QJsonObject config = JsonWriter::write(m.proxyProtocol).toObject();
            config[QStringLiteral("@type")] = QLatin1String(typePrefix) + QLatin1String(known.type);
            if (m.ja3Fingerprint)
                config[QStringLiteral("enable_ja3_fingerprinting")] = true;
            if (m.ja4Fingerprint)
                config[QStringLiteral("enable_ja4_fingerprinting")] = true;
            a.set("typed_config", config);
        }
        if (m.kind == ListenerFilter::Kind::Other)
            a.set("typed_config", m.other.value);
        for (const auto &[start, end] : m.disabledPorts)
            a.set("filter_disabled",
                  QJsonObject{{QStringLiteral("destination_port_range"),
                               QJsonObject{{QStringLiteral("start"), static_cast<qint64>(start)},
                                           {QStringLiteral("end"), static_cast<qint64>(end)}}}});
    }
}
SALLYPORT_DESCRIBED(ListenerFilter)

} // namespace sallyport::dataplane
