// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_export.h"

#include "ui/traffic/hop_order.h"
#include "ui/traffic/request_table_model.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QUrl>
#include <QUrlQuery>
#include <algorithm>

namespace sallyport::traffic {

namespace {

QString isoTime(qint64 us)
{
    return QDateTime::fromMSecsSinceEpoch(us / 1'000, Qt::UTC).toString(Qt::ISODateWithMs);
}

QJsonArray hopsJson(const QList<control::LogEntry> &entries)
{
    QJsonArray hops;
    for (const control::LogEntry &entry : entries) {
        QJsonObject hop = entry.fields;
        hop.insert(QStringLiteral("proxy"), entry.proxy);
        hops.append(hop);
    }
    return hops;
}

QJsonObject harEntry(const RequestRow &row, const QList<control::LogEntry> &entries)
{
    const LogLine outer = entries.isEmpty() ? LogLine() : LogLine::from(entries.first());
    const QUrl url(QStringLiteral("http://") + row.host + row.path);
    QJsonArray query;
    for (const auto &[name, value] : QUrlQuery(url).queryItems(QUrl::FullyDecoded))
        query.append(QJsonObject{{QStringLiteral("name"), name}, {QStringLiteral("value"), value}});
    const QString protocol = row.protocol.isEmpty() ? QStringLiteral("unknown") : row.protocol;
    const QJsonObject request{
        {QStringLiteral("method"), row.method},    {QStringLiteral("url"), url.toString(QUrl::FullyEncoded)},
        {QStringLiteral("httpVersion"), protocol}, {QStringLiteral("headers"), QJsonArray()},
        {QStringLiteral("queryString"), query},    {QStringLiteral("cookies"), QJsonArray()},
        {QStringLiteral("headersSize"), -1},       {QStringLiteral("bodySize"), outer.bytesReceived}};
    const QJsonObject content{{QStringLiteral("size"), std::max<qint64>(outer.bytesSent, 0)},
                              {QStringLiteral("mimeType"), QStringLiteral("x-unknown")}};
    const QJsonObject response{
        {QStringLiteral("status"), row.status},       {QStringLiteral("statusText"), QString()},
        {QStringLiteral("httpVersion"), protocol},    {QStringLiteral("headers"), QJsonArray()},
        {QStringLiteral("cookies"), QJsonArray()},    {QStringLiteral("content"), content},
        {QStringLiteral("redirectURL"), QString()},   {QStringLiteral("headersSize"), -1},
        {QStringLiteral("bodySize"), outer.bytesSent}};
    const double wait = outer.upstreamMs < 0 ? row.durationMs : std::min(outer.upstreamMs, row.durationMs);
    return {{QStringLiteral("startedDateTime"), isoTime(row.startUs)},
            {QStringLiteral("time"), row.durationMs},
            {QStringLiteral("request"), request},
            {QStringLiteral("response"), response},
            {QStringLiteral("cache"), QJsonObject()},
            {QStringLiteral("timings"), QJsonObject{{QStringLiteral("send"), 0},
                                                    {QStringLiteral("wait"), wait},
                                                    {QStringLiteral("receive"), row.durationMs - wait}}},
            {QStringLiteral("_decidedBy"), row.decision()},
            {QStringLiteral("_requestId"), row.requestId},
            {QStringLiteral("_hops"), hopsJson(entries)}};
}

Result<void> write(QIODevice &to, const QByteArray &bytes)
{
    if (to.write(bytes) == bytes.size())
        return {};
    return fail("the export cannot be written: " + to.errorString().toStdString());
}

} // namespace

QList<control::LogEntry> orderedEntries(QList<control::LogEntry> entries)
{
    std::vector<LogLine> lines;
    for (qsizetype i = 0; i < entries.size(); ++i) {
        lines.push_back(LogLine::from(entries[i]));
        lines.back().bytesReceived = i; // not needed for the order: remembers whose it is
    }
    orderHops(lines);
    QList<control::LogEntry> ordered;
    for (const LogLine &line : lines)
        ordered.append(entries[line.bytesReceived]);
    return ordered;
}

QJsonObject requestJson(const RequestRow &row, QList<control::LogEntry> entries)
{
    entries = orderedEntries(std::move(entries));
    QJsonObject object{{QStringLiteral("time"), isoTime(row.startUs)},
                       {QStringLiteral("from"), row.source},
                       {QStringLiteral("method"), row.method},
                       {QStringLiteral("host"), row.host},
                       {QStringLiteral("path"), row.path},
                       {QStringLiteral("status"), row.status},
                       {QStringLiteral("ms"), row.durationMs},
                       {QStringLiteral("requestId"), row.requestId},
                       {QStringLiteral("hops"), hopsJson(entries)}};
    if (!row.decidedBy.isEmpty()) {
        object.insert(QStringLiteral("decidedBy"), row.decidedBy);
        object.insert(QStringLiteral("decidedAt"), row.decidedAt);
    }
    return object;
}

Result<quint64> exportRequests(const RequestStore &store, const std::vector<quint64> &numbers,
                               ExportFormat format, QIODevice &to,
                               const std::function<bool(quint64 done)> &goOn)
{
    if (format == ExportFormat::Har) {
        const QJsonObject creator{{QStringLiteral("name"), QStringLiteral("Sallyport")},
                                  {QStringLiteral("version"), QCoreApplication::applicationVersion()}};
        const QByteArray head = "{\"log\":{\"version\":\"1.2\",\"creator\":" +
                                QJsonDocument(creator).toJson(QJsonDocument::Compact) + ",\"entries\":[\n";
        if (auto written = write(to, head); !written)
            return fail(written.error());
    }
    quint64 done = 0;
    for (const quint64 number : numbers) {
        const auto row = store.row(number);
        if (!row)
            continue;
        const QList<control::LogEntry> entries = store.entries(number);
        QByteArray line;
        if (format == ExportFormat::JsonLines)
            line = QJsonDocument(requestJson(*row, entries)).toJson(QJsonDocument::Compact) + '\n';
        else
            line = (done == 0 ? "" : ",\n") +
                   QJsonDocument(harEntry(*row, orderedEntries(entries))).toJson(QJsonDocument::Compact);
        if (auto written = write(to, line); !written)
            return fail(written.error());
        if (!goOn(++done))
            break;
    }
    if (format == ExportFormat::Har) {
        if (auto written = write(to, "\n]}}\n"); !written)
            return fail(written.error());
    }
    return done;
}

} // namespace sallyport::traffic
