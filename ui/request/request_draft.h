// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/application/request.h"

#include <QJsonObject>
#include <QList>
#include <QMetaType>
#include <QString>

namespace sallyport::request {

/// A header that a person typed.
struct Header
{
    QString name;
    QString value;
    bool enabled = true; ///< a header can be kept without being sent
    bool operator==(const Header &) const = default;
};

/// A request as a person composes it.
struct RequestDraft
{
    QString instance; ///< whose application sends it, full name
    QString method = QStringLiteral("GET");
    QString url; ///< `http://test.com/status/418`; `http://` may be left out
    QList<Header> headers;
    QString body;

    bool operator==(const RequestDraft &) const = default;

    /// What is sent; an Error says which part cannot be.
    Result<application::Request> request() const;
    /// The URL with its scheme.
    QString fullUrl() const;
    /// A body is sent with the methods that have one, also if it is empty.
    bool sendsBody() const;

    QJsonObject toJson() const;
    static RequestDraft fromJson(const QJsonObject &object);
};

/// Headers whose values are credentials: they are not written to the disk.
bool isSecretHeader(const QString &name);

} // namespace sallyport::request

Q_DECLARE_METATYPE(sallyport::request::RequestDraft)
