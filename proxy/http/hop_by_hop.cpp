// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/hop_by_hop.h"

#include "proxy/http/http1_syntax.h"
#include "proxy/http/http1_writer.h"

#include <algorithm>
#include <string>
#include <vector>

namespace sallyport::http {

namespace {

constexpr std::size_t MaxNominated = 10;
constexpr std::size_t MaxTeSize = 256;

std::vector<std::string_view> tokensOf(std::string_view list)
{
    std::vector<std::string_view> tokens;
    while (!list.empty()) {
        const auto comma = list.find(',');
        const auto token = trimmed(list.substr(0, comma));
        if (!list.substr(0, comma).empty())
            tokens.push_back(token);
        if (comma == std::string_view::npos)
            break;
        list.remove_prefix(comma + 1);
    }
    return tokens;
}

std::string lowered(std::string_view text)
{
    std::string lower(text);
    for (char &c : lower)
        c = LowerCase[static_cast<unsigned char>(c)];
    return lower;
}

/// Keeps those tokens of `connection` for which `keep` says so.
template<typename Keep>
void filterConnection(HeaderMap &headers, const std::vector<std::string_view> &tokens, Keep keep)
{
    std::string left;
    for (const auto token : tokens) {
        if (!keep(token))
            continue;
        if (!left.empty())
            left += ',';
        left += token;
    }
    if (left.empty())
        headers.remove(Known::Connection);
    else
        headers.set(Known::Connection, left);
}

void removeH2cUpgrade(HeaderMap &headers)
{
    headers.remove(Known::Upgrade);
    headers.remove(Known::Http2Settings);
    const std::string value(headers.get(Known::Connection));
    filterConnection(headers, tokensOf(value), [](std::string_view token) {
        return !equalsIgnoreCase(token, "upgrade") && !equalsIgnoreCase(token, "http2-settings");
    });
}

void removeUpgrades(HeaderMap &headers, const std::vector<dataplane::CompiledString> &ignored)
{
    const std::string protocols(headers.get(Known::Upgrade));
    std::string left;
    for (const std::string_view protocol : tokensOf(protocols)) {
        const bool drop = std::any_of(ignored.begin(), ignored.end(),
                                      [&](const auto &matcher) { return matcher.matches(protocol); });
        if (drop)
            continue;
        left += left.empty() ? "" : ",";
        left += protocol;
    }
    if (!left.empty()) {
        headers.set(Known::Upgrade, left);
        return;
    }
    headers.remove(Known::Upgrade);
    const std::string connection(headers.get(Known::Connection));
    filterConnection(headers, tokensOf(connection),
                     [](std::string_view token) { return !equalsIgnoreCase(token, "upgrade"); });
}

} // namespace

bool sanitizeConnectionHeader(HeaderMap &headers)
{
    const std::string value(headers.get(Known::Connection));
    if (equalsIgnoreCase(value, "close") || equalsIgnoreCase(value, "keep-alive"))
        return true;
    const auto tokens = tokensOf(value);
    if (tokens.size() >= MaxNominated)
        return false;
    std::vector<std::string> removed;
    for (const auto token : tokens) {
        const std::string name = lowered(token);
        if (name == "close" || name == "keep-alive" || name == "upgrade" || name == "http2-settings")
            continue;
        if (name == "connection") {
            removed.push_back(name);
            continue;
        }
        // Removing these would hide where the request comes from, or change what it is.
        if (name == "x-forwarded-for" || name == "x-forwarded-host" || name == "x-forwarded-proto" ||
            name.starts_with(':'))
            return false;
        if (name == "te" && headers.has(Known::Te)) {
            if (headers.get(Known::Te).size() >= MaxTeSize)
                return false;
            if (listContains(headers.get(Known::Te), "trailers")) {
                headers.set(Known::Te, "trailers");
                continue;
            }
        }
        // A Host that is not to go on is a Host that is missing.
        headers.remove(name == "host" ? std::string_view(":authority") : std::string_view(name));
        removed.push_back(name);
    }
    if (!removed.empty()) {
        filterConnection(headers, tokens, [&removed](std::string_view token) {
            return std::find(removed.begin(), removed.end(), lowered(token)) == removed.end();
        });
    }
    return true;
}

void settleUpgrade(HeaderMap &headers, const std::vector<dataplane::CompiledString> &ignored)
{
    if (!isUpgrade(headers))
        return;
    if (equalsIgnoreCase(headers.get(Known::Upgrade), "h2c"))
        removeH2cUpgrade(headers);
    else if (!ignored.empty())
        removeUpgrades(headers, ignored);
}

} // namespace sallyport::http
