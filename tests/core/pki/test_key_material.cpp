// SPDX-License-Identifier: GPL-3.0-or-later
// Reads what the openssl program writes, in every container that a person may bring, and the other way round.
#include "core/pki/pem.h"
#include "core/pki/pkcs12.h"
#include "openssl_tool.h"

#include <sstream>

using namespace sallyport;
using namespace sallyport::pki;
using sallyport::test::openssl;
using sallyport::test::readFile;

class TestKeyMaterial : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(!openssl(m_folder, {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem",
                                    "-out", "cert.pem", "-subj", "/CN=one", "-days", "30"})
                     .isEmpty());
    }

    void readsKeys_data()
    {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QString>("algorithm");
        QTest::addColumn<bool>("encrypted");
        QTest::newRow("PKCS#8 RSA") << QStringList{"genpkey", "-algorithm", "RSA", "-out", "k"} << "RSA"
                                    << false;
        QTest::newRow("PKCS#1 RSA") << QStringList{"rsa", "-in", "key.pem", "-traditional", "-out", "k"}
                                    << "RSA" << false;
        QTest::newRow("PKCS#1 RSA encrypted")
            << QStringList{"rsa",         "-in",  "key.pem", "-traditional", "-aes256", "-passout",
                           "pass:secret", "-out", "k"}
            << "RSA" << true;
        QTest::newRow("SEC1 EC with parameters block")
            << QStringList{"ecparam", "-name", "prime256v1", "-genkey", "-out", "k"} << "EC P-256" << false;
        QTest::newRow("PKCS#8 EC")
            << QStringList{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "k"}
            << "EC P-384" << false;
        QTest::newRow("Ed25519") << QStringList{"genpkey", "-algorithm", "ed25519", "-out", "k"} << "Ed25519"
                                 << false;
        QTest::newRow("PKCS#8 encrypted")
            << QStringList{"pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:secret", "-out", "k"}
            << "RSA" << true;
        QTest::newRow("DER RSA") << QStringList{"rsa", "-in", "key.pem", "-outform", "DER", "-out", "k"}
                                 << "RSA" << false;
        QTest::newRow("DER PKCS#8 encrypted")
            << QStringList{"pkcs8",       "-topk8",   "-in", "key.pem", "-passout",
                           "pass:secret", "-outform", "DER", "-out",    "k"}
            << "RSA" << true;
    }
    void readsKeys()
    {
        QFETCH(QStringList, command);
        QFETCH(QString, algorithm);
        QFETCH(bool, encrypted);
        openssl(m_folder, command);
        const std::string bytes = readFile(m_folder.filePath("k"));
        QVERIFY(!bytes.empty());

        const auto right = [](const std::string &, int) { return std::optional<std::string>("secret"); };
        const Result<KeyMaterial> material = decodeKeyMaterial(bytes, "k", right);
        QVERIFY2(material, material ? "" : material.error().toString().c_str());
        QCOMPARE(material->keys.size(), std::size_t(1));
        QCOMPARE(QString::fromStdString(material->keys.front().algorithm()), algorithm);
        QCOMPARE(material->keyWasEncrypted, encrypted);
        if (!encrypted)
            return;
        QVERIFY(!decodeKeyMaterial(bytes, "k"));
        int asked = 0;
        const Result<KeyMaterial> wrong =
            decodeKeyMaterial(bytes, "k", [&](const std::string &, int attempt) {
                asked = attempt;
                return std::optional<std::string>("wrong");
            });
        QVERIFY(!wrong);
        QCOMPARE(asked, 3);
        QCOMPARE(wrong.error().where.file, std::string("k"));
    }

    void severalBlocksInAnyOrderWithTextBetween()
    {
        const std::string key = readFile(m_folder.filePath("key.pem"));
        const std::string certificate = readFile(m_folder.filePath("cert.pem"));
        const Result<KeyMaterial> material =
            decodeKeyMaterial("Bag Attributes\n" + certificate + "a note\r\n" + key + certificate, "bundle");
        QVERIFY(material);
        QCOMPARE(material->certificates.size(), std::size_t(2));
        QVERIFY(material->certificates[0] == material->certificates[1]);
        QVERIFY(material->certificates[0].belongsTo(material->keys.front()));
    }

    void readsDerCertificate()
    {
        openssl(m_folder, {"x509", "-in", "cert.pem", "-outform", "DER", "-out", "cert.der"});
        const Result<KeyMaterial> material = readKeyMaterial(m_folder.filePath("cert.der").toStdString());
        QVERIFY(material);
        QCOMPARE(material->certificates.front().commonName(), std::string("one"));
    }

    /// RFC 5280, 4.1.2.5: a certificate without an end has the year 9999, which is no time of the wall clock.
    void aCertificateWithoutAnEndIsNotExpired()
    {
        QVERIFY(!openssl(m_folder,
                         {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                          "-keyout", "ever.key", "-out", "ever.pem", "-subj", "/CN=ever", "-days", "2900000"})
                     .isEmpty());
        const Result<KeyMaterial> material = readKeyMaterial(m_folder.filePath("ever.pem").toStdString());
        QVERIFY(material);
        QVERIFY(material->certificates.front().notAfter() >
                std::chrono::system_clock::now() + std::chrono::hours(24 * 365 * 200));
    }

    void brokenInputSaysWhere_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("line");
        QTest::newRow("empty") << QByteArray() << 0;
        QTest::newRow("text") << QByteArray("hello") << 0;
        QTest::newRow("cut off") << QByteArray("first line\n-----BEGIN CERTIFICATE-----\nMIIB") << 2;
        QTest::newRow("bad base64")
            << QByteArray("\n\n-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n") << 3;
        QTest::newRow("only a request")
            << QByteArray("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n")
            << 1;
        QTest::newRow("broken first line")
            << QByteArray("-----BEGIN CERTIFICATE\n-----END CERTIFICATE-----\n") << 1;
    }
    void brokenInputSaysWhere()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, line);
        const Result<KeyMaterial> material = decodeKeyMaterial(bytes.toStdString(), "bad.pem");
        QVERIFY(!material);
        QCOMPARE(material.error().where.file, std::string("bad.pem"));
        QCOMPARE(material.error().where.line, line);
    }

    void pkcs12BothWays()
    {
        openssl(m_folder, {"pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-passout",
                           "pass:secret", "-out", "store.p12"});
        const std::string store = readFile(m_folder.filePath("store.p12"));
        QVERIFY(isPkcs12(store));
        QVERIFY(!decodeKeyMaterial(store, "store.p12"));
        const Result<KeyMaterial> read = decodeKeyMaterial(store, "store.p12", [](const std::string &, int) {
            return std::optional<std::string>("secret");
        });
        QVERIFY(read);
        QVERIFY(read->certificates.front().belongsTo(read->keys.front()));

        const Result<std::string> ours =
            encodePkcs12(read->keys.front(), read->certificates, "test.client", "other");
        QVERIFY(ours);
        test::writeFile(m_folder.filePath("ours.p12"), *ours);
        const QByteArray shown =
            openssl(m_folder, {"pkcs12", "-in", "ours.p12", "-passin", "pass:other", "-nokeys"});
        QVERIFY(shown.contains("friendlyName: test.client"));
    }

    void keysPrintThemselvesRedacted()
    {
        const Result<PrivateKey> key = PrivateKey::generate(KeyType::Rsa2048);
        QVERIFY(key);
        std::ostringstream out;
        out << *key;
        QCOMPARE(out.str(), std::string("[private key RSA 2048]"));
        const Result<std::string> encrypted = key->toEncryptedPem("secret");
        QVERIFY(encrypted);
        QVERIFY(encrypted->starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    }

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestKeyMaterial)
#include "test_key_material.moc"
