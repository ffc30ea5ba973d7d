// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/tls_session.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QStringList>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace golden {

namespace {

using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

int versionNumber(const QString &version)
{
    static const QMap<QString, int> versions{
        {"1.0", TLS1_VERSION}, {"1.1", TLS1_1_VERSION}, {"1.2", TLS1_2_VERSION}, {"1.3", TLS1_3_VERSION}};
    return versions.value(version, 0);
}

QByteArray alpnList(const QJsonArray &protocols)
{
    QByteArray list;
    for (const QJsonValue &protocol : protocols) {
        const QByteArray name = protocol.toString().toLatin1();
        list += static_cast<char>(name.size());
        list += name;
    }
    return list;
}

bool useCertificate(SSL_CTX *context, const QJsonObject &options)
{
    const QByteArray certificate = options["cert"].toString().toUtf8();
    const QByteArray key = options["key"].toString().toUtf8();
    return SSL_CTX_use_certificate_chain_file(context, certificate.constData()) == 1 &&
           SSL_CTX_use_PrivateKey_file(context, key.constData(), SSL_FILETYPE_PEM) == 1;
}

void limitVersions(SSL_CTX *context, const QJsonObject &options)
{
    const QString least = options["min"].toString("1.2");
    SSL_CTX_set_min_proto_version(context, versionNumber(least));
    SSL_CTX_set_max_proto_version(context, versionNumber(options["max"].toString()));
}

QJsonValue chosenProtocol(SSL *session)
{
    const unsigned char *name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(session, &name, &length);
    return length == 0 ? QJsonValue()
                       : QJsonValue(QString::fromLatin1(reinterpret_cast<const char *>(name),
                                                        static_cast<qsizetype>(length)));
}

/// `commonName=client,organizationName=…`
QJsonValue subjectOf(const X509 *certificate)
{
    if (certificate == nullptr)
        return {};
    QStringList parts;
    const X509_NAME *name = X509_get_subject_name(certificate);
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
        parts.append(QString::fromLatin1(OBJ_nid2ln(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)))) + '=' +
                     QString::fromUtf8(reinterpret_cast<const char *>(ASN1_STRING_get0_data(value)),
                                       ASN1_STRING_length(value)));
    }
    return parts.join(',');
}

QString fileOf(const X509 *certificate, const QString &pki)
{
    for (const QString &name : QDir(pki).entryList({"*.pem"}, QDir::Files, QDir::Name)) {
        FILE *file = std::fopen(QFile::encodeName(pki + '/' + name).constData(), "r");
        if (file == nullptr)
            continue;
        const X509Ptr stored(PEM_read_X509(file, nullptr, nullptr, nullptr), X509_free);
        std::fclose(file);
        if (stored && X509_cmp(stored.get(), certificate) == 0)
            return name;
    }
    return "unknown";
}

/// Null: nothing was stapled.
QJsonValue stapledFile(SSL *session, const QString &pki)
{
    const unsigned char *bytes = nullptr;
    const long size = SSL_get_tlsext_status_ocsp_resp(session, &bytes);
    if (size <= 0)
        return {};
    const QByteArray stapled(reinterpret_cast<const char *>(bytes), size);
    for (const QString &name : QDir(pki).entryList({"*.ocsp"}, QDir::Files, QDir::Name)) {
        QFile file(pki + '/' + name);
        if (file.open(QIODevice::ReadOnly) && file.readAll() == stapled)
            return name;
    }
    return "unknown";
}

int chooseProtocol(SSL * /*session*/, const unsigned char **out, unsigned char *outLength,
                   const unsigned char *offered, unsigned offeredLength, void *list)
{
    const auto *own = static_cast<const QByteArray *>(list);
    unsigned char *chosen = nullptr;
    const int result =
        SSL_select_next_proto(&chosen, outLength, reinterpret_cast<const unsigned char *>(own->constData()),
                              static_cast<unsigned>(own->size()), offered, offeredLength);
    *out = chosen;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

} // namespace

SslContext serverContext(const QJsonObject &options, QByteArray &alpn)
{
    SslContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!useCertificate(context.get(), options))
        return {nullptr, SSL_CTX_free};
    if (options.contains("ca")) {
        const QByteArray ca = options["ca"].toString().toUtf8();
        if (SSL_CTX_load_verify_locations(context.get(), ca.constData(), nullptr) != 1)
            return {nullptr, SSL_CTX_free};
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    limitVersions(context.get(), options);
    alpn = alpnList(options["alpn"].toArray());
    if (!alpn.isEmpty())
        SSL_CTX_set_alpn_select_cb(context.get(), chooseProtocol, &alpn);
    const unsigned char id[] = "golden";
    SSL_CTX_set_session_id_context(context.get(), id, sizeof id);
    return context;
}

QJsonObject describeServerSession(SSL *session)
{
    const char *name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    const bool verified = (SSL_get_verify_mode(session) & SSL_VERIFY_PEER) != 0;
    return {{"sni", name == nullptr ? QJsonValue() : QJsonValue(QString::fromLatin1(name))},
            {"alpn", chosenProtocol(session)},
            {"version", QString::fromLatin1(SSL_get_version(session))},
            {"client", verified ? subjectOf(SSL_get0_peer_certificate(session)) : QJsonValue()}};
}

SSL *clientSession(const QJsonObject &options)
{
    const SslContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (options.contains("cert") && !useCertificate(context.get(), options))
        return nullptr;
    const auto isOld = [&](const char *key) {
        const QString version = options[key].toString();
        return version == "1.0" || version == "1.1";
    };
    if (isOld("min") || isOld("max"))
        SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
    limitVersions(context.get(), options);
    if (options.contains("ciphers"))
        SSL_CTX_set_cipher_list(context.get(), options["ciphers"].toString().toLatin1().constData());
    SSL *session = SSL_new(context.get());
    const QByteArray alpn = alpnList(options["alpn"].toArray());
    if (!alpn.isEmpty())
        SSL_set_alpn_protos(session, reinterpret_cast<const unsigned char *>(alpn.constData()),
                            static_cast<unsigned>(alpn.size()));
    if (const QByteArray sni = options["sni"].toString().toLatin1(); !sni.isEmpty())
        SSL_set_tlsext_host_name(session, sni.constData());
    if (options["staple"].toBool())
        SSL_set_tlsext_status_type(session, TLSEXT_STATUSTYPE_ocsp);
    return session;
}

QJsonObject describeClientSession(SSL *session, const QString &pki, const QJsonObject &options)
{
    const X509 *certificate = SSL_get0_peer_certificate(session);
    QJsonObject seen{
        {"version", QString::fromLatin1(SSL_get_version(session))},
        {"alpn", chosenProtocol(session)},
        {"certificate", certificate == nullptr ? QJsonValue() : QJsonValue(fileOf(certificate, pki))}};
    if (options["staple"].toBool())
        seen.insert("staple", stapledFile(session, pki));
    if (options.contains("session"))
        seen.insert("resumed", SSL_session_reused(session) == 1);
    return seen;
}

void KeptSessions::offer(SSL *client, const QString &name) const
{
    if (const auto found = m_sessions.find(name); found != m_sessions.end())
        SSL_set_session(client, found->second.get());
}

void KeptSessions::keep(SSL *client, const QString &name)
{
    // A copy: OpenSSL resumes none whose connection ends without a goodbye.
    m_sessions[name] = {SSL_SESSION_dup(SSL_get0_session(client)), SSL_SESSION_free};
}

} // namespace golden
