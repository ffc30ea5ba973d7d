// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/matcher.h"
#include "core/dataplane/request_view.h"

#include <memory>

namespace re2 {
class RE2;
}

namespace sallyport::dataplane {

/// A StringMatcher ready to run; regular expressions are compiled once. Copies share them.
class CompiledString
{
public:
    CompiledString() = default;
    explicit CompiledString(const StringMatcher &matcher);
    bool matches(std::string_view text) const;

private:
    StringMatcher m_matcher;
    std::shared_ptr<const re2::RE2> m_regex;
};

/// A HeaderMatcher ready to run (source/common/http/header_utility.cc).
class CompiledHeader
{
public:
    explicit CompiledHeader(const HeaderMatcher &matcher);
    bool matches(const RequestView &request) const;
    /// On a header's value, none if it is absent.
    bool matchesValue(std::optional<std::string_view> value) const;
    const std::string &name() const { return m_matcher.name; }

private:
    /// Inversion aside, by text or by number.
    bool fits(std::string_view value) const;

    HeaderMatcher m_matcher;
    CompiledString m_string;
};

/// All of the matchers hold; none is no condition.
bool allMatch(const std::vector<CompiledHeader> &headers, const RequestView &request);
std::vector<CompiledHeader> compileHeaders(const std::vector<HeaderMatcher> &headers);

/// A QueryParameterMatcher; values are compared as they stand in the URL.
class CompiledQueryParameter
{
public:
    explicit CompiledQueryParameter(const QueryParameterMatcher &matcher);
    bool matches(std::string_view path) const;

private:
    QueryParameterMatcher m_matcher;
    CompiledString m_string;
};

/// The raw value of `name` in the query of `path`, the first one.
std::optional<std::string_view> queryParameter(std::string_view path, std::string_view name);

/// A range of addresses.
class CompiledRange
{
public:
    CompiledRange() = default;
    explicit CompiledRange(const CidrRange &range);
    bool contains(const IpAddress &address) const;
    std::uint32_t length() const { return m_length; }

private:
    IpAddress m_address;
    std::uint32_t m_length = 0;
};

/// A MetadataMatcher on a request's dynamic metadata.
class CompiledMetadata
{
public:
    explicit CompiledMetadata(const MetadataMatcher &matcher)
        : m_matcher(matcher)
    {
    }
    bool matches(const QJsonObject *metadata) const;

private:
    MetadataMatcher m_matcher;
};

/// What `metadata` has where the matcher looks; undefined if nothing.
QJsonValue metadataValue(const QJsonObject &metadata, const MetadataMatcher &matcher);

/// Whether a value of dynamic metadata meets a ValueMatcher.
bool matchesValue(const ValueMatcher &matcher, const QJsonValue &value);

/// A path template of `*`, `**` and `{name}`, `{name=*}` segments (source/extensions/path/uri_template_lib).
class PathTemplate
{
public:
    explicit PathTemplate(std::string_view pattern);
    bool matches(std::string_view path) const;
    /// `path` rewritten by `rewrite`, in which `{name}` stands for what the pattern's variable matched.
    std::optional<std::string> rewritten(std::string_view path, std::string_view rewrite) const;

private:
    std::shared_ptr<const re2::RE2> m_regex;
    std::vector<std::string> m_names;
};

} // namespace sallyport::dataplane
