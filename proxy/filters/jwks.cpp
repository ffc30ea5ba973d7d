// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/jwks.h"

#include "core/dataplane/key_set.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace sallyport::filters {

namespace {

template<auto freeFunction, typename T>
using Owned = std::unique_ptr<T, net::OpenSslFree<freeFunction>>;
using BigNumber = Owned<BN_free, BIGNUM>;

std::optional<std::string> bytesOf(const QJsonObject &jwk, const char *name)
{
    const QJsonValue value = jwk.value(QLatin1String(name));
    if (!value.isString())
        return std::nullopt;
    return decodeBase64Url(value.toString().toStdString());
}

BigNumber bigNumber(const std::string &bytes)
{
    return BigNumber(BN_bin2bn(reinterpret_cast<const unsigned char *>(bytes.data()),
                               static_cast<int>(bytes.size()), nullptr));
}

net::KeyPtr fromParameters(const char *type, OSSL_PARAM *parameters)
{
    const Owned<EVP_PKEY_CTX_free, EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY *key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        return nullptr;
    return net::KeyPtr(key);
}

net::KeyPtr rsaKey(const QJsonObject &jwk)
{
    const auto n = bytesOf(jwk, "n");
    const auto e = bytesOf(jwk, "e");
    if (!n || !e)
        return nullptr;
    const BigNumber modulus = bigNumber(*n);
    const BigNumber exponent = bigNumber(*e);
    const Owned<OSSL_PARAM_BLD_free, OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    const Owned<OSSL_PARAM_free, OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return parameters ? fromParameters("RSA", parameters.get()) : nullptr;
}

struct Curve
{
    const char *name;
    const char *group;
    std::size_t size;
};
constexpr Curve Curves[] = {
    {"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}};

const Curve *curveNamed(const std::string &name)
{
    for (const Curve &curve : Curves) {
        if (name == curve.name)
            return &curve;
    }
    return nullptr;
}

std::string padded(const std::string &bytes, std::size_t size)
{
    return bytes.size() < size ? std::string(size - bytes.size(), '\0') + bytes : bytes;
}

net::KeyPtr ecKey(const QJsonObject &jwk, const Curve &curve)
{
    const auto x = bytesOf(jwk, "x");
    const auto y = bytesOf(jwk, "y");
    if (!x || !y || x->size() > curve.size || y->size() > curve.size)
        return nullptr;
    const std::string point = '\x04' + padded(*x, curve.size) + padded(*y, curve.size);
    const Owned<OSSL_PARAM_BLD_free, OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    const Owned<OSSL_PARAM_free, OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return parameters ? fromParameters("EC", parameters.get()) : nullptr;
}

net::KeyPtr edwardsKey(const QJsonObject &jwk)
{
    const auto x = bytesOf(jwk, "x");
    if (!x || jwk.value(QLatin1String("crv")).toString() != QLatin1String("Ed25519"))
        return nullptr;
    return net::KeyPtr(EVP_PKEY_new_raw_public_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char *>(x->data()), x->size()));
}

constexpr std::size_t Ed25519SignatureSize = 64;

/// What an algorithm of another type of key says is taken for SHA-256.
const EVP_MD *digestFor(std::string_view type, std::string_view algorithm)
{
    const bool own = type == "RSA" || algorithm.starts_with(type == "EC" ? "ES" : "HS");
    if (own && algorithm.ends_with("384"))
        return EVP_sha384();
    return own && algorithm.ends_with("512") ? EVP_sha512() : EVP_sha256();
}

/// An ECDSA signature's two numbers, as JWT has them, in the form that OpenSSL wants.
std::string derSignature(const std::string &signature)
{
    const std::size_t half = signature.size() / 2;
    const Owned<ECDSA_SIG_free, ECDSA_SIG> numbers(ECDSA_SIG_new());
    if (!numbers || ECDSA_SIG_set0(numbers.get(), bigNumber(signature.substr(0, half)).release(),
                                   bigNumber(signature.substr(half)).release()) != 1)
        return {};
    unsigned char *der = nullptr;
    const int size = i2d_ECDSA_SIG(numbers.get(), &der);
    std::string text(reinterpret_cast<const char *>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
    OPENSSL_free(der);
    return text;
}

bool verifySignature(EVP_PKEY *key, const EVP_MD *digest, bool pss, std::string_view text,
                     const std::string &signature)
{
    const Owned<EVP_MD_CTX_free, EVP_MD_CTX> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX *parameters = nullptr;
    if (!context || EVP_DigestVerifyInit(context.get(), &parameters, digest, nullptr, key) != 1)
        return false;
    if (pss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1))
        return false;
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char *>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char *>(text.data()),
                            text.size()) == 1;
}

} // namespace

