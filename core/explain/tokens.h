// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "core/explain/carried_request.h"

namespace sallyport::explain {

/// What jwt_authn makes of a request's tokens. Signatures are not verified here: a token whose issuer, time
/// and audience fit is taken for good, and `believed` says so.
struct TokenVerdict
{
    bool satisfied = true;
    int status = 401;
    std::string problem;   ///< Envoy's words: `Jwt is missing`
    bool believed = false; ///< a token was accepted without its signature
    QJsonObject metadata;  ///< what the filter writes
    std::vector<std::string> why;
};

/// Judges by the first of the filter's rules that matches the request; `now` in seconds since 1970.
TokenVerdict judgeTokens(const dataplane::JwtAuthentication &filter, const CarriedRequest &request,
                         long long now);

} // namespace sallyport::explain
