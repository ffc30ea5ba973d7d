// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "openssl_tool.h"

namespace sallyport::test {

/// A client's key, certificate and CA in every form that people have them in, and some that are no good; all
/// made by openssl.
class PartnerFiles
{
public:
    /// In `folder`, by the names that the tests use.
    static void make(const QTemporaryDir &folder) { PartnerFiles(folder).makeAll(); }

private:
    explicit PartnerFiles(const QTemporaryDir &folder)
        : m_folder(folder)
    {
    }

    QString path(const QString &name) const { return m_folder.filePath(name); }

    /// NAME.key and NAME.pem, signed by ca.pem.
    void makeLeaf(const QString &name, const QStringList &key, const QByteArray &extensions) const
    {
        writeFile(path(name + ".ext"), extensions.toStdString());
        openssl(m_folder, QStringList{"genpkey", "-out", name + ".key"} + key);
        openssl(m_folder,
                {"req", "-new", "-key", name + ".key", "-subj", "/CN=" + name, "-out", name + ".csr"});
        openssl(m_folder,
                {"x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                 "-days", "365", "-extfile", name + ".ext", "-out", name + ".pem"});
    }

    void makeAll() const
    {
        const QStringList p256{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"};
        for (const char *ca : {"ca", "other-ca"})
            openssl(m_folder, {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                               "-nodes", "-days", "3650", "-subj", QString("/CN=%1").arg(ca), "-keyout",
                               QString("%1.key").arg(ca), "-out", QString("%1.pem").arg(ca)});
        const QByteArray client = "extendedKeyUsage=clientAuth\nsubjectAltName=URI:spiffe://test.client\n";
        makeLeaf("client", {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, client);
        makeLeaf("stranger", p256, client);
        makeLeaf("server", p256, "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:test.com\n");
        makeLeaf("nameless", p256, "extendedKeyUsage=clientAuth\n");
        makeLeaf("weak", {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"}, client);
        // The guide's names, and other forms of the same.
        QFile::copy(path("client.key"), path("client.key.pem"));
        QFile::copy(path("client.pem"), path("clientcert.pem"));
        QFile::copy(path("ca.pem"), path("cacert.pem"));
        QFile::copy(path("client.key"), path("tls.key"));
        QFile::copy(path("client.pem"), path("tls.crt"));
        QFile::copy(path("ca.pem"), path("ca.crt"));
        QFile::copy(path("client.key"), path("key"));
        QFile::copy(path("client.pem"), path("cert"));
        QFile::copy(path("ca.pem"), path("cacert"));
        const auto run = [this](const char *line) {
            openssl(m_folder, QString::fromLatin1(line).split(' '));
        };
        run("rsa -in client.key -aes256 -passout pass:opensesame -out locked.key");
        run("pkcs8 -topk8 -in client.key -v2 aes-256-cbc -passout pass:opensesame -out locked8.key");
        run("pkcs12 -export -inkey client.key -in client.pem -certfile ca.pem -passout pass:opensesame -out "
            "client.p12");
        run("pkcs12 -export -inkey client.key -in client.pem -certfile ca.pem -passout pass: -out open.pfx");
        run("x509 -in client.pem -outform DER -out client.cer");
        run("x509 -in ca.pem -outform DER -out ca.cer");
        run("pkey -in client.key -outform DER -out client.der");
        run("pkcs8 -topk8 -in client.key -v2 aes-256-cbc -passout pass:opensesame -outform DER -out "
            "locked.der");
        const auto encoded = [this](const char *name) {
            return QByteArray::fromStdString(readFile(path(name))).toBase64();
        };
        const QByteArray head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: test.client\n  namespace: "
                                "istio-system\n";
        writeFile(path("tls.yaml"), (head + "data:\n  tls.key: " + encoded("client.key") + "\n  tls.crt: " +
                                     encoded("client.pem") + "\n  ca.crt: " + encoded("ca.pem") + '\n')
                                        .toStdString());
        writeFile(path("generic.yaml"), (head + "data:\n  key: " + encoded("client.key") + "\n  cert: " +
                                         encoded("client.pem") + "\n  cacert: " + encoded("ca.pem") + '\n')
                                            .toStdString());
        const auto indented = [this](const char *name) {
            return QByteArray::fromStdString(readFile(path(name))).trimmed().replace("\n", "\n    ");
        };
        writeFile(path("string.yaml"), (head + "stringData:\n  tls.key: |\n    " + indented("client.key") +
                                        "\n  tls.crt: |\n    " + indented("client.pem") +
                                        "\n  ca.crt: |\n    " + indented("ca.pem") + '\n')
                                           .toStdString());
        writeFile(path("all.pem"),
                  readFile(path("ca.pem")) + readFile(path("client.key")) + readFile(path("client.pem")));
        writeFile(path("empty.pem"), {});
        writeFile(path("words.pem"), "Dear partner, here is our certificate.\n");
        writeFile(path("cut.pem"), readFile(path("client.pem")).substr(0, 300));
        writeFile(path("broken.yaml"),
                  "kind: Secret\nmetadata: {name: a}\ndata:\n  tls.key: '*'\n  tls.crt: ''\n");
    }

    const QTemporaryDir &m_folder;
};

} // namespace sallyport::test
