// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/validation.h"

#include <algorithm>

namespace sallyport::model {

namespace {

bool samePlace(const L4Match &a, const L4Match &b)
{
    return a.sniHosts == b.sniHosts && a.destinationSubnets == b.destinationSubnets && a.port == b.port &&
           a.sourceLabels == b.sourceLabels && a.sourceNamespace == b.sourceNamespace &&
           a.sourceSubnet == b.sourceSubnet && a.gateways == b.gateways;
}

/// `later` demands what `earlier` demands, or more.
template<typename T>
bool demandsNoMore(const std::optional<T> &earlier, const std::optional<T> &later)
{
    return !earlier || earlier == later;
}

bool demandsNoMore(const std::map<std::string, StringMatch> &earlier,
                   const std::map<std::string, StringMatch> &later)
{
    return std::all_of(earlier.begin(), earlier.end(), [&](const auto &wanted) {
        const auto found = later.find(wanted.first);
        return found != later.end() && found->second == wanted.second;
    });
}

bool sameRest(const HttpMatch &a, const HttpMatch &b)
{
    return a.sourceLabels == b.sourceLabels && a.sourceNamespace == b.sourceNamespace &&
           a.gateways == b.gateways && a.ignoreUriCase == b.ignoreUriCase;
}

/// Every request that `later` takes was taken by the shorter prefix of `earlier`.
bool coversByPrefix(const HttpMatch &earlier, const HttpMatch &later)
{
    if (!earlier.uri || earlier.uri->kind != StringMatch::Kind::Prefix || earlier.uri->value == "/")
        return false; // a catch-all at the end of a rule is what people mean
    const bool uriCovered = later.uri && later.uri->kind != StringMatch::Kind::Regex &&
                            later.uri->kind != StringMatch::Kind::Unset &&
                            later.uri->value.starts_with(earlier.uri->value);
    return uriCovered && sameRest(earlier, later) && demandsNoMore(earlier.scheme, later.scheme) &&
           demandsNoMore(earlier.method, later.method) && demandsNoMore(earlier.authority, later.authority) &&
           demandsNoMore(earlier.headers, later.headers) &&
           demandsNoMore(earlier.withoutHeaders, later.withoutHeaders) &&
           demandsNoMore(earlier.queryParams, later.queryParams) &&
           (earlier.port == 0 || earlier.port == later.port);
}

bool isDuplicate(HttpMatch a, HttpMatch b)
{
    // Names only show in logs.
    a.name.clear();
    b.name.clear();
    a.statPrefix.clear();
    b.statPrefix.clear();
    return a == b;
}

bool isDuplicate(const L4Match &a, const L4Match &b)
{
    return samePlace(a, b);
}

bool covers(const HttpMatch &earlier, const HttpMatch &later)
{
    return coversByPrefix(earlier, later);
}

bool covers(const L4Match &, const L4Match &)
{
    return false;
}

template<typename Route>
void check(const std::vector<Route> &routes, const std::string &list, Findings &findings)
{
    using Match = typename decltype(Route::match)::value_type;
    std::vector<std::pair<std::string, const Match *>> seen;
    const Route *catchAll = nullptr;
    std::string catchAllPath;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const std::string path = item(list, i);
        if (catchAll)
            findings.warning(
                path, "this rule is never reached: " + catchAllPath + " has no match and takes everything",
                "move the rule without a match to the end");
        const std::vector<Match> &matches = routes[i].match;
        std::size_t duplicates = 0;
        for (std::size_t k = 0; k < matches.size(); ++k) {
            const std::string at = item(path + ".match", k);
            const auto duplicate = std::find_if(seen.begin(), seen.end(), [&](const auto &earlier) {
                return isDuplicate(*earlier.second, matches[k]);
            });
            const auto cover = std::find_if(seen.begin(), seen.end(), [&](const auto &earlier) {
                return covers(*earlier.second, matches[k]);
            });
            if (duplicate != seen.end()) {
                ++duplicates;
                findings.warning(at, "this match has no effect: " + duplicate->first + " is the same");
            } else if (cover != seen.end()) {
                findings.warning(at,
                                 "this match has no effect: " + cover->first + " takes its requests before",
                                 "put the longer path first");
            }
            seen.emplace_back(at, &matches[k]);
        }
        if (!matches.empty() && duplicates == matches.size())
            findings.warning(path, "this rule is never reached: earlier rules have all its matches",
                             "take it out, or change its matches");
        if (matches.empty() && !catchAll) {
            catchAll = &routes[i];
            catchAllPath = path;
        }
    }
}

} // namespace

void validateReachability(const VirtualService &service, Findings &findings)
{
    check(service.http, "spec.http", findings);
    check(service.tls, "spec.tls", findings);
    check(service.tcp, "spec.tcp", findings);
}

} // namespace sallyport::model
