// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/ocsp_response.h"

#include "core/dataplane/openssl_free.h"

#include <algorithm>
#include <ctime>
#include <memory>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

namespace sallyport::dataplane {

namespace {

using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, OpenSslFree<OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, OpenSslFree<OCSP_BASICRESP_free>>;
using FeaturesPtr = std::unique_ptr<TLS_FEATURE, OpenSslFree<TLS_FEATURE_free>>;

std::string bytesOf(const ASN1_INTEGER *number)
{
    return {reinterpret_cast<const char *>(ASN1_STRING_get0_data(number)),
            static_cast<std::size_t>(ASN1_STRING_length(number))};
}

std::optional<OcspResponse::Time> timeOf(const ASN1_GENERALIZEDTIME *time)
{
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
        return std::nullopt;
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

} // namespace

Result<OcspResponse> OcspResponse::read(const std::string &der)
{
    const auto *bytes = reinterpret_cast<const unsigned char *>(der.data());
    const unsigned char *const end = bytes + der.size();
    const ResponsePtr response(d2i_OCSP_RESPONSE(nullptr, &bytes, static_cast<long>(der.size())));
    ERR_clear_error();
    if (response == nullptr)
        return fail("OCSP response cannot be read");
    if (bytes != end)
        return fail("Data contained more than a single OCSP response");
    if (OCSP_response_status(response.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return fail("OCSP response was unsuccessful");
    const BasicPtr basic(OCSP_response_get1_basic(response.get()));
    ERR_clear_error();
    if (basic == nullptr)
        return fail("Unknown OCSP response type");
    if (OCSP_resp_count(basic.get()) != 1)
        return fail("OCSP Response must be for one certificate only");
    OCSP_SINGLERESP *single = OCSP_resp_get0(basic.get(), 0);
    ASN1_GENERALIZEDTIME *thisUpdate = nullptr;
    ASN1_GENERALIZEDTIME *nextUpdate = nullptr;
    OCSP_single_get0_status(single, nullptr, nullptr, &thisUpdate, &nextUpdate);
    ASN1_INTEGER *serial = nullptr;
    OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial,
                      const_cast<OCSP_CERTID *>(OCSP_SINGLERESP_get0_id(single)));
    const auto from = timeOf(thisUpdate);
    if (!from)
        return fail("OCSP response has no time of its own");
    return OcspResponse{der, bytesOf(serial), *from, timeOf(nextUpdate)};
}

bool demandsStaple(const x509_st *certificate)
{
    constexpr long StatusRequest = 5;
    const FeaturesPtr features(
        static_cast<TLS_FEATURE *>(X509_get_ext_d2i(certificate, NID_tlsfeature, nullptr, nullptr)));
    ERR_clear_error();
    for (int i = 0; features != nullptr && i < sk_ASN1_INTEGER_num(features.get()); ++i) {
        if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), i)) == StatusRequest)
            return true;
    }
    return false;
}

Result<std::optional<OcspResponse>> stapleFor(const x509_st *certificate, const std::string &der,
                                              DownstreamTlsContext::OcspStaplePolicy policy)
{
    if (der.empty()) {
        if (demandsStaple(certificate))
            return fail("OCSP response is required for must-staple certificate");
        if (policy == DownstreamTlsContext::OcspStaplePolicy::MustStaple)
            return fail("Required OCSP response is missing from TLS context");
        return std::optional<OcspResponse>();
    }
    Result<OcspResponse> response = OcspResponse::read(der);
    if (!response)
        return fail(response.error());
    if (response->serial != bytesOf(X509_get0_serialNumber(certificate)))
        return fail("OCSP response does not match its TLS certificate");
    return std::optional<OcspResponse>(*std::move(response));
}

} // namespace sallyport::dataplane
