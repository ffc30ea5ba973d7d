// SPDX-License-Identifier: GPL-3.0-or-later
// PROXY protocol as a listener takes it and as a cluster sends it.
#include "core/dataplane/describe.h"

#include <QByteArray>

namespace sallyport::dataplane {

namespace {

template<typename A>
void describeVersion(A &a, std::uint32_t &version)
{
    int index = static_cast<int>(version) - 1;
    a.word("version", index, {"V1", "V2"}, -1);
    if constexpr (A::reading)
        version = static_cast<std::uint32_t>(index) + 1;
}

template<typename A>
void describeTlvType(A &a, std::uint32_t &type)
{
    a.field("type", type);
    a.check(type <= 0xFF, "type", "a type from 0 to 255 is expected");
}

} // namespace

template<typename A>
void describe(A &a, ProxyTlvSelection &m)
{
    a.message("envoy.config.core.v3.ProxyProtocolPassThroughTLVs");
    int match = m.all ? 0 : 1;
    if constexpr (A::reading)
        match = 0;
    a.word("match_type", match, {"INCLUDE_ALL", "INCLUDE"});
    if constexpr (A::reading)
        m.all = match == 0;
    a.field("tlv_type", m.types);
}
SALLYPORT_DESCRIBED(ProxyTlvSelection)

template<typename A>
void describe(A &a, ProxyProtocolConfig::Tlv &m)
{
    a.message("envoy.config.core.v3.TlvEntry");
    describeTlvType(a, m.type);
    std::string base64 = QByteArray::fromStdString(m.value).toBase64().toStdString();
    a.field("value", base64);
    if constexpr (A::reading) {
        const auto bytes = QByteArray::fromBase64Encoding(QByteArray::fromStdString(base64),
                                                          QByteArray::AbortOnBase64DecodingErrors);
        a.check(static_cast<bool>(bytes), "value", "base64 is expected");
        m.value = bytes.decoded.toStdString();
    }
    a.refused({"format_string"});
}
SALLYPORT_DESCRIBED(ProxyProtocolConfig::Tlv)

template<typename A>
void describe(A &a, ProxyProtocolConfig &m)
{
    a.message("envoy.config.core.v3.ProxyProtocolConfig");
    describeVersion(a, m.version);
    if (A::reading || m.passThrough != ProxyTlvSelection())
        a.field("pass_through_tlvs", m.passThrough);
    a.field("added_tlvs", m.added);
}
SALLYPORT_DESCRIBED(ProxyProtocolConfig)

template<typename A>
void describe(A &a, ProxyProtocolFilter::Rule &m)
{
    a.message("envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.Rule");
    a.field("tlv_type", m.tlvType);
    a.group("on_tlv_present", [&](A &inner) {
        inner.field("metadata_namespace", m.metadataNamespace);
        inner.field("key", m.key);
    });
}
SALLYPORT_DESCRIBED(ProxyProtocolFilter::Rule)

template<typename A>
void describe(A &a, ProxyProtocolFilter &m)
{
    a.message("envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol");
    a.field("allow_requests_without_proxy_protocol", m.optional);
    a.field("stat_prefix", m.statPrefix);
    a.field("rules", m.rules);
    if (A::reading || m.passThrough != ProxyTlvSelection())
        a.field("pass_through_tlvs", m.passThrough);
    if constexpr (A::reading) {
        std::vector<std::string> refused;
        a.field("disallowed_versions", refused);
        for (const std::string &version : refused) {
            m.refusesV1 = m.refusesV1 || version == "V1";
            m.refusesV2 = m.refusesV2 || version == "V2";
        }
        a.check(!m.refusesV1 || !m.refusesV2, "disallowed_versions",
                "Proxy Protocol filter is misconfigured: all proxy protocol versions are disallowed.");
        int location = 0;
        a.word("tlv_location", location, {"DYNAMIC_METADATA", "FILTER_STATE"});
        a.check(location == 0, "tlv_location", "TLVs in the filter state are not supported by this gateway");
    } else if (m.refusesV1 || m.refusesV2) {
        a.set("disallowed_versions", QJsonArray{m.refusesV1 ? QStringLiteral("V1") : QStringLiteral("V2")});
    }
}
SALLYPORT_DESCRIBED(ProxyProtocolFilter)

} // namespace sallyport::dataplane
