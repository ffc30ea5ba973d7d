// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "bootstrap_fields.h"
#include "mesh_fixture.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

/// Rows that each name resources and what a field of one proxy's bootstrap is made of them.
namespace fixture {

inline void addColumns()
{
    QTest::addColumn<QByteArray>("proxy");
    QTest::addColumn<QByteArray>("resources");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("expected");
}

/// `path` is what fieldAt() takes, below `static_resources`; `expected` is compact JSON or `absent`.
inline void row(const char *name, const std::string &resources, const std::string &path, const char *expected,
                const char *proxy = "default/sleep")
{
    QTest::newRow(name) << QByteArray(proxy) << QByteArray::fromStdString(resources)
                        << QByteArray::fromStdString(path) << QByteArray(expected);
}

/// The current row's field in a mesh that has these workloads too.
inline QByteArray fieldOfRow(std::vector<std::string> workloads)
{
    QFETCH(const QByteArray, proxy);
    QFETCH(const QByteArray, resources);
    QFETCH(const QByteArray, path);
    workloads.push_back(resources.toStdString());
    const Mesh mesh(documents(workloads));
    const QJsonObject bootstrap =
        QJsonDocument::fromJson(dataplane::encodeBootstrap(mesh.proxy(proxy.toStdString()).bootstrap))
            .object();
    return jsonOf(fieldAt(bootstrap[QStringLiteral("static_resources")], path));
}

} // namespace fixture
