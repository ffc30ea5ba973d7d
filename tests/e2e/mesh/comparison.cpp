// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/mesh/comparison.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QMap>
#include <QRegularExpression>

namespace golden {

namespace {

QString show(const QJsonValue &value)
{
    QString text = QString::fromUtf8(QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact));
    text = text.mid(1, text.size() - 2);
    return text.size() > 400 ? text.left(400) + "…" : text;
}

using Headers = QMap<QString, QStringList>;

Headers comparable(const QJsonArray &pairs)
{
    static const QStringList connectionsOwn{"date", "connection", "keep-alive"};
    static const QStringList ofThisRun{"x-envoy-upstream-service-time", "x-request-id", "server"};
    Headers headers;
    for (const QJsonValue &pair : pairs) {
        const QString name = pair[0].toString().toLower();
        QString value = pair[1].toString();
        if (connectionsOwn.contains(name))
            continue;
        if (name == "allow") {
            QStringList methods = value.split(", ");
            methods.sort();
            value = methods.join(", ");
        }
        if (ofThisRun.contains(name) && value != "envoy" && value != "istio-envoy")
            value = "*";
        headers[name].append(value);
    }
    for (QStringList &values : headers)
        values.sort();
    return headers;
}

QJsonValue withoutVolatile(const QJsonValue &value)
{
    static const QStringList ofThisRun{"X-Request-Id", "User-Agent", "Traceparent",
                                       "X-Forwarded-Client-Cert"};
    if (value.isObject()) {
        QJsonObject object;
        const QJsonObject all = value.toObject();
        for (auto it = all.begin(); it != all.end(); ++it) {
            const bool own = ofThisRun.contains(it.key()) || it.key().startsWith("X-B3-");
            object.insert(it.key(), own ? QJsonValue("*") : withoutVolatile(it.value()));
        }
        return object;
    }
    if (value.isArray()) {
        QJsonArray array;
        for (const QJsonValue &item : value.toArray())
            array.append(withoutVolatile(item));
        return array;
    }
    return value;
}

QJsonValue comparableBody(const QString &body)
{
    const QJsonDocument json = QJsonDocument::fromJson(body.toUtf8());
    return json.isObject() ? withoutVolatile(json.object()) : QJsonValue(body);
}

/// TLS libraries word their errors differently; the words in capitals they share.
QJsonValue reason(const QJsonValue &value)
{
    static const QRegularExpression capitals("[A-Z][A-Z_]{6,}");
    QStringList words;
    auto matches = capitals.globalMatch(value.toString());
    while (matches.hasNext())
        words.append(matches.next().captured());
    return words.isEmpty() ? value : QJsonValue(words.join(' '));
}

QJsonValue address(const QJsonValue &value, const QJsonObject &names)
{
    static const QRegularExpression ephemeral(":(?:[2-6]\\d{4}|1[6-9]\\d{3})$");
    if (!value.isString())
        return value;
    return names.value(value.toString()).toString(value.toString()).replace(ephemeral, ":*");
}

QStringList proxiesOf(const QJsonArray &hops)
{
    QStringList proxies;
    for (const QJsonValue &hop : hops)
        proxies.append(hop["proxy"].toString());
    return proxies;
}

void compareAnswers(const QJsonObject &want, const QJsonObject &got, QStringList &out)
{
    for (const char *key : {"status", "error"}) {
        if (want[key] != got[key])
            out.append(QString("answer.%1: expected %2, got %3").arg(key, show(want[key]), show(got[key])));
    }
    const Headers expected = comparable(want["headers"].toArray());
    const Headers seen = comparable(got["headers"].toArray());
    QSet<QString> names;
    for (const Headers &all : {expected, seen}) {
        for (auto it = all.begin(); it != all.end(); ++it)
            names.insert(it.key());
    }
    for (const QString &name : std::as_const(names)) {
        if (expected[name] != seen[name])
            out.append(QString("answer.headers %1: expected [%2], got [%3]")
                           .arg(name, expected[name].join("; "), seen[name].join("; ")));
    }
    const QJsonValue body = comparableBody(want["body"].toString());
    const QJsonValue other = comparableBody(got["body"].toString());
    if (body != other)
        out.append(QString("answer.body: expected %1, got %2").arg(show(body), show(other)));
}

void compareHop(const QJsonObject &want, const QJsonObject &got, bool countBytes, const QJsonObject &names,
                QStringList &out)
{
    static const QStringList notCompared{"proxy", "downstream_local_address", "downstream_remote_address",
                                         "upstream_local_address"};
    const QString where = "hop " + want["proxy"].toString() + ' ';
    if (want.contains("line")) {
        if (want["line"] != got["line"])
            out.append(where + "line: expected " + show(want["line"]) + ", got " + show(got["line"]));
        return;
    }
    for (auto it = want.begin(); it != want.end(); ++it) {
        if (notCompared.contains(it.key()) || (it.key().startsWith("bytes_") && !countBytes))
            continue;
        QJsonValue expected = it.value();
        QJsonValue seen = got[it.key()].isUndefined() ? QJsonValue() : got[it.key()];
        if (it.key() == "upstream_host") {
            expected = address(expected, names);
            seen = address(seen, names);
        }
        if (it.key() == "upstream_transport_failure_reason" || it.key() == "response_code_details") {
            expected = reason(expected);
            seen = reason(seen);
        }
        if (expected != seen && !(expected == QJsonValue("*") && !seen.isNull()))
            out.append(where + it.key() + ": expected " + show(expected) + ", got " + show(seen));
    }
}

} // namespace

QStringList differences(const QJsonObject &want, const QJsonObject &got, const QJsonObject &names)
{
    QStringList out;
    const QJsonObject answer = want["answer"].toObject();
    compareAnswers(answer, got["answer"].toObject(), out);
    const QJsonArray hops = want["hops"].toArray();
    const QJsonArray seen = got["hops"].toArray();
    if (proxiesOf(hops) != proxiesOf(seen)) {
        out.append(QString("hops: expected [%1], got [%2]")
                       .arg(proxiesOf(hops).join(", "), proxiesOf(seen).join(", ")));
        return out;
    }
    // A JSON body shows addresses and ids, so its length is this run's own.
    const bool countBytes = !answer["body"].toString().startsWith('{');
    for (qsizetype i = 0; i < hops.size(); ++i)
        compareHop(hops[i].toObject(), seen[i].toObject(), countBytes, names, out);
    return out;
}

} // namespace golden
