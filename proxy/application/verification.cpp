// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/verification.h"

#include "proxy/application/client.h"
#include "proxy/application/hops.h"

namespace sallyport::application {

namespace {

Result<lab::Observation> observe(const lab::LabPlan &plan, const lab::Check &check, const WireTap &tap)
{
    auto request = parseRequest(check.request);
    if (!request)
        return fail(request.error());
    for (const auto &[name, value] : check.headers) {
        if (const auto added = request->withHeader(name + ": " + value); !added)
            return fail(added.error());
    }
    request->body = check.body;
    const lab::NetworkView network(plan);
    const auto client = network.find(check.via);
    if (!client)
        return fail(client.error());
    const RequestTurn turn(plan.runFolder);
    HopRecorder recorder(plan);
    const auto begin = WireTap::Clock::now();
    const auto answer = send(network, **client, *request);
    if (!answer)
        return fail(answer.error());
    lab::Observation seen;
    seen.status = answer->status;
    seen.headers = answer->headers;
    seen.body = answer->body;
    for (const Hop &hop : recorder.collect(**client))
        seen.hops.emplace_back(hop.proxy, hop.fields);
    seen.wire = tap.activeSince(begin);
    return seen;
}

} // namespace

std::vector<lab::Row> verify(const lab::LabPlan &plan, const std::vector<lab::Check> &checks,
                             const WireTap &tap,
                             const std::function<void(const std::vector<lab::Row> &)> &progress)
{
    std::vector<lab::Row> all;
    for (const lab::Check &check : checks) {
        const auto observed = observe(plan, check, tap);
        lab::Observation seen;
        if (observed)
            seen = *observed;
        else
            seen.failure = observed.error().toString();
        const std::vector<lab::Row> rows = lab::judge(check, seen);
        if (progress)
            progress(rows);
        all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
}

} // namespace sallyport::application
