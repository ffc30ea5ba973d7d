// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/http1_message.h"
#include "tests/e2e/golden/vector.h"

#include <QHash>
#include <QJsonArray>
#include <QSet>

namespace golden {

/// Puts placeholders where a run's own ports, folders, times and ids stand, so that the rest can be compared
/// for equality.
class Normaliser
{
public:
    /// All ports have been chosen.
    Normaliser(const Placeholders &placeholders, const QJsonObject &vector);

    QString text(QString value) const;
    QJsonArray pairs(const HeaderPairs &headers) const;
    /// A text, or length and SHA-256 of a long one.
    QJsonValue body(const QByteArray &bytes) const;
    /// Texts and numbers inside of any JSON value.
    QJsonValue deep(const QJsonValue &value) const;
    /// One record of an access log, or the value of its `key`.
    QJsonValue record(const QJsonValue &value, const QString &key = {}) const;

private:
    QJsonValue pair(const HeaderPair &header) const;

    QString m_folder;
    QString m_pki;
    QHash<QString, QString> m_names; ///< port's digits → name
    QSet<QString> m_keptIds;
    QSet<QString> m_keptDates;
    QSet<QString> m_volatileHeaders;
    QSet<QString> m_volatileLog;
};

} // namespace golden
