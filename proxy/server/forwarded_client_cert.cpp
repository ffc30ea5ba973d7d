// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/forwarded_client_cert.h"

namespace sallyport::server {

namespace {

using http::Known;
using Details = dataplane::HttpConnectionManager::ClientCertDetails;

void appendPart(std::string &element, std::string_view key, std::string_view value, bool quoted = false)
{
    if (!element.empty())
        element += ';';
    element += key;
    element += '=';
    if (quoted)
        element += '"';
    element += value;
    if (quoted)
        element += '"';
}

std::string elementFor(const dataplane::HttpConnectionManager::SetCurrentClientCert &wanted,
                       const net::TlsInfo &tls)
{
    std::string element;
    const net::CertificateFacts &peer = *tls.peer();
    if (const net::CertificateFacts *own = tls.own()) {
        for (const std::string &uri : own->uriSans)
            appendPart(element, "By", uri);
    }
    appendPart(element, "Hash", peer.sha256);
    if (wanted.cert)
        appendPart(element, "Cert", peer.urlEncodedPem, true);
    if (wanted.chain)
        appendPart(element, "Chain", peer.urlEncodedPemChain, true);
    if (wanted.subject)
        appendPart(element, "Subject", peer.subject, true);
    if (wanted.uri) {
        if (peer.uriSans.empty())
            appendPart(element, "URI", "");
        for (const std::string &uri : peer.uriSans)
            appendPart(element, "URI", uri);
    }
    if (wanted.dns) {
        for (const std::string &dns : peer.dnsSans)
            appendPart(element, "DNS", dns);
    }
    return element;
}

} // namespace

void mutateForwardedClientCert(http::HeaderMap &headers,
                               const dataplane::HttpConnectionManager &configuration, const net::TlsInfo *tls)
{
    const Details details = configuration.clientCert;
    if (details == Details::AlwaysForwardOnly)
        return;
    const bool mutual = tls != nullptr && tls->peerPresented();
    if (details == Details::Sanitize || !mutual) {
        headers.remove(Known::ForwardedClientCert);
        return;
    }
    if (details == Details::ForwardOnly)
        return;
    const std::string element = elementFor(configuration.setCurrentClientCert, *tls);
    if (details == Details::AppendForward)
        headers.append(Known::ForwardedClientCert, element, ",");
    else
        headers.set(Known::ForwardedClientCert, element);
}

} // namespace sallyport::server
