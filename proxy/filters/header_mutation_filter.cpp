// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/header_mutation_filter.h"

#include "proxy/telemetry/header_mutator.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace sallyport::filters {

namespace {

/// One level's changes, ready to run.
struct Mutations
{
    telemetry::HeaderMutationList request;
    telemetry::HeaderMutationList response;
};

Result<std::shared_ptr<const Mutations>> compile(const dataplane::HeaderMutationFilter &configuration)
{
    Result<telemetry::HeaderMutationList> request =
        telemetry::HeaderMutationList::create(configuration.request);
    if (!request)
        return fail(request.error());
    Result<telemetry::HeaderMutationList> response =
        telemetry::HeaderMutationList::create(configuration.response);
    if (!response)
        return fail(response.error());
    return std::make_shared<const Mutations>(Mutations{*std::move(request), *std::move(response)});
}

/// What all streams share. The routes' own changes are compiled when they are first met; their configuration
/// lives as long as the connection manager, and so does this.
class HeaderMutationShared
{
public:
    HeaderMutationShared(std::shared_ptr<const Mutations> own, bool mostSpecificWins)
        : m_own(std::move(own))
        , m_mostSpecificWins(mostSpecificWins)
    {
    }

    /// In the order in which they apply.
    std::vector<std::shared_ptr<const Mutations>>
    levels(const std::vector<const dataplane::HeaderMutationFilter *> &ofRoute)
    {
        std::vector<std::shared_ptr<const Mutations>> levels{m_own};
        for (const dataplane::HeaderMutationFilter *configuration : ofRoute) {
            if (auto mutations = compiled(*configuration))
                levels.push_back(std::move(mutations));
        }
        if (m_mostSpecificWins)
            std::reverse(levels.begin() + 1, levels.end());
        return levels;
    }

private:
    std::shared_ptr<const Mutations> compiled(const dataplane::HeaderMutationFilter &configuration)
    {
        const std::lock_guard lock(m_mutex);
        const auto [found, isNew] = m_ofRoutes.try_emplace(&configuration);
        if (isNew) {
            // Formats that cannot be read were refused with the configuration.
            if (Result<std::shared_ptr<const Mutations>> mutations = compile(configuration))
                found->second = *std::move(mutations);
        }
        return found->second;
    }

    const std::shared_ptr<const Mutations> m_own;
    const bool m_mostSpecificWins;
    std::mutex m_mutex;
    std::unordered_map<const dataplane::HeaderMutationFilter *, std::shared_ptr<const Mutations>> m_ofRoutes;
};

class HeaderMutationFilter final : public HttpFilter
{
public:
    explicit HeaderMutationFilter(std::shared_ptr<HeaderMutationShared> shared)
        : m_shared(std::move(shared))
    {
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        const telemetry::LogContext context{m_callbacks->streamInfo(), &headers, nullptr, nullptr, {}};
        for (const auto &level : m_shared->levels(ofLevels()))
            level->request.apply(headers, context);
        return FilterStatus::Continue;
    }

    void encodeHeaders(http::HeaderMap &headers, bool) override
    {
        const telemetry::LogContext context{
            m_callbacks->streamInfo(), m_callbacks->readRequestHeaders(), &headers, nullptr, {}};
        for (const auto &level : m_shared->levels(ofLevels()))
            level->response.apply(headers, context);
    }

private:
    /// What is said of this filter on each level, the most specific first.
    std::vector<const dataplane::HeaderMutationFilter *> ofLevels() const
    {
        std::vector<const dataplane::HeaderMutationFilter *> all;
        const dataplane::CompiledRoute *route = m_callbacks->route();
        if (route == nullptr)
            return all;
        for (const dataplane::PerFilterConfig *level :
             route->perFilterLevels(m_callbacks->weightedCluster())) {
            if (const auto *own = dataplane::overrideOf<dataplane::HeaderMutationFilter>(level, m_name))
                all.push_back(own);
        }
        return all;
    }

    std::shared_ptr<HeaderMutationShared> m_shared;
};

} // namespace

Result<FilterFactory> makeHeaderMutationFactory(const dataplane::HeaderMutationFilter &configuration)
{
    Result<std::shared_ptr<const Mutations>> own = compile(configuration);
    if (!own)
        return fail(own.error());
    auto shared = std::make_shared<HeaderMutationShared>(*std::move(own), configuration.mostSpecificWins);
    return FilterFactory([shared] { return std::make_unique<HeaderMutationFilter>(shared); });
}

} // namespace sallyport::filters
