// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "proxy/filters/jwks.h"
#include "proxy/http/header_map.h"

#include <memory>
#include <string>
#include <vector>

namespace sallyport::filters {

/// A token where a request carries it.
struct FoundToken
{
    enum class Place { Header, Parameter, Cookie };
    std::string text;
    Place place = Place::Header;
    std::string name; ///< of the header or parameter
};

/// One provider of a jwt_authn filter: where its tokens are, how they are checked, and what a good one leaves
/// in the request. Immutable, shared by all streams.
class VerifiedProvider
{
public:
    static Result<std::shared_ptr<const VerifiedProvider>>
    create(const dataplane::JwtProvider &configuration);

    const dataplane::JwtProvider &configuration() const { return m_configuration; }
    /// In the order in which they are tried.
    std::vector<FoundToken> tokensOf(const http::HeaderMap &request) const;
    /// Headers that only this filter may set.
    void sanitize(http::HeaderMap &request) const;
    /// `audiences` replace the provider's, unless empty.
    JwtStatus check(const Jwt &jwt, const std::vector<std::string> &audiences, std::uint64_t now) const;
    /// After a successful check: headers, and the claims into `metadata` (the filter's own object).
    void accept(const Jwt &jwt, const FoundToken &found, http::HeaderMap &request,
                QJsonObject &metadata) const;

private:
    explicit VerifiedProvider(const dataplane::JwtProvider &configuration)
        : m_configuration(configuration)
    {
    }

    dataplane::JwtProvider m_configuration;
    std::shared_ptr<const Jwks> m_keys;
};

} // namespace sallyport::filters
