// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/comparison.h"

#include <QJsonDocument>
#include <QRegularExpression>

namespace golden {

namespace {

/// A JSON value with each leaf replaced by its type, and a list by its first item.
QJsonValue shape(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::Object: {
        QJsonObject out;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            out.insert(it.key(), shape(it.value()));
        return out;
    }
    case QJsonValue::Array: {
        const QJsonArray array = value.toArray();
        return array.isEmpty() ? QJsonArray() : QJsonArray{shape(array.first())};
    }
    case QJsonValue::Bool:
        return "bool";
    case QJsonValue::Double:
        return "number";
    case QJsonValue::String:
        return "text";
    default:
        return "null";
    }
}

QJsonValue withoutVolatile(const QJsonValue &value, const Normaliser &normaliser,
                           const QJsonArray &volatileKeys, const QString &key = {})
{
    if (volatileKeys.contains(QJsonValue(key)))
        return shape(value);
    if (value.isObject()) {
        QJsonObject out;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            out.insert(normaliser.text(it.key()),
                       withoutVolatile(it.value(), normaliser, volatileKeys, it.key()));
        return out;
    }
    if (value.isArray()) {
        QJsonArray out;
        for (const QJsonValue &item : value.toArray())
            out.append(withoutVolatile(item, normaliser, volatileKeys, key));
        return out;
    }
    return normaliser.deep(value);
}

/// A body as the exchange's `body_as` or `pick` wants it.
QJsonValue comparableBody(const QByteArray &body, const Normaliser &normaliser, const QJsonObject &exchange)
{
    const QString form = exchange["body_as"].toString();
    const bool pick = exchange.contains("pick");
    if (form.isEmpty() && !pick)
        return normaliser.body(body);
    const QString text = QString::fromLatin1(body);
    if (form == "first_line")
        return normaliser.text(text.section('\n', 0, 0));
    if (form == "sorted_lines") {
        QStringList lines = text.split('\n', Qt::SkipEmptyParts);
        for (QString &line : lines)
            line = normaliser.text(line);
        lines.sort();
        return QJsonArray::fromStringList(lines);
    }
    const QJsonDocument document = QJsonDocument::fromJson(body);
    if (document.isNull())
        return QJsonObject{{"not JSON", normaliser.body(body)}};
    const QJsonObject object = document.object();
    const QJsonValue value = document.isArray() ? QJsonValue(document.array()) : QJsonValue(object);
    if (pick) {
        QJsonObject picked;
        for (const QJsonValue &name : exchange["pick"].toArray()) {
            const QJsonValue found = object[name.toString()];
            picked.insert(name.toString(), found.isUndefined()          ? QJsonValue("(absent)")
                                           : name.toString() == "state" ? found
                                                                        : shape(found));
        }
        return picked;
    }
    if (form == "json")
        return withoutVolatile(value, normaliser, exchange["volatile_json"].toArray());
    if (form == "shape")
        return shape(value);
    QJsonArray types;
    for (const QJsonValue &config : object["configs"].toArray())
        types.append(config["@type"]);
    return types;
}

QJsonObject comparableResponse(const Response &response, const Normaliser &normaliser,
                               const QJsonObject &exchange)
{
    QJsonObject out;
    QJsonArray interim;
    for (const Http1Head &head : response.interim) {
        if (response.http2)
            interim.append(normaliser.pairs(head.headers));
        else
            interim.append(QJsonObject{{"status_line", QString::fromLatin1(head.line)},
                                       {"headers", normaliser.pairs(head.headers)}});
    }
    if (!interim.isEmpty())
        out.insert("interim", interim);
    if (response.raw) {
        out.insert("bytes", normaliser.body(*response.raw));
        return out;
    }
    out.insert("headers", response.headers ? QJsonValue(normaliser.pairs(*response.headers)) : QJsonValue());
    if (!response.reset.isEmpty())
        out.insert("reset", response.reset);
    if (!response.http2)
        out.insert("status_line", QString::fromLatin1(response.statusLine));
    if (!response.complete)
        out.insert("truncated", true);
    out.insert("body", comparableBody(response.body, normaliser, exchange));
    if (!response.trailers.empty())
        out.insert("trailers", normaliser.pairs(response.trailers));
    return out;
}

QString show(const QJsonValue &value)
{
    if (value.isUndefined())
        return "nothing";
    QString text = QString::fromUtf8(QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact));
    text = text.mid(1, text.size() - 2);
    return text.size() > 400 ? text.left(400) + "…" : text;
}

QString line(const QString &where, const QJsonValue &expected, const QJsonValue &got)
{
    return where + ": expected " + show(expected) + ", got " + show(got);
}