Result<std::shared_ptr<const Jwks>> Jwks::parse(const std::string &json)
{
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(json));
    if (!document.isObject())
        return fail("the provider has invalid local jwks: this is no JSON");
    const QJsonValue keys = document.object().value(QLatin1String("keys"));
    if (!keys.isArray())
        return fail("the provider has invalid local jwks: Jwks does not have [keys] field");
    auto set = std::make_shared<Jwks>();
    for (const QJsonValue &value : keys.toArray()) {
        const QJsonObject jwk = value.toObject();
        const auto text = [&](const char *name) {
            return jwk.value(QLatin1String(name)).toString().toStdString();
        };
        // A key that cannot be used is left out.
        if (!dataplane::keyProblem(jwk).empty())
            continue;
        Key key;
        key.type = text("kty");
        key.id = text("kid");
        key.algorithm = text("alg");
        key.curve = dataplane::curveOfKey(jwk);
        if (key.type == "RSA") {
            key.key = rsaKey(jwk);
        } else if (key.type == "EC") {
            if (const Curve *curve = curveNamed(key.curve))
                key.key = ecKey(jwk, *curve);
        } else if (key.type == "OKP") {
            key.key = edwardsKey(jwk);
        } else if (key.type == "oct") {
            key.secret = bytesOf(jwk, "k").value_or(std::string());
        }
        if (key.key || !key.secret.empty())
            set->m_keys.push_back(std::move(key));
    }
    ERR_clear_error();
    if (set->m_keys.empty())
        return fail("the provider has invalid local jwks: Jwks doesn't have any valid public key");
    return std::shared_ptr<const Jwks>(std::move(set));
}

/// As in Envoy's library it is the key's type that decides, and of the token's algorithm only the digest
/// counts, and which padding it has of RSA's two: a key is for one algorithm if its `alg` says so.
bool Jwks::verify(const Key &key, const Jwt &jwt)
{
    const std::string_view algorithm = jwt.algorithm;
    const EVP_MD *digest = digestFor(key.type, algorithm);
    bool good = false;
    if (key.type == "oct") {
        unsigned char mac[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        HMAC(digest, key.secret.data(), static_cast<int>(key.secret.size()),
             reinterpret_cast<const unsigned char *>(jwt.signedPart.data()), jwt.signedPart.size(), mac,
             &size);
        good = size == jwt.signature.size() && CRYPTO_memcmp(mac, jwt.signature.data(), size) == 0;
    } else if ((algorithm.starts_with("RS") || algorithm.starts_with("PS")) && key.type == "RSA") {
        good = verifySignature(key.key.get(), digest, algorithm.starts_with("PS"), jwt.signedPart,
                               jwt.signature);
    } else if (key.type == "EC") {
        good = jwt.signature.size() == 2 * curveNamed(key.curve)->size &&
               verifySignature(key.key.get(), digest, false, jwt.signedPart, derSignature(jwt.signature));
    } else if (key.type == "OKP") {
        good = verifySignature(key.key.get(), nullptr, false, jwt.signedPart, jwt.signature);
    }
    ERR_clear_error();
    return good;
}

JwtStatus Jwks::verify(const Jwt &jwt) const
{
    bool matched = false;
    for (const Key &key : m_keys) {
        if (!jwt.keyId.empty() && !key.id.empty() && jwt.keyId != key.id)
            continue;
        if (!key.algorithm.empty() && key.algorithm != jwt.algorithm)
            continue;
        matched = true;
        // That ends the search: a key behind it is not tried.
        if (key.type == "OKP" && jwt.signature.size() != Ed25519SignatureSize)
            return JwtStatus::Ed25519SignatureWrongLength;
        if (verify(key, jwt))
            return JwtStatus::Ok;
    }
    return matched ? JwtStatus::VerificationFail : JwtStatus::NoMatchingKey;
}

} // namespace sallyport::filters
