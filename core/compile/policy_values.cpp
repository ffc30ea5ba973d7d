// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/policy_values.h"

namespace sallyport::compile {

namespace {

using dataplane::RbacRule;
using dataplane::StringMatcher;
using dataplane::StringMatchKind;

constexpr const char *jwtFilter = "envoy.filters.http.jwt_authn";
constexpr const char *spiffe = "spiffe://";

RbacRule identityRule(StringMatcher matcher)
{
    RbacRule rule;
    rule.kind = RbacRule::Kind::Authenticated;
    rule.string = std::move(matcher);
    rule.hasString = true;
    return rule;
}

/// The text with everything that RE2 would take for an operator escaped.
std::string quoted(const std::string &text)
{
    std::string result;
    for (const char c : text) {
        if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos)
            result += '\\';
        result += c;
    }
    return result;
}

std::string replaced(std::string text, const std::string &what, const std::string &with)
{
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

RbacRule metadataRule(const char *filter, std::vector<std::string> path, dataplane::ValueMatcher value)
{
    RbacRule rule;
    rule.kind = RbacRule::Kind::Metadata;
    rule.metadata.filter = filter;
    rule.metadata.path = std::move(path);
    rule.metadata.value = std::move(value);
    return rule;
}

dataplane::ValueMatcher textValue(StringMatcher matcher)
{
    dataplane::ValueMatcher value;
    value.kind = dataplane::ValueMatcher::Kind::String;
    value.string = std::move(matcher);
    return value;
}

} // namespace

StringMatcher valueMatcher(const std::string &value)
{
    if (value == "*")
        return {StringMatchKind::Regex, ".+", false};
    if (!value.empty() && value.front() == '*')
        return {StringMatchKind::Suffix, value.substr(1), false};
    if (!value.empty() && value.back() == '*')
        return {StringMatchKind::Prefix, value.substr(0, value.size() - 1), false};
    return {StringMatchKind::Exact, value, false};
}

RbacRule headerRule(const std::string &name, const std::string &value, bool ignoreCase)
{
    RbacRule rule;
    rule.kind = RbacRule::Kind::Header;
    rule.header.name = name;
    if (value == "*") {
        rule.header.kind = dataplane::HeaderMatchKind::Present;
    } else {
        rule.header.kind = dataplane::HeaderMatchKind::String;
        rule.header.string = valueMatcher(value);
        rule.header.string.ignoreCase = ignoreCase;
    }
    return rule;
}

RbacRule pathRule(const std::string &value)
{
    RbacRule rule;
    if (value.find("{*}") != std::string::npos || value.find("{**}") != std::string::npos) {
        rule.kind = RbacRule::Kind::UriTemplate;
        rule.text = replaced(replaced(value, "{**}", "**"), "{*}", "*");
        return rule;
    }
    rule.kind = RbacRule::Kind::UrlPath;
    rule.string = valueMatcher(value);
    rule.hasString = true;
    return rule;
}

RbacRule principalRule(const std::string &value)
{
    if (value == "*")
        return identityRule({StringMatchKind::Regex, ".+", false});
    if (!value.empty() && value.front() == '*')
        return identityRule(
            {StringMatchKind::Regex, std::string(spiffe) + ".*" + quoted(value.substr(1)), false});
    if (!value.empty() && value.back() == '*')
        return identityRule({StringMatchKind::Prefix, spiffe + value.substr(0, value.size() - 1), false});
    return identityRule({StringMatchKind::Exact, spiffe + value, false});
}

RbacRule namespaceRule(const std::string &value)
{
    return identityRule({StringMatchKind::Regex, ".*/ns/" + replaced(value, "*", ".*") + "/.*", false});
}

RbacRule serviceAccountRule(const std::string &value, const std::string &policyNamespace)
{
    const std::size_t slash = value.find('/');
    const std::string nameSpace = slash == std::string::npos ? policyNamespace : value.substr(0, slash);
    const std::string account = slash == std::string::npos ? value : value.substr(slash + 1);
    return identityRule(
        {StringMatchKind::Regex,
         std::string(spiffe) + ".+/ns/" + quoted(nameSpace) + "/(.+/|)sa/" + quoted(account) + "(/.+)?",
         false});
}

RbacRule trustDomainRule(const std::string &value)
{
    // Any trust domain: any SPIFFE identity, also one without a path.
    if (value == "*")
        return identityRule({StringMatchKind::Prefix, spiffe, false});
    const std::size_t star = value.find('*');
    if (star == std::string::npos)
        return identityRule({StringMatchKind::Prefix, spiffe + value + '/', false});
    const std::string pattern = quoted(value.substr(0, star)) + "[^/]*" + quoted(value.substr(star + 1));
    return identityRule({StringMatchKind::Regex, spiffe + pattern + "/.*", false});
}

RbacRule requestPrincipalRule(const std::string &value)
{
    const std::size_t slash = value.rfind('/');
    std::string issuer = "*";
    std::string subject = "*";
    if (slash != std::string::npos) {
        issuer = value.substr(0, slash);
        subject = value.substr(slash + 1);
    } else if (!value.empty() && value.front() == '*') {
        subject = value;
    } else {
        issuer = value;
    }
    RbacRule rule;
    rule.kind = RbacRule::Kind::And;
    rule.children = {metadataRule(jwtFilter, {"payload", "iss"}, textValue(valueMatcher(issuer))),
                     metadataRule(jwtFilter, {"payload", "sub"}, textValue(valueMatcher(subject)))};
    return rule;
}

RbacRule claimRule(const std::vector<std::string> &path, const std::string &value)
{
    std::vector<std::string> whole = {"payload"};
    whole.insert(whole.end(), path.begin(), path.end());
    dataplane::ValueMatcher list;
    list.kind = dataplane::ValueMatcher::Kind::List;
    list.nested = {textValue(valueMatcher(value))};
    dataplane::ValueMatcher either;
    either.kind = dataplane::ValueMatcher::Kind::Or;
    either.nested = {textValue(valueMatcher(value)), list};
    return metadataRule(jwtFilter, std::move(whole), std::move(either));
}

RbacRule filterMetadataRule(const std::string &key, const std::string &value)
{
    // experimental.envoy.filters.a.b[key]: filter `envoy.filters.a.b`. A value in brackets asks for a list
    // element.
    const std::size_t begin = std::string("experimental.").size();
    const std::size_t bracket = key.find('[');
    const std::string filter = key.substr(begin, bracket - begin);
    const bool isList = value.size() >= 2 && value.front() == '[' && value.back() == ']';
    dataplane::ValueMatcher matcher =
        textValue(valueMatcher(isList ? value.substr(1, value.size() - 2) : value));
    if (isList) {
        dataplane::ValueMatcher list;
        list.kind = dataplane::ValueMatcher::Kind::List;
        list.nested = {matcher};
        matcher = list;
    }
    return metadataRule(filter.c_str(), bracketed(key), std::move(matcher));
}

std::vector<std::string> bracketed(const std::string &key)
{
    std::vector<std::string> names;
    std::size_t at = key.find('[');
    while (at != std::string::npos) {
        const std::size_t end = key.find(']', at);
        if (end == std::string::npos)
            break;
        names.push_back(key.substr(at + 1, end - at - 1));
        at = key.find('[', end);
    }
    return names;
}

} // namespace sallyport::compile
