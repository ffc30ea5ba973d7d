// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/certificate_operators.h"

#include "proxy/telemetry/log_time.h"
#include "proxy/telemetry/log_value.h"

namespace sallyport::telemetry {

namespace {

/// Facts of a certificate or handshake of either side.
using CertificateGetter = LogValue (*)(const net::CertificateFacts &facts, std::string &scratch);

Operator certificateOperator(bool downstream, bool peer, CertificateGetter get)
{
    return [downstream, peer, get](const LogContext &context, std::string &scratch) {
        const net::CertificateFacts *facts = nullptr;
        if (downstream) {
            const net::TlsInfo *tls = context.info.downstreamTls;
            facts = !tls ? nullptr : peer ? tls->peer() : tls->own();
        } else if (context.info.upstreamTls) {
            facts = peer ? context.info.upstreamTls->peer() : context.info.upstreamTls->own();
        }
        return facts ? get(*facts, scratch) : null();
    };
}

struct CertificateField
{
    std::string_view name;
    CertificateGetter get;
};
const CertificateField certificateFields[] = {
    {"SUBJECT", [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.subject); }},
    {"ISSUER", [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.issuer); }},
    {"SERIAL", [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.serial); }},
    {"URI_SAN",
     [](const net::CertificateFacts &facts, std::string &scratch) { return joined(facts.uriSans, scratch); }},
    {"DNS_SAN",
     [](const net::CertificateFacts &facts, std::string &scratch) { return joined(facts.dnsSans, scratch); }},
    {"IP_SAN",
     [](const net::CertificateFacts &facts, std::string &scratch) { return joined(facts.ipSans, scratch); }},
    {"EMAIL_SAN", [](const net::CertificateFacts &facts,
                     std::string &scratch) { return joined(facts.emailSans, scratch); }},
    {"OTHERNAME_SAN", [](const net::CertificateFacts &facts,
                         std::string &scratch) { return joined(facts.otherNameSans, scratch); }},
    {"FINGERPRINT_256",
     [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.sha256); }},
    {"FINGERPRINT_1",
     [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.sha1); }},
    {"CHAIN_FINGERPRINTS_256", [](const net::CertificateFacts &facts,
                                  std::string &scratch) { return joined(facts.chainSha256, scratch); }},
    {"CHAIN_FINGERPRINTS_1", [](const net::CertificateFacts &facts,
                                std::string &scratch) { return joined(facts.chainSha1, scratch); }},
    {"CHAIN_SERIALS", [](const net::CertificateFacts &facts,
                         std::string &scratch) { return joined(facts.chainSerials, scratch); }},
    {"CERT",
     [](const net::CertificateFacts &facts, std::string &) { return textOrNull(facts.urlEncodedPem); }},
};

Operator certificateTime(bool downstream, bool start, const std::string &format)
{
    return [downstream, start, format](const LogContext &context, std::string &scratch) {
        const net::CertificateFacts *facts =
            downstream ? (context.info.downstreamTls ? context.info.downstreamTls->peer() : nullptr)
            : context.info.upstreamTls ? context.info.upstreamTls->peer()
                                       : nullptr;
        if (!facts)
            return null();
        appendTime(scratch, start ? facts->notBefore : facts->notAfter, format, false);
        return text(scratch);
    };
}

/// Of the certificate that the client's was verified with.
Operator issuerOperator(std::string net::CertificateFacts::*which)
{
    return [which](const LogContext &context, std::string &) {
        const net::CertificateFacts *issuer =
            context.info.downstreamTls ? context.info.downstreamTls->issuer() : nullptr;
        return issuer ? textOrNull(issuer->*which) : null();
    };
}

} // namespace

Operator makeCertificateOperator(std::string_view name, const std::string &arguments)
{
    if (name == "DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256")
        return issuerOperator(&net::CertificateFacts::sha256);
    if (name == "DOWNSTREAM_PEER_ISSUER_SERIAL")
        return issuerOperator(&net::CertificateFacts::serial);
    for (const bool downstream : {true, false}) {
        for (const bool peer : {true, false}) {
            const std::string prefix =
                std::string(downstream ? "DOWNSTREAM_" : "UPSTREAM_") + (peer ? "PEER_" : "LOCAL_");
            if (!name.starts_with(prefix))
                continue;
            const std::string_view field = name.substr(prefix.size());
            if (peer && (field == "CERT_V_START" || field == "CERT_V_END"))
                return certificateTime(downstream, field == "CERT_V_START", arguments);
            for (const CertificateField &known : certificateFields) {
                if (known.name == field)
                    return certificateOperator(downstream, peer, known.get);
            }
        }
    }
    return nullptr;
}

} // namespace sallyport::telemetry
