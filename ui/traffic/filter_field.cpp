// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/filter_field.h"

#include <QCoreApplication>
#include <algorithm>
#include <vector>

namespace sallyport::traffic {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(FilterField)
};

std::vector<FilterField> makeFields()
{
    using Id = FilterField::Id;
    const auto field = [](Id id, const char *name, bool numeric, bool caseSensitive, const QString &help) {
        return FilterField{id, QString::fromLatin1(name), numeric, caseSensitive, help};
    };
    std::vector<FilterField> fields{
        field(Id::Status, "status", true, true, Words::tr("what the application got: 403, or 4xx")),
        field(Id::Host, "host", false, false, Words::tr("authority, server name or address")),
        field(Id::Path, "path", false, true, Words::tr("path with query")),
        field(Id::Method, "method", false, false, Words::tr("GET, POST, …; TCP for a connection")),
        field(Id::Decided, "decided", false, false, Words::tr("which policy or error decided")),
        field(Id::Policy, "policy", false, true, Words::tr("name of the AuthorizationPolicy that refused")),
        field(Id::Proxy, "proxy", false, true, Words::tr("a proxy on its way, by any part of its name")),
        field(Id::Source, "from", false, true, Words::tr("the workload that sent it")),
        field(Id::Cluster, "cluster", false, true, Words::tr("upstream cluster of any hop")),
        field(Id::Flags, "flags", false, true, Words::tr("response flags of any hop: UF, NR, …")),
        field(Id::Details, "details", false, true, Words::tr("response code details of any hop")),
        field(Id::Duration, "ms", true, true, Words::tr("milliseconds that the application waited")),
        field(Id::Hops, "hops", true, true, Words::tr("number of proxies")),
        field(Id::Outcome, "outcome", false, false, Words::tr("passed, refused or failed")),
        field(Id::Protocol, "protocol", false, false, Words::tr("HTTP/1.1, HTTP/2")),
        field(Id::RequestId, "id", false, true, Words::tr("x-request-id of any hop")),
    };
    for (const char *name : {"authority",
                             "bytes_received",
                             "bytes_sent",
                             "connection_termination_details",
                             "downstream_local_address",
                             "downstream_remote_address",
                             "duration",
                             "request_id",
                             "requested_server_name",
                             "response_code",
                             "response_code_details",
                             "response_flags",
                             "route_name",
                             "start_time",
                             "upstream_cluster",
                             "upstream_host",
                             "upstream_local_address",
                             "upstream_service_time",
                             "upstream_transport_failure_reason",
                             "user_agent",
                             "x_forwarded_for",
                             "line"})
        fields.push_back(field(Id::Line, name, false, true, Words::tr("log field of any hop")));
    return fields;
}

const std::vector<FilterField> &allFields()
{
    static const std::vector<FilterField> fields = makeFields();
    return fields;
}

/// Edits between two short words.
int distance(QStringView a, QStringView b)
{
    std::vector<int> row(static_cast<std::size_t>(b.size()) + 1);
    for (std::size_t j = 0; j < row.size(); ++j)
        row[j] = static_cast<int>(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i);
        for (qsizetype j = 1; j <= b.size(); ++j) {
            const std::size_t at = static_cast<std::size_t>(j);
            const int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[at];
            row[at] = std::min({replaced, row[at] + 1, row[at - 1] + 1});
        }
    }
    return row.back();
}

} // namespace

std::span<const FilterField> filterFields()
{
    return allFields();
}

std::optional<FilterField> filterField(QStringView name)
{
    const auto it = std::find_if(allFields().begin(), allFields().end(), [name](const FilterField &field) {
        return name.compare(field.name, Qt::CaseInsensitive) == 0;
    });
    if (it == allFields().end())
        return std::nullopt;
    return *it;
}

QString nearestFilterField(QStringView name)
{
    // What other tools call them.
    static constexpr std::pair<const char *, const char *> synonyms[] = {
        {"code", "status"},       {"response", "status"}, {"url", "path"},       {"uri", "path"},
        {"authority", "host"},    {"domain", "host"},     {"latency", "ms"},     {"time", "ms"},
        {"duration_ms", "ms"},    {"verb", "method"},     {"workload", "proxy"}, {"source", "from"},
        {"flag", "flags"},        {"reason", "decided"},  {"why", "decided"},    {"by", "decided"},
        {"decided_by", "decided"}};
    for (const auto &[other, field] : synonyms) {
        if (name.compare(QLatin1String(other), Qt::CaseInsensitive) == 0)
            return QString::fromLatin1(field);
    }
    const QString lower = name.toString().toLower();
    QString best;
    int bestDistance = std::min<int>(3, static_cast<int>(lower.size()) / 2 + 1);
    for (const FilterField &field : allFields()) {
        if (const int edits = distance(lower, field.name); edits < bestDistance) {
            best = field.name;
            bestDistance = edits;
        }
    }
    return best;
}

} // namespace sallyport::traffic
