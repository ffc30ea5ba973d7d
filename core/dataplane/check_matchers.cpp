// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"
#include "core/dataplane/regular_expression.h"

#include <re2/re2.h>

namespace sallyport::dataplane {

Checked failAt(const std::string &path, std::string what)
{
    return fail(std::move(what), Place{path, 0, 0});
}

Checked checkRegex(const std::string &pattern, const std::string &path)
{
    const re2::RE2 regex(pattern, byBytes());
    return regex.ok() ? Checked() : failAt(path, regex.error());
}

Checked checkString(const StringMatcher &matcher, const std::string &path)
{
    return matcher.kind == StringMatchKind::Regex ? checkRegex(matcher.value, path) : Checked();
}

Checked checkHeaders(const std::vector<HeaderMatcher> &headers, const std::string &path)
{
    Chain chain;
    for (const HeaderMatcher &header : headers) {
        if (header.kind == HeaderMatchKind::String)
            chain(checkString(header.string, path + ".headers"));
    }
    return chain.take();
}

Checked checkRateLimits(const std::vector<RateLimit> &limits, const std::string &path)
{
    Chain chain;
    for (const RateLimit &limit : limits) {
        for (const RateLimitAction &action : limit.actions) {
            chain(checkHeaders(action.headers, path + ".rate_limits.header_value_match"));
            for (const QueryParameterMatcher &parameter : action.queryParameters) {
                if (parameter.string)
                    chain(checkString(*parameter.string, path + ".rate_limits.query_parameter_value_match"));
            }
        }
    }
    return chain.take();
}

Checked checkRewrite(const std::optional<RegexRewrite> &rewrite, const std::string &path)
{
    if (!rewrite)
        return {};
    // A substitution that asks for too much leaves the text as it is.
    return checkRegex(rewrite->pattern, path + ".pattern.regex");
}

} // namespace sallyport::dataplane
