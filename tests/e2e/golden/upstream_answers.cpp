// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/upstream_answers.h"

namespace golden {

namespace {

HeaderPairs queryOf(const QByteArray &target)
{
    HeaderPairs pairs;
    const qsizetype question = target.indexOf('?');
    if (question < 0)
        return pairs;
    const auto decoded = [](QByteArray text) {
        return QString::fromUtf8(QByteArray::fromPercentEncoding(text.replace('+', ' '))).toLatin1();
    };
    for (const QByteArray &item : target.mid(question + 1).split('&')) {
        if (item.isEmpty())
            continue;
        const qsizetype equals = item.indexOf('=');
        pairs.emplace_back(decoded(equals < 0 ? item : item.left(equals)),
                           equals < 0 ? QByteArray() : decoded(item.mid(equals + 1)));
    }
    return pairs;
}

} // namespace

UpstreamAnswer UpstreamAnswers::to(const QByteArray &method, const QByteArray &target,
                                   const HeaderPairs &headers)
{
    const QByteArray path = target.split('?').first();
    QString script;
    for (const QString &pattern : m_scripts.keys()) {
        const bool matches = pattern == QLatin1String(path) ||
                             (pattern.endsWith('*') && path.startsWith(pattern.chopped(1).toLatin1()));
        if (matches && pattern.size() > script.size())
            script = pattern;
    }
    UpstreamAnswer made;
    if (!script.isEmpty()) {
        made.script = m_scripts[script].toArray();
        return made;
    }
    const HeaderPair own{"x-upstream", m_id};
    made.headers = {{"content-type", "text/plain"}, own};
    QByteArray trimmed = path;
    while (trimmed.startsWith('/'))
        trimmed.remove(0, 1);
    while (trimmed.endsWith('/'))
        trimmed.chop(1);
    const QList<QByteArray> parts = trimmed.split('/');
    const QByteArray &kind = parts.first();
    const int number = parts.value(1).toInt();
    made.body = "ok";
    if (kind == "status" && parts.size() > 1) {
        made.status = number;
        made.body = number == 204 || number == 304 ? QByteArray() : "status " + parts[1];
    } else if (kind == "response-headers") {
        made.headers = {own};
        for (const HeaderPair &pair : queryOf(target))
            made.headers.push_back(pair);
    } else if (kind == "delay") {
        made.delayMs = number;
        made.body = "late";
    } else if (kind == "bytes") {
        made.body = QByteArray("0123456789abcdef").repeated(number / 16 + 1).left(number);
    } else if (kind == "chunked") {
        made.headers.emplace_back("transfer-encoding", "chunked");
        made.body = "one|two|three";
    } else if (kind == "trailers") {
        made.headers.emplace_back("transfer-encoding", "chunked");
        made.headers.emplace_back("trailer", "x-checksum");
        made.body = "body";
        made.trailers = {{"x-checksum", "abc"}};
    } else if (kind == "flaky" && parts.size() > 2) {
        const std::scoped_lock lock(m_mutex);
        const int count = ++m_flaky[parts[1]];
        if (count <= parts[2].toInt()) {
            made.status = parts.size() > 3 ? parts[3].toInt() : 503;
            made.body = "flaky";
        } else {
            made.headers.emplace_back("x-attempts", QByteArray::number(count));
            made.body = "recovered";
        }
    } else if (kind == "close") {
        made.script = QJsonArray{QJsonObject{{"close", true}}};
    } else if (kind == "reset") {
        made.script = QJsonArray{QJsonObject{{"reset", true}}};
    } else if (kind == "cut") {
        made.script =
            QJsonArray{"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\nonly this",
                       QJsonObject{{"sleep_ms", 60}}, QJsonObject{{"close", true}}};
    } else if (kind == "garbage") {
        made.script = QJsonArray{"this is not HTTP\r\n\r\n", QJsonObject{{"sleep_ms", 60}},
                                 QJsonObject{{"close", true}}};
    } else if (kind == "hang") {
        made.script = QJsonArray{QJsonObject{{"sleep_ms", 20000}}};
    } else if (kind == "echo") {
        made.body = method + ' ' + target + '\n';
        for (const auto &[name, value] : headers)
            made.body += name + ": " + value + '\n';
    }
    return made;
}

} // namespace golden
