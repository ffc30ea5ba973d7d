// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/value_matchers.h"

#include "core/dataplane/json_archive.h"
#include "core/dataplane/regular_expression.h"

#include <re2/re2.h>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

namespace sallyport::dataplane {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equalFolded(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string folded(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::shared_ptr<const re2::RE2> compile(const std::string &pattern)
{
    return std::make_shared<const re2::RE2>(pattern, byBytes());
}

} // namespace

IpAddress IpAddress::parse(std::string_view text)
{
    IpAddress address;
    char copy[INET6_ADDRSTRLEN + 1] = {};
    if (text.size() >= sizeof copy)
        return address;
    std::memcpy(copy, text.data(), text.size());
    if (inet_pton(AF_INET, copy, address.bytes.data()) == 1)
        address.family = 4;
    else if (inet_pton(AF_INET6, copy, address.bytes.data()) == 1)
        address.family = 6;
    return address;
}

std::string IpAddress::toString() const
{
    char text[INET6_ADDRSTRLEN] = {};
    if (family == 0 || !inet_ntop(family == 4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text))
        return {};
    return text;
}

std::string_view pathOnly(std::string_view path)
{
    std::size_t end = 0;
    while (end < path.size() && path[end] != '?' && path[end] != '#')
        ++end;
    return path.substr(0, end);
}

CompiledString::CompiledString(const StringMatcher &matcher)
    : m_matcher(matcher)
{
    if (matcher.kind == StringMatchKind::Regex)
        m_regex = compile(matcher.value);
}

bool CompiledString::matches(std::string_view text) const
{
    const std::string_view value = m_matcher.value;
    const bool ignore = m_matcher.ignoreCase;
    switch (m_matcher.kind) {
    case StringMatchKind::Exact:
        return ignore ? equalFolded(text, value) : text == value;
    case StringMatchKind::Prefix:
        return ignore ? text.size() >= value.size() && equalFolded(text.substr(0, value.size()), value)
                      : text.starts_with(value);
    case StringMatchKind::Suffix:
        return ignore ? text.size() >= value.size() &&
                            equalFolded(text.substr(text.size() - value.size()), value)
                      : text.ends_with(value);
    case StringMatchKind::Contains:
        return ignore ? folded(text).find(folded(value)) != std::string::npos
                      : text.find(value) != std::string_view::npos;
    case StringMatchKind::Regex:
        return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *m_regex);
    }
    return false;
}

CompiledHeader::CompiledHeader(const HeaderMatcher &matcher)
    : m_matcher(matcher)
    , m_string(matcher.string)
{
    m_matcher.name = folded(matcher.name);
    // A request's Host is its :authority, under either name.
    if (m_matcher.name == "host")
        m_matcher.name = ":authority";
}

bool CompiledHeader::matches(const RequestView &request) const
{
    std::string scratch;
    const std::optional<std::string_view> value = request.header(m_matcher.name, scratch);
    if (m_matcher.kind == HeaderMatchKind::Present || !value)
        return matchesValue(value);
    // Several lines: one that matches is enough, or all of them joined (Envoy 1.40).
    const bool matched = fits(*value) || request.anyOfSeveral(m_matcher.name, [this](std::string_view line) {
        return fits(line);
    });
    return matched != m_matcher.invert;
}

bool CompiledHeader::fits(std::string_view value) const
{
    if (m_matcher.kind == HeaderMatchKind::String)
        return m_string.matches(value);
    std::int64_t number = 0;
    const char *begin = value.data() + (value.starts_with('+') ? 1 : 0);
    const auto [end, error] = std::from_chars(begin, value.data() + value.size(), number);
    return error == std::errc() && end == value.data() + value.size() && number >= m_matcher.rangeStart &&
           number < m_matcher.rangeEnd;
}

bool CompiledHeader::matchesValue(std::optional<std::string_view> value) const
{
    if (!value && m_matcher.treatMissingAsEmpty)
        value = std::string_view();
    if (m_matcher.kind == HeaderMatchKind::Present)
        return (value.has_value() == m_matcher.present) != m_matcher.invert;
    // A header that is not there matches no value, inverted or not: inversion is about values too.
    if (!value)
        return false;
    return fits(*value) != m_matcher.invert;
}

bool allMatch(const std::vector<CompiledHeader> &headers, const RequestView &request)
{
    return std::all_of(headers.begin(), headers.end(),
                       [&](const CompiledHeader &header) { return header.matches(request); });
}

std::vector<CompiledHeader> compileHeaders(const std::vector<HeaderMatcher> &headers)
{
    return {headers.begin(), headers.end()};
}

std::optional<std::string_view> queryParameter(std::string_view path, std::string_view name)
{
    const std::size_t question = path.find('?');
    if (question == std::string_view::npos)
        return std::nullopt;
    std::string_view query = path.substr(question + 1);
    query = query.substr(0, query.find('#'));
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (pair.substr(0, equals) == name)
            return equals == pair.size() ? std::string_view() : pair.substr(equals + 1);
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return std::nullopt;
}

CompiledQueryParameter::CompiledQueryParameter(const QueryParameterMatcher &matcher)
    : m_matcher(matcher)
    , m_string(matcher.string.value_or(StringMatcher()))
{
}

bool CompiledQueryParameter::matches(std::string_view path) const
{
    const std::optional<std::string_view> value = queryParameter(path, m_matcher.name);
    if (!m_matcher.string)
        return value.has_value() == m_matcher.present;
    return value && m_string.matches(*value);
}

CompiledRange::CompiledRange(const CidrRange &range)
    : m_address(IpAddress::parse(range.addressPrefix))
    , m_length(range.prefixLen)
{
}

bool CompiledRange::contains(const IpAddress &address) const
{
    if (address.family != m_address.family || address.family == 0)
        return false;
    const std::size_t whole = m_length / 8;
    if (!std::equal(m_address.bytes.begin(), m_address.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes.begin()))
        return false;
    const std::uint32_t rest = m_length % 8;
    if (rest == 0)
        return true;
    const auto mask = static_cast<std::uint8_t>(0xffU << (8 - rest));
    return (m_address.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

bool matchesValue(const ValueMatcher &matcher, const QJsonValue &value)
{
    using Kind = ValueMatcher::Kind;
    switch (matcher.kind) {
    case Kind::Null:
        return value.isNull();
    case Kind::Number:
        if (!value.isDouble())
            return false;
        return matcher.range
                   ? value.toDouble() >= matcher.range->first && value.toDouble() < matcher.range->second
                   : value.toDouble() == matcher.number;
    case Kind::String:
        return value.isString() && CompiledString(matcher.string).matches(fromQt(value.toString()));
    case Kind::Bool:
        return value.isBool() && value.toBool() == matcher.boolean;
    case Kind::Present:
        return matcher.boolean && !value.isUndefined() && !value.isNull();
    case Kind::List: {
        const QJsonArray array = value.toArray();
        return !matcher.nested.empty() &&
               std::any_of(array.begin(), array.end(), [&](const QJsonValue &item) {
                   return matchesValue(matcher.nested.front(), item);
               });
    }
    case Kind::Or:
        return std::any_of(matcher.nested.begin(), matcher.nested.end(),
                           [&](const ValueMatcher &inner) { return matchesValue(inner, value); });
    }
    return false;
}

QJsonValue metadataValue(const QJsonObject &metadata, const MetadataMatcher &matcher)
{
    QJsonValue value = metadata.value(toQt(matcher.filter));
    for (const std::string &key : matcher.path)
        value = value.toObject().value(toQt(key));
    return value;
}

bool CompiledMetadata::matches(const QJsonObject *metadata) const
{
    const QJsonValue value =
        metadata ? metadataValue(*metadata, m_matcher) : QJsonValue(QJsonValue::Undefined);
    return matchesValue(m_matcher.value, value) != m_matcher.invert;
}

PathTemplate::PathTemplate(std::string_view pattern)
{
    // One segment is one or more URI characters; `**` is any number of segments, none included.
    static constexpr std::string_view segment = "[a-zA-Z0-9\\-._~%!$&'()+,;:@=*]+";
    static constexpr std::string_view anything = "[a-zA-Z0-9\\-._~%!$&'()+,;:@=*/]*";
    std::string regex;
    const auto addPiece = [&](std::string_view piece) {
        while (!piece.empty()) {
            if (piece.starts_with("**")) {
                regex += anything;
                piece.remove_prefix(2);
            } else if (piece.starts_with('*')) {
                regex += segment;
                piece.remove_prefix(1);
            } else {
                const std::size_t end = std::min(piece.find('*'), piece.size());
                regex += re2::RE2::QuoteMeta(re2::StringPiece(piece.data(), end));
                piece.remove_prefix(end);
            }
        }
    };
    while (!pattern.empty()) {
        const std::size_t open = std::min(pattern.find('{'), pattern.size());
        addPiece(pattern.substr(0, open));
        pattern.remove_prefix(open);
        if (pattern.empty())
            break;
        const std::size_t close = std::min(pattern.find('}'), pattern.size());
        const std::string_view variable = pattern.substr(1, close - 1);
        const std::size_t equals = std::min(variable.find('='), variable.size());
        m_names.emplace_back(variable.substr(0, equals));
        regex += '(';
        addPiece(equals == variable.size() ? std::string_view("*") : variable.substr(equals + 1));
        regex += ')';
        pattern.remove_prefix(std::min(close + 1, pattern.size()));
    }
    m_regex = compile(regex);
}

bool PathTemplate::matches(std::string_view path) const
{
    return re2::RE2::FullMatch(re2::StringPiece(path.data(), path.size()), *m_regex);
}

std::optional<std::string> PathTemplate::rewritten(std::string_view path, std::string_view rewrite) const
{
    std::vector<re2::StringPiece> captures(m_names.size() + 1);
    if (!m_regex->Match(re2::StringPiece(path.data(), path.size()), 0, path.size(), re2::RE2::ANCHOR_BOTH,
                        captures.data(), static_cast<int>(captures.size())))
        return std::nullopt;
    std::string out;
    while (!rewrite.empty()) {
        const std::size_t open = std::min(rewrite.find('{'), rewrite.size());
        out += rewrite.substr(0, open);
        rewrite.remove_prefix(open);
        if (rewrite.empty())
            break;
        const std::size_t close = std::min(rewrite.find('}'), rewrite.size());
        const auto found = std::find(m_names.begin(), m_names.end(), rewrite.substr(1, close - 1));
        if (found != m_names.end()) {
            const re2::StringPiece &capture = captures[static_cast<std::size_t>(found - m_names.begin()) + 1];
            out.append(capture.data(), capture.size());
        }
        rewrite.remove_prefix(std::min(close + 1, rewrite.size()));
    }
    return out;
}

} // namespace sallyport::dataplane
