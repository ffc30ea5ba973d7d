// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/openssl_ptr.h"
#include "proxy/net/tls_library.h"
#include "proxy/net/verified_chains.h"
#include "tests/proxy/net/test_pki.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

using namespace sallyport::net;

namespace {

using StorePtr = std::unique_ptr<X509_STORE, OpenSslFree<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpenSslFree<X509_STORE_CTX_free>>;

X509Ptr certificate(const QByteArray &pem)
{
    const BioPtr bio(BIO_new_mem_buf(pem.constData(), static_cast<int>(pem.size())));
    return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

std::time_t seconds(const ASN1_TIME *time)
{
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return timegm(&parts);
}

} // namespace

class TestVerifiedChains : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_ca = certificate(m_pki.read(QStringLiteral("ca.pem")));
        m_client = certificate(m_pki.read(QStringLiteral("client.pem")));
        m_server = certificate(m_pki.read(QStringLiteral("server.pem")));
        m_store.reset(X509_STORE_new());
        X509_STORE_add_cert(m_store.get(), m_ca.get());
    }

    void holdsWhatWasAddedAndNothingElse()
    {
        VerifiedChains chains;
        const StoreContextPtr first = prepared(m_client.get());
        const std::time_t now = std::time(nullptr);
        QVERIFY(!chains.holds(first.get(), now));
        QCOMPARE(X509_verify_cert(first.get()), 1);
        chains.add(first.get());
        QVERIFY(chains.holds(prepared(m_client.get()).get(), now));
        QVERIFY(!chains.holds(prepared(m_server.get()).get(), now));
        QCOMPARE(chains.size(), std::size_t(1));
    }

    void otherCertificatesBesideTheSameLeafAreAnotherChain()
    {
        VerifiedChains chains;
        const StoreContextPtr first = prepared(m_client.get());
        QCOMPARE(X509_verify_cert(first.get()), 1);
        chains.add(first.get());
        STACK_OF(X509) *others = sk_X509_new_null();
        sk_X509_push(others, m_client.get()); // OpenSSL lists the leaf here too
        QVERIFY(chains.holds(prepared(m_client.get(), others).get(), std::time(nullptr)));
        sk_X509_push(others, m_server.get());
        QVERIFY(!chains.holds(prepared(m_client.get(), others).get(), std::time(nullptr)));
        sk_X509_free(others);
    }

    /// Whoever presents the same bytes again gets the certificates that were read first.
    void equalCertificatesAreShared()
    {
        VerifiedChains chains;
        const auto presentedAgain = [this] {
            STACK_OF(X509) *list = sk_X509_new_null();
            sk_X509_push(list, certificate(m_pki.read(QStringLiteral("client.pem"))).release());
            sk_X509_push(list, certificate(m_pki.read(QStringLiteral("ca.pem"))).release());
            return list;
        };
        const auto freeList = [](STACK_OF(X509) * list) { sk_X509_pop_free(list, X509_free); };
        STACK_OF(X509) *first = presentedAgain();
        X509 *const leaf = sk_X509_value(first, 0);
        X509 *const authority = sk_X509_value(first, 1);
        {
            const StoreContextPtr context = prepared(leaf, first);
            QCOMPARE(X509_verify_cert(context.get()), 1);
            chains.add(context.get());
        }
        freeList(first);
        STACK_OF(X509) *second = presentedAgain();
        QVERIFY(sk_X509_value(second, 0) != leaf);
        {
            const StoreContextPtr context = prepared(sk_X509_value(second, 0), second);
            const auto kept = chains.find(context.get(), std::time(nullptr));
            QVERIFY(kept);
            VerifiedChains::share(context.get(), *kept);
            QCOMPARE(X509_STORE_CTX_get0_cert(context.get()), leaf);
        }
        QCOMPARE(sk_X509_value(second, 0), leaf);
        QCOMPARE(sk_X509_value(second, 1), authority);
        QVERIFY(X509_get0_pubkey(leaf) != nullptr);
        freeList(second);
    }

    /// The authority was made first and ends first.
    void holdsOnlyWhileEveryCertificateIsValid()
    {
        VerifiedChains chains;
        const StoreContextPtr first = prepared(m_client.get());
        QCOMPARE(X509_verify_cert(first.get()), 1);
        chains.add(first.get());
        const std::time_t from = seconds(X509_get0_notBefore(m_client.get()));
        const std::time_t until = seconds(X509_get0_notAfter(m_ca.get()));
        QVERIFY(until <= seconds(X509_get0_notAfter(m_client.get())));
        QVERIFY(!chains.holds(prepared(m_client.get()).get(), from - 1));
        QVERIFY(chains.holds(prepared(m_client.get()).get(), from));
        QVERIFY(chains.holds(prepared(m_client.get()).get(), until - 1));
        QVERIFY(!chains.holds(prepared(m_client.get()).get(), until));
    }

    void longChainsAreNotRemembered()
    {
        VerifiedChains chains;
        STACK_OF(X509) *others = sk_X509_new_null();
        for (int i = 0; i < 100; ++i)
            sk_X509_push(others, m_server.get());
        const StoreContextPtr first = prepared(m_client.get(), others);
        QCOMPARE(X509_verify_cert(first.get()), 1);
        chains.add(first.get());
        QVERIFY(!chains.holds(prepared(m_client.get(), others).get(), std::time(nullptr)));
        QCOMPARE(chains.size(), std::size_t(0));
        sk_X509_free(others);
    }

    /// The data path's own library reads the keys that certificates have, and knows no others.
    void theLibraryReadsTheKeysOfCertificates_data()
    {
        QTest::addColumn<QStringList>("algorithm");
        QTest::addColumn<bool>("known");
        const auto key = [](const char *type, const char *option) {
            QStringList list{QStringLiteral("-algorithm"), QString::fromLatin1(type)};
            if (option != nullptr)
                list << QStringLiteral("-pkeyopt") << QString::fromLatin1(option);
            return list;
        };
        QTest::newRow("P-256") << key("EC", "ec_paramgen_curve:P-256") << true;
        QTest::newRow("P-384") << key("EC", "ec_paramgen_curve:P-384") << true;
        QTest::newRow("P-521") << key("EC", "ec_paramgen_curve:P-521") << true;
        QTest::newRow("RSA") << key("RSA", "rsa_keygen_bits:2048") << true;
        QTest::newRow("RSA-PSS") << key("RSA-PSS", "rsa_keygen_bits:2048") << true;
        QTest::newRow("Ed25519") << key("ED25519", nullptr) << true;
        QTest::newRow("Ed448") << key("ED448", nullptr) << false;
    }
    void theLibraryReadsTheKeysOfCertificates()
    {
        QFETCH(const QStringList, algorithm);
        QFETCH(const bool, known);
        QVERIFY(tlsLibrary() != nullptr);
        const QString name = QStringLiteral("key");
        TestPki::run(QStringList{QStringLiteral("genpkey")} + algorithm +
                         QStringList{QStringLiteral("-out"), name + QStringLiteral(".key")},
                     m_pki.folder());
        TestPki::run({QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-key"),
                      name + QStringLiteral(".key"), QStringLiteral("-subj"), QStringLiteral("/CN=key"),
                      QStringLiteral("-out"), name + QStringLiteral(".pem")},
                     m_pki.folder());
        const X509Ptr outside = certificate(m_pki.read(name + QStringLiteral(".pem")));
        unsigned char *der = nullptr;
        const int size = i2d_X509(outside.get(), &der);
        X509 *made = X509_new_ex(tlsLibrary(), nullptr);
        const unsigned char *from = der;
        QVERIFY(d2i_X509(&made, &from, size) != nullptr);
        const X509Ptr inside(made);
        OPENSSL_free(der);
        EVP_PKEY *key = X509_get0_pubkey(inside.get());
        QCOMPARE(key != nullptr, known);
        if (known)
            QCOMPARE(X509_verify(inside.get(), key), 1);
    }

private:
    StoreContextPtr prepared(X509 *leaf, STACK_OF(X509) *others = nullptr) const
    {
        StoreContextPtr context(X509_STORE_CTX_new());
        X509_STORE_CTX_init(context.get(), m_store.get(), leaf, others);
        return context;
    }

    TestPki m_pki;
    X509Ptr m_ca;
    X509Ptr m_client;
    X509Ptr m_server;
    StorePtr m_store;
};

QTEST_GUILESS_MAIN(TestVerifiedChains)
#include "test_verified_chains.moc"
