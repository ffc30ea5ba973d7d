// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explanation_json.h"

#include <QJsonArray>

namespace sallyport::explain {

namespace {

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QJsonValue orNull(const std::string &value)
{
    return value.empty() ? QJsonValue() : QJsonValue(text(value));
}

QJsonArray list(const std::vector<std::string> &values)
{
    QJsonArray array;
    for (const std::string &value : values)
        array.append(text(value));
    return array;
}

QJsonObject toJson(const Step &step)
{
    QJsonArray sources;
    for (const Source &source : step.sources)
        sources.append(QJsonObject{{QStringLiteral("resource"), text(source.resource)},
                                   {QStringLiteral("file"), text(source.place.file)},
                                   {QStringLiteral("line"), source.place.line},
                                   {QStringLiteral("column"), source.place.column}});
    QJsonObject object{{QStringLiteral("kind"), text(step.kind)},
                       {QStringLiteral("mark"), QLatin1String(nameOf(step.mark))},
                       {QStringLiteral("decision"), text(step.decision)},
                       {QStringLiteral("why"), list(step.why)},
                       {QStringLiteral("sources"), sources}};
    if (!step.reason.empty())
        object.insert(QStringLiteral("reason"), text(step.reason));
    if (!step.object.empty())
        object.insert(QStringLiteral("object"), text(step.object));
    return object;
}

} // namespace

QJsonObject toJson(const LogLine &log)
{
    return {{QStringLiteral("response_code"), log.status},
            {QStringLiteral("response_flags"), text(log.flags)},
            {QStringLiteral("response_code_details"), orNull(log.details)},
            {QStringLiteral("upstream_cluster"), orNull(log.cluster)},
            {QStringLiteral("route_name"), orNull(log.route)},
            {QStringLiteral("requested_server_name"), orNull(log.requestedServerName)},
            {QStringLiteral("upstream_host"), orNull(log.upstreamHost)},
            {QStringLiteral("upstream_transport_failure_reason"), orNull(log.transportFailure)}};
}

namespace {

QJsonObject toJson(const Hop &hop)
{
    QJsonArray steps;
    for (const Step &step : hop.steps)
        steps.append(toJson(step));
    QJsonObject object{{QStringLiteral("proxy"), text(hop.proxy)},
                       {QStringLiteral("kind"), QLatin1String(nameOf(hop.kind))},
                       {QStringLiteral("times"), static_cast<int>(hop.times)},
                       {QStringLiteral("steps"), steps}};
    if (!hop.from.empty()) {
        object.insert(QStringLiteral("from"), text(hop.from));
        object.insert(QStringLiteral("tls"), hop.tls);
        if (hop.tls)
            object.insert(QStringLiteral("sni"), text(hop.sni));
    }
    if (hop.log.written)
        object.insert(QStringLiteral("log"), toJson(hop.log));
    return object;
}

QJsonObject toJson(const Outcome &outcome)
{
    QJsonObject object{{QStringLiteral("status"), outcome.status},
                       {QStringLiteral("decidedBy"), text(outcome.decidedBy)},
                       {QStringLiteral("flags"), text(outcome.flags)},
                       {QStringLiteral("summary"), text(outcome.summary)}};
    if (!outcome.error.empty())
        object.insert(QStringLiteral("error"), text(outcome.error));
    if (outcome.bodyKnown && outcome.status != 0)
        object.insert(QStringLiteral("body"), text(outcome.body));
    if (!outcome.location.empty())
        object.insert(QStringLiteral("location"), text(outcome.location));
    if (!outcome.details.empty())
        object.insert(QStringLiteral("details"), text(outcome.details));
    return object;
}

} // namespace

const char *nameOf(Mark mark)
{
    switch (mark) {
    case Mark::Passed:
        return "passed";
    case Mark::Refused:
        return "refused";
    case Mark::Answered:
        return "answered";
    case Mark::Note:
        return "note";
    case Mark::Uncertain:
        break;
    }
    return "uncertain";
}

const char *nameOf(Hop::Kind kind)
{
    switch (kind) {
    case Hop::Kind::Client:
        return "client";
    case Hop::Kind::Sidecar:
        return "sidecar";
    case Hop::Kind::Gateway:
        return "gateway";
    case Hop::Kind::Application:
        break;
    }
    return "application";
}

QJsonObject toJson(const Explanation &explanation)
{
    QJsonArray headers;
    for (const auto &[name, value] : explanation.request.headers)
        headers.append(QJsonArray{text(name), text(value)});
    QJsonArray hops;
    for (const Hop &hop : explanation.hops)
        hops.append(toJson(hop));
    return {
        {QStringLiteral("request"), QJsonObject{{QStringLiteral("from"), text(explanation.request.from)},
                                                {QStringLiteral("method"), text(explanation.request.method)},
                                                {QStringLiteral("url"), text(explanation.request.url)},
                                                {QStringLiteral("headers"), headers}}},
        {QStringLiteral("outcome"), toJson(explanation.outcome)},
        {QStringLiteral("probability"), explanation.probability},
        {QStringLiteral("hops"), hops}};
}

} // namespace sallyport::explain
