// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/log_line.h"

#include <QDate>
#include <QJsonValue>

namespace sallyport::traffic {

namespace {

/// A text log writes `-` for what is not there, a JSON log null.
QString text(const QJsonObject &fields, QLatin1String name)
{
    const QJsonValue value = fields.value(name);
    if (value.isString()) {
        QString string = value.toString();
        return string == QLatin1String("-") ? QString() : string;
    }
    if (value.isDouble())
        return QString::number(value.toDouble(), 'g', 15);
    return {};
}

double number(const QJsonObject &fields, QLatin1String name, double absent)
{
    const QJsonValue value = fields.value(name);
    if (value.isDouble())
        return value.toDouble();
    bool ok = false;
    const double parsed = value.toString().toDouble(&ok);
    return ok ? parsed : absent;
}

} // namespace

bool LogLine::hasFlag(QLatin1String flag) const
{
    qsizetype at = 0;
    while ((at = flags.indexOf(flag, at)) >= 0) {
        const qsizetype end = at + flag.size();
        if ((at == 0 || flags[at - 1] == QLatin1Char(',')) &&
            (end == flags.size() || flags[end] == QLatin1Char(',')))
            return true;
        at = end;
    }
    return false;
}

LogLine LogLine::from(const control::LogEntry &entry)
{
    const QJsonObject &fields = entry.fields;
    LogLine line;
    line.proxy = entry.proxy;
    line.durationMs = number(fields, QLatin1String("duration"), 0);
    line.upstreamMs = number(fields, QLatin1String("upstream_service_time"), -1);
    line.startUs = parseStartTime(fields.value(QLatin1String("start_time")).toString());
    if (line.startUs < 0)
        line.startUs = entry.receivedUs - static_cast<qint64>(line.durationMs * 1000);
    line.method = text(fields, QLatin1String("method"));
    line.authority = text(fields, QLatin1String("authority"));
    line.path = text(fields, QLatin1String("path"));
    line.protocol = text(fields, QLatin1String("protocol"));
    line.status = static_cast<int>(number(fields, QLatin1String("response_code"), -1));
    line.flags = text(fields, QLatin1String("response_flags"));
    line.details = text(fields, QLatin1String("response_code_details"));
    line.termination = text(fields, QLatin1String("connection_termination_details"));
    line.failure = text(fields, QLatin1String("upstream_transport_failure_reason"));
    line.route = text(fields, QLatin1String("route_name"));
    line.cluster = text(fields, QLatin1String("upstream_cluster"));
    line.upstreamHost = text(fields, QLatin1String("upstream_host"));
    line.downstreamLocal = text(fields, QLatin1String("downstream_local_address"));
    line.downstreamRemote = text(fields, QLatin1String("downstream_remote_address"));
    line.serverName = text(fields, QLatin1String("requested_server_name"));
    line.requestId = text(fields, QLatin1String("request_id"));
    line.peer = entry.downstreamPeer;
    line.upstreamLocal = entry.upstreamLocal;
    line.bytesReceived = static_cast<qint64>(number(fields, QLatin1String("bytes_received"), -1));
    line.bytesSent = static_cast<qint64>(number(fields, QLatin1String("bytes_sent"), -1));
    return line;
}

qint64 parseStartTime(QStringView text)
{
    // QDateTime::fromString costs more than all else that is done with a line.
    if (text.size() < 20 || text[4] != QLatin1Char('-') || text[7] != QLatin1Char('-') ||
        text[10] != QLatin1Char('T') || text[13] != QLatin1Char(':') || text[16] != QLatin1Char(':') ||
        text.back() != QLatin1Char('Z'))
        return -1;
    const auto digits = [text](qsizetype at, qsizetype count) {
        int value = 0;
        for (qsizetype i = at; i < at + count; ++i) {
            const int digit = text[i].unicode() - '0';
            if (digit < 0 || digit > 9)
                return -1;
            value = value * 10 + digit;
        }
        return value;
    };
    const QDate date(digits(0, 4), digits(5, 2), digits(8, 2));
    const int hour = digits(11, 2);
    const int minute = digits(14, 2);
    const int second = digits(17, 2);
    if (!date.isValid() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return -1;
    qint64 micros = 0;
    if (text[19] == QLatin1Char('.')) {
        qint64 unit = 100'000;
        for (qsizetype i = 20; i < text.size() - 1; ++i) {
            const int digit = digits(i, 1);
            if (digit < 0)
                return -1;
            micros += digit * unit;
            unit /= 10;
        }
    } else if (text.size() != 20) {
        return -1;
    }
    constexpr qint64 julianDayOf1970 = 2'440'588;
    const qint64 seconds =
        (date.toJulianDay() - julianDayOf1970) * 86'400 + qint64(hour) * 3'600 + qint64(minute) * 60 + second;
    return seconds * 1'000'000 + micros;
}

QString workloadOf(QStringView endpoint)
{
    // `mesh:namespace/name[#N][:port]`; an address has no slash, a pipe no mesh.
    const qsizetype slash = endpoint.indexOf(QLatin1Char('/'));
    const qsizetype colon = endpoint.indexOf(QLatin1Char(':'));
    if (slash < 0 || colon < 0 || colon > slash)
        return {};
    qsizetype end = endpoint.size();
    for (qsizetype i = slash; i < endpoint.size(); ++i) {
        if (endpoint[i] == QLatin1Char('#') || endpoint[i] == QLatin1Char(':')) {
            end = i;
            break;
        }
    }
    return endpoint.left(end).toString();
}

QString shortName(QStringView proxy)
{
    return proxy.mid(proxy.lastIndexOf(QLatin1Char('/')) + 1).toString();
}

} // namespace sallyport::traffic
