// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

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

} // namespace

template<typename A>
void describe(A &a, ListenerPredicate &m)
{
    using Kind = ListenerPredicate::Kind;
    const auto rules = [&m](A &inner) { inner.field("rules", m.rules); };
    a.message("envoy.config.listener.v3.ListenerFilterChainMatchPredicate");
    if (takesCase(a, "or_match", Kind::Or, m.kind))
        a.group("or_match", rules);
    if (takesCase(a, "and_match", Kind::And, m.kind))
        a.group("and_match", rules);
    if (takesCase(a, "not_match", Kind::Not, m.kind)) {
        ListenerPredicate rule =
            m.kind == Kind::Not && !m.rules.empty() ? m.rules.front() : ListenerPredicate();
        a.field("not_match", rule);
        if (m.kind == Kind::Not)
            m.rules = {std::move(rule)};
    }
    if (takesCase(a, "any_match", Kind::Any, m.kind)) {
        bool any = true;
        a.field("any_match", any);
    }
    if (takesCase(a, "destination_port_range", Kind::DestinationPorts, m.kind)) {
        a.group(
            "destination_port_range",
            [&m](A &inner) {
                inner.field("start", m.start);
                inner.field("end", m.end);
            },
            true);
    }
}
SALLYPORT_DESCRIBED(ListenerPredicate)

template<typename A>
void describe(A &a, ListenerFilter &m)
{
    a.message("envoy.config.listener.v3.ListenerFilter");
    a.field("name", m.name);
    a.field("filter_disabled", m.filterDisabled);
    if constexpr (std::is_same_v<A, JsonReader>) {
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
    }
}
SALLYPORT_DESCRIBED(ListenerFilter)

} // namespace sallyport::dataplane
