// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <map>
#include <memory>
#include <openssl/ssl.h>

namespace golden {

using SslContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// A server's context as an upstream's `tls` says (paths filled in). Null: files that cannot be used. `alpn`
/// keeps the list that the context points to.
SslContext serverContext(const QJsonObject &options, QByteArray &alpn);
/// What an upstream saw of its client: `sni`, `alpn`, `version`, `client`.
QJsonObject describeServerSession(SSL *session);

/// A client's session as an exchange's `tls` says (paths filled in); null: files that cannot be used.
SSL *clientSession(const QJsonObject &options);
/// What a client saw: `version`, `alpn`, and which file of `pki` holds the server's certificate; what it
/// asked for beyond that, which is `staple` (the file of the OCSP response) and whether its `session` was
/// `resumed`.
QJsonObject describeClientSession(SSL *session, const QString &pki, const QJsonObject &options);

/// Sessions by name, for clients that come back.
class KeptSessions
{
public:
    /// To be called before the handshake; once there is one of this name.
    void offer(SSL *client, const QString &name) const;
    /// When the server has sent its tickets.
    void keep(SSL *client, const QString &name);

private:
    std::map<QString, std::shared_ptr<SSL_SESSION>> m_sessions;
};

} // namespace golden
