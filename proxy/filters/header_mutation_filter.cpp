// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/header_mutation_filter.h"

#include "proxy/telemetry/header_mutator.h"

#include <array>
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
class Shared
{
public:
    Shared(std::shared_ptr<const Mutations> own, bool mostSpecificWins)
        : m_own(std::move(own))
        , m_mostSpecificWins(mostSpecificWins)
    {
    }

    /// In the order in which they apply.
    std::vector<std::shared_ptr<const Mutations>> levels(const dataplane::CompiledRoute *route)
    {
        std::vector<std::shared_ptr<const Mutations>> levels{m_own};
        if (route == nullptr)
            return levels;
        std::array<const dataplane::PerFilterConfig *, 2> configured{&route->route().perFilter,
                                                                     &route->host().perFilter};
        if (m_mostSpecificWins)
            std::swap(configured[0], configured[1]);
        for (const dataplane::PerFilterConfig *level : configured) {
            if (!level->headerMutation)
                continue;
            if (auto mutations = compiled(*level->headerMutation))
                levels.push_back(std::move(mutations));
        }
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
    explicit HeaderMutationFilter(std::shared_ptr<Shared> shared)
        : m_shared(std::move(shared))
    {
    }

    FilterStatus decodeHeaders(http::HeaderMap &headers, bool) override
    {
        const telemetry::LogContext context{m_callbacks->streamInfo(), &headers, nullptr, nullptr, {}};
        for (const auto &level : m_shared->levels(m_callbacks->route()))
            level->request.apply(headers, context);
        return FilterStatus::Continue;
    }

    void encodeHeaders(http::HeaderMap &headers, bool) override
    {
        const telemetry::LogContext context{
            m_callbacks->streamInfo(), &m_callbacks->requestHeaders(), &headers, nullptr, {}};
        for (const auto &level : m_shared->levels(m_callbacks->route()))
            level->response.apply(headers, context);
    }

private:
    std::shared_ptr<Shared> m_shared;
};

} // namespace

Result<FilterFactory> makeHeaderMutationFactory(const dataplane::HeaderMutationFilter &configuration)
{
    Result<std::shared_ptr<const Mutations>> own = compile(configuration);
    if (!own)
        return fail(own.error());
    auto shared = std::make_shared<Shared>(*std::move(own), configuration.mostSpecificWins);
    return FilterFactory([shared] { return std::make_unique<HeaderMutationFilter>(shared); });
}

} // namespace sallyport::filters
