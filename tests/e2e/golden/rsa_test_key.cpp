// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/rsa_test_key.h"

#include <QCryptographicHash>
#include <memory>
#include <openssl/bn.h>
#include <vector>

namespace golden {

namespace {

struct BnDelete
{
    void operator()(BIGNUM *number) const { BN_free(number); }
    void operator()(BN_CTX *context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, BnDelete>;
using Context = std::unique_ptr<BN_CTX, BnDelete>;

constexpr int PrimeBytes = 128;
constexpr BN_ULONG Exponent = 65537;

Number number(BN_ULONG value = 0)
{
    Number made(BN_new());
    BN_set_word(made.get(), value);
    return made;
}

Number minusOne(const Number &value)
{
    Number less(BN_dup(value.get()));
    BN_sub_word(less.get(), 1);
    return less;
}

/// The first prime from the stream of hashes that belongs to this name and label.
Number prime(const QByteArray &name, char label, BN_CTX *context)
{
    QByteArray stream;
    for (int i = 0; stream.size() < PrimeBytes; ++i)
        stream +=
            QCryptographicHash::hash("golden test key: " + name + ' ' + label + ' ' + QByteArray::number(i),
                                     QCryptographicHash::Sha256);
    Number candidate(
        BN_bin2bn(reinterpret_cast<const unsigned char *>(stream.constData()), PrimeBytes, nullptr));
    for (const int bit : {0, 1022, 1023})
        BN_set_bit(candidate.get(), bit);
    while (BN_mod_word(minusOne(candidate).get(), Exponent) == 0 ||
           BN_check_prime(candidate.get(), context, nullptr) != 1)
        BN_add_word(candidate.get(), 2);
    return candidate;
}

QByteArray tagged(char tag, const QByteArray &content)
{
    QByteArray out(1, tag);
    if (content.size() < 128) {
        out += static_cast<char>(content.size());
    } else {
        QByteArray length;
        for (qsizetype left = content.size(); left > 0; left >>= 8)
            length.prepend(static_cast<char>(left & 0xff));
        out += static_cast<char>(0x80 | length.size());
        out += length;
    }
    return out + content;
}

QByteArray integer(const BIGNUM *value)
{
    QByteArray bytes(BN_num_bytes(value), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char *>(bytes.data()));
    if (bytes.isEmpty() || (bytes[0] & 0x80) != 0)
        bytes.prepend('\0');
    return tagged(2, bytes);
}

} // namespace

QByteArray rsaTestKey(const QString &name)
{
    const Context context(BN_CTX_new());
    Number p = prime(name.toUtf8(), 'p', context.get());
    Number q = prime(name.toUtf8(), 'q', context.get());
    if (BN_cmp(p.get(), q.get()) < 0)
        std::swap(p, q);
    const Number e = number(Exponent);
    const Number n = number();
    const Number phi = number();
    const Number d = number();
    const Number dp = number();
    const Number dq = number();
    const Number inverse = number();
    BN_mul(n.get(), p.get(), q.get(), context.get());
    BN_mul(phi.get(), minusOne(p).get(), minusOne(q).get(), context.get());
    BN_mod_inverse(d.get(), e.get(), phi.get(), context.get());
    BN_mod(dp.get(), d.get(), minusOne(p).get(), context.get());
    BN_mod(dq.get(), d.get(), minusOne(q).get(), context.get());
    BN_mod_inverse(inverse.get(), q.get(), p.get(), context.get());
    // An RSAPrivateKey (RFC 8017 A.1.2).
    QByteArray key = integer(number().get());
    for (const BIGNUM *part : {n.get(), e.get(), d.get(), std::as_const(p).get(), std::as_const(q).get(),
                               dp.get(), dq.get(), inverse.get()})
        key += integer(part);
    const QByteArray base64 = tagged(0x30, key).toBase64();
    QByteArray pem = "-----BEGIN RSA PRIVATE KEY-----\n";
    for (qsizetype at = 0; at < base64.size(); at += 64)
        pem += base64.mid(at, 64) + '\n';
    return pem + "-----END RSA PRIVATE KEY-----\n";
}

} // namespace golden
