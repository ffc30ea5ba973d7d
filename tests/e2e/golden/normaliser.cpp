// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/normaliser.h"

#include "tests/e2e/golden/regular_expression.h"

#include <QCryptographicHash>
#include <QJsonDocument>
#include <algorithm>

namespace golden {

namespace {

constexpr qsizetype LongBody = 4000;

const QRegularExpression
    uuid("(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])");
const QRegularExpression
    date("\\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
         "\\d{4} \\d\\d:\\d\\d:\\d\\d GMT\\b");
const QRegularExpression
    isoTime("\\b\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)?");
const QRegularExpression serviceTime("(x-envoy-upstream-service-time: )\\d+",
                                     QRegularExpression::CaseInsensitiveOption);
const QRegularExpression address("(?<![\\d.])(\\d+\\.\\d+\\.\\d+\\.\\d+):(\\d{1,5})(?!\\d)");
const QRegularExpression fiveDigits("(?<!\\d)(\\d{5})(?!\\d)");

QSet<QString> allOf(const QRegularExpression &expression, const QJsonValue &value)
{
    const QJsonDocument document =
        value.isArray() ? QJsonDocument(value.toArray()) : QJsonDocument(value.toObject());
    QSet<QString> found;
    auto matches = expression.globalMatch(QString::fromUtf8(document.toJson()));
    while (matches.hasNext())
        found.insert(matches.next().captured());
    return found;
}

QSet<QString> namesIn(const QJsonValue &list)
{
    QSet<QString> names;
    for (const QJsonValue &name : list.toArray())
        names.insert(name.toString());
    return names;
}

bool isDigits(const QByteArray &text)
{
    return !text.isEmpty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

Normaliser::Normaliser(const Placeholders &placeholders, const QJsonObject &vector)
    : m_folder(placeholders.folder())
    , m_pki(placeholders.pki())
    , m_keptIds(allOf(uuid, vector["exchanges"]))
    , m_keptDates(allOf(date, vector["upstreams"]))
    , m_volatileLog(namesIn(vector["volatile_log"]))
{
    for (auto it = placeholders.ports().begin(); it != placeholders.ports().end(); ++it)
        m_names.insert(QString::number(it.value()), it.key());
    for (const QString &name : namesIn(vector["volatile_headers"]))
        m_volatileHeaders.insert(name.toLower());
}

QString Normaliser::text(QString value) const
{
    using Match = QRegularExpressionMatch;
    value.replace(m_folder, "@dir@").replace(m_pki, "@pki@");
    value = replaceEach(value, uuid, [this](const Match &match) {
        return m_keptIds.contains(match.captured()) ? match.captured() : QString("@uuid@");
    });
    value = replaceEach(value, date, [this](const Match &match) {
        return m_keptDates.contains(match.captured()) ? match.captured() : QString("@date@");
    });
    value.replace(isoTime, "@time@");
    value.replace(serviceTime, "\\1@ms@");
    value = replaceEach(value, address, [this](const Match &match) {
        const QString port = match.captured(2);
        if (m_names.contains(port))
            return match.captured(1) + ":@port:" + m_names[port] + '@';
        return port.toInt() >= 20000 ? match.captured(1) + ":@ephemeral@" : match.captured();
    });
    return replaceEach(value, fiveDigits, [this](const Match &match) {
        const auto name = m_names.find(match.captured());
        return name == m_names.end() ? match.captured() : "@port:" + *name + '@';
    });
}

QJsonValue Normaliser::pair(const HeaderPair &header) const
{
    const QString name = QString::fromLatin1(header.first);
    if (m_volatileHeaders.contains(name.toLower()))
        return QJsonArray{name, "@any@"};
    if (name.toLower() == "x-envoy-upstream-service-time" && isDigits(header.second))
        return QJsonArray{name, "@ms@"};
    return QJsonArray{name, text(QString::fromLatin1(header.second))};
}

QJsonArray Normaliser::pairs(const HeaderPairs &headers) const
{
    QJsonArray out;
    for (const HeaderPair &header : headers)
        out.append(pair(header));
    return out;
}

QJsonValue Normaliser::body(const QByteArray &bytes) const
{
    if (bytes.size() <= LongBody)
        return text(QString::fromLatin1(bytes));
    return QJsonObject{
        {"length", bytes.size()},
        {"sha256", QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex())}};
}

QJsonValue Normaliser::deep(const QJsonValue &value) const
{
    if (value.isObject()) {
        QJsonObject out;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            out.insert(text(it.key()), deep(it.value()));
        return out;
    }
    if (value.isArray()) {
        QJsonArray out;
        for (const QJsonValue &item : value.toArray())
            out.append(deep(item));
        return out;
    }
    if (value.isString())
        return text(value.toString());
    if (value.isDouble()) {
        const auto name = m_names.find(QString::number(value.toInteger(-1)));
        if (name != m_names.end())
            return "@port:" + *name + '@';
    }
    return value;
}

QJsonValue Normaliser::record(const QJsonValue &value, const QString &key) const
{
    if (value.isObject()) {
        QJsonObject out;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            out.insert(it.key(), record(it.value(), it.key()));
        return out;
    }
    if (value.isArray()) {
        QJsonArray out;
        for (const QJsonValue &item : value.toArray())
            out.append(record(item, key));
        return out;
    }
    if (m_volatileLog.contains(key) && !value.isNull())
        return value.isDouble() ? "@number@" : "@string@";
    if (key == "duration" && value.isDouble())
        return "@number@";
    if (key == "upstream_service_time" && value.isString() && isDigits(value.toString().toLatin1()))
        return "@digits@";
    return deep(value);
}

} // namespace golden
