// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/tls.h"
#include "core/result/result.h"

#include <chrono>
#include <optional>
#include <string>

struct x509_st;

namespace sallyport::dataplane {

/// An OCSP response that a server staples to its certificate. It is read as far as Envoy reads it: who signed
/// it and what it says about the certificate are for the client to judge.
struct OcspResponse
{
    using Time = std::chrono::system_clock::time_point;

    std::string der;
    std::string serial; ///< of the certificate it is about: the number's bytes
    Time thisUpdate;
    std::optional<Time> nextUpdate; ///< none: it is out of date at once, as Envoy has it

    static Result<OcspResponse> read(const std::string &der);
    bool isExpired(Time now) const { return !nextUpdate || *nextUpdate < now; }
};

/// The certificate asks clients to insist on a staple (RFC 7633, TLS feature `status_request`).
bool demandsStaple(const x509_st *certificate);

/// The staple of a server's certificate, `der` being empty if none is configured. Fails with Envoy's verdict
/// where certificate, response and policy do not go together.
Result<std::optional<OcspResponse>> stapleFor(const x509_st *certificate, const std::string &der,
                                              DownstreamTlsContext::OcspStaplePolicy policy);

} // namespace sallyport::dataplane
