// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

/// The projects of tests/golden/mesh, which ran once for real (see its README).
namespace golden {

/// Names of all of them.
QStringList projects();

/// `answers.json` of one.
QJsonObject answersOf(const QString &name);

/// Writes a project to a folder that is not there yet, its certificates and keys in their places.
bool writeProject(const QString &name, const QString &folder);

/// Writes all test certificates and their keys, `client.crt` and `client.key`, to a folder that is there.
bool writePki(const QDir &folder);

/// The private key of a test certificate, PEM. It is derived from the name, so that none is stored.
QByteArray testKey(const QString &name);

} // namespace golden
