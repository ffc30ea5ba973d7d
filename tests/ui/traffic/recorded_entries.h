// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/control/log_entry.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QList>

namespace sallyport::traffic::test {

inline QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// What a LabSession gave for eight requests through stage 5 of the guide, with Envoy 1.40 in every hop:
/// one entry a line.
inline QList<control::LogEntry> recordedEntries()
{
    QList<control::LogEntry> entries;
    const QByteArray text =
        readFile(QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/ui/traffic/recorded/stage-5.jsonl"));
    for (const QByteArray &line : text.split('\n')) {
        if (line.isEmpty())
            continue;
        const QJsonObject object = QJsonDocument::fromJson(line).object();
        control::LogEntry entry;
        entry.process = object["process"].toString();
        entry.proxy = object["proxy"].toString();
        entry.receivedUs = static_cast<qint64>(object["receivedUs"].toDouble());
        entry.downstreamPeer = object["peer"].toString();
        entry.upstreamLocal = object["local"].toString();
        entry.fields = object["fields"].toObject();
        entries.append(entry);
    }
    return entries;
}

/// The hops of a golden exchange as log entries. The vectors leave out times and ids: each hop gets a time
/// inside that of the hop before, and all of them the id.
inline QList<control::LogEntry> goldenEntries(const QJsonObject &exchange, const QString &id)
{
    QList<control::LogEntry> entries;
    int at = 0;
    for (const QJsonValue value : exchange["hops"].toArray()) {
        control::LogEntry entry;
        entry.fields = value.toObject();
        entry.proxy = entry.fields.take("proxy").toString();
        entry.process = entry.proxy;
        entry.receivedUs = 1'785'000'000'000'000;
        if (!entry.fields.contains("line")) {
            entry.fields.insert("start_time",
                                QStringLiteral("2026-07-25T17:20:00.%1Z").arg(100 + at, 3, 10, QChar(u'0')));
            entry.fields.insert("duration", 100 - 2 * at);
            entry.fields.insert("request_id", id);
        }
        ++at;
        entries.append(entry);
    }
    return entries;
}

inline QJsonArray goldenExchanges(const QString &project)
{
    return QJsonDocument::fromJson(
               readFile(
                   QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/golden/mesh/%1/answers.json").arg(project)))
        .object()["exchanges"]
        .toArray();
}

} // namespace sallyport::traffic::test
