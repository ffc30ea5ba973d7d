// SPDX-License-Identifier: GPL-3.0-or-later
#include "recorded_exchange.h"

#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>

namespace golden {

namespace {

using namespace sallyport;

std::string pki(const QString &option)
{
    const QString name = QString(option).replace("@pki@", SALLYPORT_SOURCE_DIR "/tests/golden/mesh/pki");
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

/// TLS libraries word their errors differently; the words in capitals they share.
QString reason(const QString &text)
{
    static const QRegularExpression capitals("[A-Z][A-Z_]{6,}");
    QStringList words;
    auto matches = capitals.globalMatch(text);
    while (matches.hasNext())
        words.append(matches.next().captured());
    return words.isEmpty() ? text : words.join(' ');
}

QString shown(const std::string &text)
{
    return text.empty() ? "null" : QString::fromStdString(text);
}

QString shown(const QJsonValue &value)
{
    return value.isString() ? value.toString() : value.isDouble() ? QString::number(value.toInt()) : "null";
}

void compare(const QString &what, const QString &want, const QString &got, QStringList &out)
{
    if (want != got)
        out.append(what + ": recorded " + want + ", explained " + got);
}

void compareHop(const QJsonObject &want, const explain::LogLine &got, QStringList &out)
{
    // Formats of a project's own say less; a log whose lines are text says it in other words.
    const auto check = [&](const char *field, const QString &value, bool texts = false) {
        const QString recorded = shown(want[QLatin1String(field)]);
        if (want.contains(QLatin1String(field)))
            compare(want["proxy"].toString() + ' ' + field, texts ? reason(recorded) : recorded,
                    texts ? reason(value) : value, out);
    };
    check("response_code", QString::number(got.status));
    check("response_flags", shown(got.flags));
    check("response_code_details", shown(got.details), true);
    check("upstream_cluster", shown(got.cluster));
    check("route_name", shown(got.route));
    check("requested_server_name", shown(got.requestedServerName));
    check("upstream_host", shown(got.upstreamHost));
    check("upstream_transport_failure_reason", shown(got.transportFailure), true);
}

} // namespace

QStringList differences(const QJsonObject &recorded, const explain::Explanation &explained)
{
    QStringList out;
    const QJsonObject answer = recorded["answer"].toObject();
    compare("status", shown(answer["status"]), QString::number(explained.outcome.status), out);
    if (explained.outcome.bodyKnown && explained.outcome.status != 0 &&
        recorded["request"]["method"].toString() != "HEAD")
        compare("body", answer["body"].toString(), QString::fromStdString(explained.outcome.body), out);
    QStringList proxies;
    std::vector<const explain::LogLine *> lines;
    for (const explain::Hop &hop : explained.hops) {
        for (unsigned i = 0; hop.log.written && i < hop.times; ++i) {
            proxies.append(QString::fromStdString(hop.proxy));
            lines.push_back(&hop.log);
        }
    }
    QStringList wanted;
    const QJsonArray hops = recorded["hops"].toArray();
    for (const QJsonValue &hop : hops)
        wanted.append(hop["proxy"].toString());
    if (wanted != proxies) {
        compare("hops", wanted.join(", "), proxies.join(", "), out);
        return out;
    }
    for (qsizetype i = 0; i < hops.size(); ++i)
        compareHop(hops[i].toObject(), *lines[static_cast<std::size_t>(i)], out);
    return out;
}

explain::Request requestOf(const QJsonObject &recorded, QStringList &unknown)
{
    const QJsonObject source = recorded["request"].toObject();
    explain::Request request;
    request.from = source["from"].toString().toStdString();
    request.method = source["method"].toString().toStdString();
    request.url = source["url"].toString().toStdString();
    request.bodySize = static_cast<std::size_t>(source["body"].toString().size());
    // `Name:` makes curl and send leave the header out.
    for (const QJsonValue &header : source["headers"].toArray()) {
        if (header[1].toString().isEmpty())
            continue;
        request.headers.emplace_back(header[0].toString().toStdString(), header[1].toString().toStdString());
    }
    const QJsonArray options = source["curl"].toArray();
    for (qsizetype i = 0; i < options.size(); ++i) {
        const QString option = options[i].toString();
        if (option == "-k")
            request.tls.verify = false;
        else if (option == "--cacert")
            request.tls.caPem = pki(options[++i].toString());
        else if (option == "--cert")
            request.tls.certificatePem = pki(options[++i].toString());
        else if (option == "--key")
            ++i;
        else if (option == "--connect-to") // HOST:PORT:ADDRESS:PORT
            request.address = options[++i].toString().section(':', 2, 2).toStdString();
        else if (option == "--http2-prior-knowledge")
            request.http2 = true;
        else if (option == "--http1.1")
            request.tls.alpn = {"http/1.1"};
        else if (option == "--no-alpn")
            request.tls.alpn.clear();
        else if (option != "--http2")
            unknown.append(option);
    }
    return request;
}

} // namespace golden
