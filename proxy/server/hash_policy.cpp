// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/hash_policy.h"

#include "core/dataplane/regular_expression.h"
#include "core/dataplane/value_matchers.h"
#include "proxy/http/http1_syntax.h"
#include "proxy/upstream/load_balancer.h"

#include <algorithm>
#include <re2/re2.h>

namespace sallyport::server {

namespace {

using upstream::hashText;

std::optional<std::string_view> cookieValue(const http::HeaderMap &headers, std::string_view name)
{
    for (const http::Header &header : headers) {
        if (header.known != http::Known::Cookie)
            continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            const std::string_view pair = http::trimmed(rest.substr(0, end));
            const std::size_t equals = pair.find('=');
            if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
                std::string_view value = pair.substr(equals + 1);
                if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
                    value = value.substr(1, value.size() - 2);
                return value;
            }
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> headerHash(const dataplane::HashPolicy &policy, const http::HeaderMap &headers)
{
    std::string name = policy.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(http::LowerCase[c]); });
    if (name == "host")
        name = ":authority";
    std::vector<std::string> values;
    for (const http::Header &header : headers) {
        if (header.name == name)
            values.emplace_back(header.value);
    }
    if (values.empty())
        return std::nullopt;
    if (policy.headerRewrite) {
        const re2::RE2 regex(policy.headerRewrite->pattern, dataplane::byBytes());
        for (std::string &value : values)
            re2::RE2::GlobalReplace(&value, regex, policy.headerRewrite->substitution);
    }
    // Several lines: their order does not matter.
    std::sort(values.begin(), values.end());
    std::uint64_t hash = hashText(values.front());
    for (std::size_t i = 1; i < values.size(); ++i)
        hash = hashText(values[i], hash);
    return hash;
}

std::string hexadecimal(std::uint64_t value)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned shift = 64; shift > 0; shift -= 4) {
        const char digit = digits[value >> (shift - 4) & 0xFU];
        if (!text.empty() || digit != '0')
            text += digit;
    }
    return text.empty() ? "0" : text;
}

std::optional<std::uint64_t> cookieHash(const dataplane::HashPolicy &policy, const http::HeaderMap &headers,
                                        const std::string &peers, std::vector<std::string> &setCookies)
{
    if (const auto value = cookieValue(headers, policy.name); value && !value->empty())
        return hashText(*value);
    if (!policy.cookieTtl)
        return std::nullopt;
    const std::string made = hexadecimal(hashText(peers));
    std::string line = policy.name + "=\"" + made + '"';
    if (const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*policy.cookieTtl).count();
        seconds > 0)
        line += "; Max-Age=" + std::to_string(seconds);
    if (!policy.cookiePath.empty())
        line += "; Path=" + policy.cookiePath;
    for (const auto &[name, value] : policy.cookieAttributes)
        line += "; " + name + (value.empty() ? "" : '=' + value);
    line += "; HttpOnly";
    setCookies.push_back(std::move(line));
    return hashText(made);
}

} // namespace

std::optional<std::uint64_t> requestHash(const std::vector<dataplane::HashPolicy> &policies,
                                         const http::HeaderMap &headers, const net::Address &client,
                                         const std::string &peers, const telemetry::FilterState &filterState,
                                         std::vector<std::string> &setCookies)
{
    using Kind = dataplane::HashPolicy::Kind;
    std::optional<std::uint64_t> hash;
    for (const dataplane::HashPolicy &policy : policies) {
        std::optional<std::uint64_t> next;
        switch (policy.kind) {
        case Kind::Header:
            next = headerHash(policy, headers);
            break;
        case Kind::Cookie:
            next = cookieHash(policy, headers, peers, setCookies);
            break;
        case Kind::SourceIp:
            if (client.isIp())
                next = hashText(client.ipText());
            break;
        case Kind::QueryParameter:
            if (const auto value = dataplane::queryParameter(headers.get(http::Known::Path), policy.name))
                next = hashText(*value);
            break;
        case Kind::FilterState:
            if (const auto *object = filterState.find(policy.name);
                object != nullptr && object->factory->hashable)
                next = hashText(object->text);
            break;
        }
        if (next) {
            const std::uint64_t old = hash ? (*hash << 1U | *hash >> 63U) : 0;
            hash = old ^ *next;
        }
        if (policy.terminal && hash)
            break;
    }
    return hash;
}

} // namespace sallyport::server
