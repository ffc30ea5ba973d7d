// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QJsonValue>
#include <QMap>
#include <QString>
#include <QStringList>

/// The vectors of tests/golden/dataplane: what Envoy answered (see the README there). Strings hold one byte
/// per character.
namespace golden {

/// Names of all vectors.
QStringList vectors();
/// `bootstrap.json` or `exchanges.json` of one.
QJsonObject vectorFile(const QString &name, const QString &file);
/// Writes the test certificates and their derived keys to a folder that is there.
bool writeTestPki(const QString &folder);

/// What the placeholders of one vector stand for in one run. Any thread, but one at a time.
class Placeholders
{
public:
    Placeholders(QString folder, QString pki);

    /// The port of this name; chosen when first asked for. 0: the system has none left.
    int port(const QString &name);
    QString text(QString value);
    QJsonValue fill(const QJsonValue &value);

    const QMap<QString, int> &ports() const { return m_ports; }
    const QString &folder() const { return m_folder; }
    const QString &pki() const { return m_pki; }

private:
    QString m_folder;
    QString m_pki;
    QMap<QString, int> m_ports;
};

} // namespace golden
