// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QString>
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
/// What a client saw: `version`, `alpn`, and which file of `pki` holds the server's certificate.
QJsonObject describeClientSession(SSL *session, const QString &pki);

} // namespace golden