/// Lists of headers: which are missing and which are new says more than all of them.
QStringList headerDifferences(const QJsonArray &expected, const QJsonArray &got, const QString &where)
{
    QJsonArray lost;
    QJsonArray added;
    for (const QJsonValue &header : expected) {
        if (!got.contains(header))
            lost.append(header);
    }
    for (const QJsonValue &header : got) {
        if (!expected.contains(header))
            added.append(header);
    }
    if (lost.isEmpty() && added.isEmpty())
        return {line(where + " (order)", expected, got)};
    return {line(where, lost, added)};
}

} // namespace

QJsonObject comparable(const Outcome &outcome, const Normaliser &normaliser, const QJsonObject &exchange)
{
    QJsonObject out;
    if (outcome.refused)
        out.insert("refused", true);
    if (!outcome.tlsError.isEmpty())
        out.insert("tls_error", outcome.tlsError);
    if (outcome.tls)
        out.insert("tls", *outcome.tls);
    if (outcome.late)
        out.insert("timeout", "no (complete) answer in time");
    if (outcome.closes)
        out.insert("closes", *outcome.closes);
    if (!outcome.goAway.isEmpty())
        out.insert("goaway", outcome.goAway);
    if (outcome.responses) {
        QJsonArray responses;
        for (const Response &response : *outcome.responses)
            responses.append(comparableResponse(response, normaliser, exchange));
        out.insert("responses", responses);
    }
    if (outcome.bytes)
        out.insert("bytes", normaliser.body(*outcome.bytes));
    if (outcome.tunnel)
        out.insert("tunnel", normaliser.body(*outcome.tunnel));
    if (outcome.extra)
        out.insert("extra", normaliser.body(*outcome.extra));
    return out;
}

QJsonArray comparable(const std::vector<std::pair<QString, SeenRequest>> &seen, const Normaliser &normaliser,
                      const QJsonObject &vector)
{
    QJsonArray out;
    for (const auto &[upstream, request] : seen) {
        QJsonObject item{{"upstream", upstream}};
        if (request.line)
            item.insert("line", normaliser.text(QString::fromLatin1(*request.line)));
        if (request.line || request.http2)
            item.insert("headers", normaliser.pairs(request.headers));
        if (request.tcp)
            item.insert("bytes", normaliser.body(request.body));
        else if (!request.body.isEmpty() || !request.line)
            item.insert("body", normaliser.body(request.body));
        if (!request.trailers.empty())
            item.insert("trailers", normaliser.pairs(request.trailers));
        if (!request.complete)
            item.insert("complete", false);
        if (!request.reset.isEmpty())
            item.insert("reset", request.reset);
        if (vector["check_connections"].toBool())
            item.insert("connection", request.connection);
        if (request.tls)
            item.insert("tls", *request.tls);
        out.append(item);
    }
    return out;
}

QJsonArray comparableLog(const QByteArray &log, const Normaliser &normaliser, const QJsonObject &vector)
{
    QJsonArray out;
    QList<QByteArray> lines = log.split('\n');
    if (lines.last().isEmpty())
        lines.removeLast();
    const bool asText = vector["log_as"].toString() == "text";
    for (const QByteArray &bytes : lines) {
        if (!asText) {
            const QJsonDocument document = QJsonDocument::fromJson(bytes);
            out.append(document.isNull() ? QJsonObject{{"not JSON", QString::fromLatin1(bytes)}}
                                         : normaliser.record(document.object()));
            continue;
        }
        QString text = QString::fromLatin1(bytes);
        for (const QJsonValue &replace : vector["log_replace"].toArray())
            text.replace(QRegularExpression(replace[0].toString()), replace[1].toString());
        out.append(normaliser.text(text));
    }
    return out;
}

QStringList differences(const QJsonValue &expected, const QJsonValue &got, const QString &where)
{
    if (expected == got)
        return {};
    QStringList out;
    if (expected.isObject() && got.isObject()) {
        const QJsonObject want = expected.toObject();
        const QJsonObject have = got.toObject();
        QStringList keys = want.keys();
        for (const QString &key : have.keys()) {
            if (!want.contains(key))
                keys.append(key);
        }
        for (const QString &key : std::as_const(keys))
            out += differences(want[key], have[key], where + '.' + key);
        return out;
    }
    if (!expected.isArray() || !got.isArray())
        return {line(where, expected, got)};
    const QJsonArray want = expected.toArray();
    const QJsonArray have = got.toArray();
    if (where.endsWith("headers") || where.endsWith("trailers"))
        return headerDifferences(want, have, where);
    if (want.size() != have.size())
        return {line(where + " (count)", expected, got)};
    for (qsizetype i = 0; i < want.size(); ++i)
        out += differences(want[i], have[i], QString("%1[%2]").arg(where).arg(i));
    return out;
}

} // namespace golden
