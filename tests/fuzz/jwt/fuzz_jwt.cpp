// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever token a client sends, wherever in its request, against whatever keys: it is refused with a reason
// or its claims become headers that are headers.
#include "proxy/filters/jwt_provider.h"
#include "tests/fuzz/fuzz_input.h"

#include <QByteArray>

#include <algorithm>
#include <openssl/evp.h>
#include <openssl/hmac.h>

using namespace sallyport;
using filters::JwtStatus;

namespace {

enum Decision : unsigned char {
    InParts = 1, ///< header and payload as they are before they are encoded
    Signed = 2,  ///< by the key of `OwnKeys`
    Forward = 4,
    Pad = 8,
};

constexpr std::string_view OwnKeys = R"({"keys":[{"kty":"oct","alg":"HS256","k":"c2VjcmV0"}]})";
constexpr std::string_view Secret = "secret";

std::string encoded(std::string_view bytes)
{
    return QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()))
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
        .toStdString();
}

std::string signatureOf(const std::string &text)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), Secret.data(), static_cast<int>(Secret.size()),
         reinterpret_cast<const unsigned char *>(text.data()), text.size(), mac, &size);
    return {reinterpret_cast<const char *>(mac), size};
}

std::string tokenOf(FuzzInput &input, unsigned char decisions)
{
    if ((decisions & InParts) == 0)
        return std::string(input.rest());
    std::string token = encoded(input.part());
    token += '.' + encoded(input.part());
    return token + '.' + encoded((decisions & Signed) != 0 ? signatureOf(token) : input.rest());
}

dataplane::JwtProvider provider(std::string_view keys, unsigned char decisions)
{
    dataplane::JwtProvider made;
    made.localJwks.inlineString = std::string(keys.empty() ? OwnKeys : keys);
    made.fromHeaders = {{"Authorization", "Bearer "}, {"x-token", ""}};
    made.fromParams = {"token"};
    made.fromCookies = {"token"};
    made.forward = (decisions & Forward) != 0;
    made.padForwardPayloadHeader = (decisions & Pad) != 0;
    made.forwardPayloadHeader = "x-payload";
    made.payloadInMetadata = "payload";
    made.headerInMetadata = "header";
    made.claimToHeaders = {{"x-sub", "sub"}, {"x-nested", "a.b.c"}, {"x-list", "list"}};
    made.normalizeSpaceDelimitedClaims = {"scope"};
    return made;
}

http::HeaderMapPtr request(FuzzInput &input)
{
    auto headers = http::HeaderMap::create(http::HeaderMap::Kind::Request);
    headers->add(http::Known::Path, input.part());
    headers->add("authorization", input.part());
    headers->add("cookie", input.part());
    return headers;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    FuzzInput input(data, size);
    const unsigned char decisions = input.byte();
    const std::string_view keys = input.part();
    const auto checked = filters::VerifiedProvider::create(provider(keys, decisions));
    if (!checked)
        return 0;
    constexpr std::uint64_t now = 1'800'000'000;
    const http::HeaderMapPtr headers = request(input);
    std::vector<filters::FoundToken> tokens = (*checked)->tokensOf(*headers);
    const std::string own = tokenOf(input, decisions);
    tokens.push_back({own, filters::FoundToken::Place::Parameter, "token"});
    for (const filters::FoundToken &found : tokens) {
        filters::Jwt jwt;
        JwtStatus status = jwt.parse(found.text);
        if (status == JwtStatus::Ok)
            status = (*checked)->check(jwt, {}, now);
        check(!filters::jwtStatusText(status).empty());
        if (found.text == own && (decisions & InParts) != 0 && (decisions & Signed) != 0 && keys.empty())
            check(status != JwtStatus::VerificationFail);
        if (status != JwtStatus::Ok)
            continue;
        const http::HeaderMapPtr forwarded = headers->clone();
        (*checked)->sanitize(*forwarded);
        QJsonObject metadata;
        (*checked)->accept(jwt, found, *forwarded, metadata);
        for (const std::string_view name : {"x-sub", "x-nested", "x-list", "x-payload"}) {
            constexpr std::string_view ends("\0\r\n", 3);
            check(forwarded->get(name).find_first_of(ends) == std::string_view::npos);
        }
    }
    return 0;
}
