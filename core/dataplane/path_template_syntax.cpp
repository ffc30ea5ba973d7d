// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/path_template_syntax.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace sallyport::dataplane {

namespace {

constexpr std::size_t LongestTemplate = 256;
constexpr std::size_t LongestName = 16;
constexpr std::size_t MostVariables = 5;

bool isAlpha(char c)
{
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool isAlnum(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool isLiteral(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return isAlnum(c) || std::string_view("-._~%!$&'()+,;:@=*").find(c) != std::string_view::npos;
    });
}

bool isName(std::string_view text)
{
    return !text.empty() && isAlpha(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return isAlnum(c) || c == '_'; });
}

/// Cuts `*` or `**` off `text`; empty if it begins with neither.
std::string_view takeOperator(std::string_view &text)
{
    const std::string_view taken = text.substr(0, text.starts_with("**") ? 2 : text.starts_with('*') ? 1 : 0);
    text.remove_prefix(taken.size());
    return taken;
}

std::string quoted(std::string_view text)
{
    return '"' + std::string(text) + '"';
}

/// Reads one template from its front to its end.
class Syntax
{
public:
    explicit Syntax(std::string_view rest)
        : m_rest(rest)
    {
    }

    Result<void> check()
    {
        while (!m_rest.empty()) {
            if (Result<void> good = takeSegment(); !good)
                return good;
            if (m_rest.empty())
                break;
            if (!m_rest.starts_with('/')) {
                const std::string_view suffix = untilSlash();
                if (!isLiteral(suffix))
                    return fail("Invalid suffix literal: " + quoted(suffix));
                m_rest.remove_prefix(suffix.size());
            }
            if (m_rest == "/")
                break;
            if (!m_rest.empty())
                m_rest.remove_prefix(1);
        }
        return {};
    }

private:
    std::string_view untilSlash() const { return m_rest.substr(0, m_rest.find('/')); }

    Result<void> takeSegment()
    {
        if (const std::string_view glob = takeOperator(m_rest); !glob.empty())
            return noteGlob(glob);
        const std::string_view segment = untilSlash();
        const std::string_view literal = segment.substr(0, segment.find('{'));
        if (literal.size() == segment.size() || !literal.empty()) {
            if (!isLiteral(literal))
                return fail("Invalid literal: " + quoted(segment));
            m_rest.remove_prefix(literal.size());
        }
        return literal.size() == segment.size() ? Result<void>() : takeVariable();
    }

    Result<void> takeVariable()
    {
        const std::size_t close = m_rest.find('}');
        if (close == std::string_view::npos)
            return fail("Unmatched variable bracket: " + quoted(m_rest));
        const std::string_view variable = m_rest.substr(1, close - 1);
        m_rest.remove_prefix(close + 1);
        const std::size_t equals = variable.find('=');
        const std::string_view name = variable.substr(0, equals);
        if (!isName(name))
            return fail("Invalid variable name: " + quoted(name));
        if (name.size() > LongestName)
            return fail("Invalid variable name length: " + quoted(name));
        if (std::find(m_names.begin(), m_names.end(), name) != m_names.end())
            return fail("Repeated variable name: " + quoted(name));
        m_names.push_back(name);
        if (m_names.size() > MostVariables)
            return fail("Exceeded variable count limit (5)");
        return equals == std::string_view::npos ? noteGlob("*") : checkMatch(variable.substr(equals + 1));
    }

    /// Behind a `**` only texts may follow.
    Result<void> noteGlob(std::string_view glob)
    {
        if (m_sawTextGlob)
            return fail("Glob after text glob.");
        m_sawTextGlob = glob == "**";
        return {};
    }

    Result<void> checkMatch(std::string_view match)
    {
        if (match.empty())
            return fail("Empty variable match");
        for (bool more = true; more;) {
            const std::string_view glob = takeOperator(match);
            if (!glob.empty()) {
                if (Result<void> good = noteGlob(glob); !good)
                    return good;
            }
            const std::string_view piece = match.substr(0, match.find('/'));
            if (!glob.empty() ? !piece.empty() : !isLiteral(piece))
                return fail("Invalid variable match: " + quoted(match));
            match.remove_prefix(piece.size());
            more = !match.empty();
            if (match == "/")
                return fail("Invalid variable match: " + quoted(match));
            if (more)
                match.remove_prefix(1);
        }
        return {};
    }

    std::string_view m_rest;
    std::vector<std::string_view> m_names;
    bool m_sawTextGlob = false;
};

} // namespace

Result<void> checkPathTemplate(std::string_view pattern)
{
    if (pattern.empty() || pattern.size() > LongestTemplate)
        return fail("a path template has 1 to 256 characters");
    if (!pattern.starts_with('/'))
        return fail("Invalid pattern: " + quoted(pattern));
    return Syntax(pattern.substr(1)).check();
}

Result<void> checkPathTemplateRewrite(std::string_view rewrite, std::string_view pattern)
{
    const auto invalid = [&] {
        return fail("path_rewrite_policy.path_template_rewrite " + std::string(rewrite) + " is invalid");
    };
    if (!rewrite.starts_with('/'))
        return invalid();
    for (std::string_view rest = rewrite; !rest.empty();) {
        const std::size_t open = rest.find_first_of("{}");
        if (open == std::string_view::npos)
            break;
        const std::size_t close = rest.find_first_of("{}", open + 1);
        if (rest[open] != '{' || close == std::string_view::npos || rest[close] != '}')
            return invalid();
        const std::string name(rest.substr(open + 1, close - open - 1));
        const bool known = pattern.find('{' + name + '}') != std::string_view::npos ||
                           pattern.find('{' + name + '=') != std::string_view::npos;
        if (!known)
            return fail("mismatch between variables in path_match_policy " + std::string(pattern) +
                        " and path_rewrite_policy " + std::string(rewrite));
        rest.remove_prefix(close + 1);
    }
    return {};
}

} // namespace sallyport::dataplane
