// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/request_facts.h"

#include "ui/request/request_draft.h"
#include "ui/topology/chain.h"
#include "ui/traffic/deciding_resource.h"
#include "ui/traffic/request_store.h"

namespace sallyport::inspector {

std::optional<RequestFacts> factsOf(const traffic::RequestStore &store, const QString &requestId,
                                    const model::Project &project)
{
    const quint64 number = store.find(requestId);
    const auto row = number > 0 ? store.row(number) : std::nullopt;
    if (!row)
        return std::nullopt;
    std::vector<traffic::LogLine> lines;
    for (const control::LogEntry &entry : store.entries(number))
        lines.push_back(traffic::LogLine::from(entry));
    const traffic::RequestRow whole = traffic::summarize(lines);
    RequestFacts facts;
    facts.title = row->method + QLatin1Char(' ') + row->host + row->path;
    facts.status = row->status;
    facts.sentence = traffic::decide(lines).sentence;
    facts.decided = traffic::decidingResource(project, whole, lines);
    return facts;
}

std::optional<explain::Request> questionOf(const traffic::RequestStore &store, const QString &requestId)
{
    const quint64 number = store.find(requestId);
    const auto row = number > 0 ? store.row(number) : std::nullopt;
    if (!row || row->method == QLatin1String("TCP"))
        return std::nullopt;
    explain::Request request;
    request.from = topology::workloadOf(row->source).toStdString();
    request.method = row->method.toStdString();
    request.url = "http://" + row->host.toStdString() + row->path.toStdString();
    return request;
}

explain::Request questionOf(const request::RequestDraft &draft)
{
    explain::Request request;
    request.from = topology::workloadOf(draft.instance).toStdString();
    request.method = draft.method.toStdString();
    request.url = draft.fullUrl().toStdString();
    for (const request::Header &header : draft.headers) {
        if (header.enabled)
            request.headers.emplace_back(header.name.toStdString(), header.value.toStdString());
    }
    request.bodySize = draft.sendsBody() ? static_cast<std::size_t>(draft.body.toUtf8().size()) : 0;
    return request;
}

} // namespace sallyport::inspector
