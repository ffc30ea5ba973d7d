// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describeRegex(A &a, const char *name, std::string &regex)
{
    a.group(
        name,
        [&](A &inner) {
            inner.message("envoy.type.matcher.v3.RegexMatcher");
            inner.field("regex", regex);
            inner.ignored({"google_re2"});
        },
        !regex.empty());
}
template void describeRegex(JsonReader &, const char *, std::string &);
template void describeRegex(JsonWriter &, const char *, std::string &);

template<typename A>
void describe(A &a, StringMatcher &m)
{
    a.message("envoy.type.matcher.v3.StringMatcher");
    static constexpr const char *names[] = {"exact", "prefix", "suffix", "contains"};
    if constexpr (A::reading) {
        for (int i = 0; i < 4; ++i) {
            if (!a.has(names[i])) {
                a.ignored({names[i]});
                continue;
            }
            m.kind = static_cast<StringMatchKind>(i);
            a.field(names[i], m.value);
        }
        if (a.has("safe_regex"))
            m.kind = StringMatchKind::Regex;
        describeRegex(a, "safe_regex", m.value);
    } else if (m.kind == StringMatchKind::Regex) {
        describeRegex(a, "safe_regex", m.value);
    } else {
        a.always(names[static_cast<int>(m.kind)], m.value);
    }
    a.field("ignore_case", m.ignoreCase);
    a.refused({"custom"});
}
SALLYPORT_DESCRIBED(StringMatcher)

template<typename A>
void describe(A &a, HeaderMatcher &m)
{
    a.message("envoy.config.route.v3.HeaderMatcher");
    a.field("name", m.name);
    a.field("invert_match", m.invert);
    a.field("treat_missing_header_as_empty", m.treatMissingAsEmpty);
    if constexpr (A::reading) {
        static constexpr const char *olderForms[] = {"exact_match", "prefix_match", "suffix_match",
                                                     "contains_match"};
        for (int i = 0; i < 4; ++i) {
            if (a.has(olderForms[i])) {
                m.kind = HeaderMatchKind::String;
                m.string.kind = static_cast<StringMatchKind>(i);
            }
            a.field(olderForms[i], m.string.value);
        }
        // An empty exact_match asks for presence (Envoy 1.40).
        if (a.has("exact_match") && m.string.value.empty())
            m.kind = HeaderMatchKind::Present;
        if (a.has("safe_regex_match")) {
            m.kind = HeaderMatchKind::String;
            m.string.kind = StringMatchKind::Regex;
        }
        describeRegex(a, "safe_regex_match", m.string.value);
        if (a.has("string_match"))
            m.kind = HeaderMatchKind::String;
        a.field("string_match", m.string);
        if (a.has("range_match"))
            m.kind = HeaderMatchKind::Range;
        a.field("present_match", m.present);
    } else if (m.kind == HeaderMatchKind::String) {
        a.always("string_match", m.string);
    } else if (m.kind == HeaderMatchKind::Present) {
        a.always("present_match", m.present);
    }
    if (A::reading || m.kind == HeaderMatchKind::Range) {
        a.group(
            "range_match",
            [&](A &inner) {
                inner.field("start", m.rangeStart);
                inner.field("end", m.rangeEnd);
            },
            true);
    }
}
SALLYPORT_DESCRIBED(HeaderMatcher)

template<typename A>
void describe(A &a, QueryParameterMatcher &m)
{
    a.message("envoy.config.route.v3.QueryParameterMatcher");
    a.field("name", m.name);
    a.field("string_match", m.string);
    if (A::reading || !m.string)
        a.always("present_match", m.present);
}
SALLYPORT_DESCRIBED(QueryParameterMatcher)

template<typename A>
void describe(A &a, ValueMatcher &m)
{
    using Kind = ValueMatcher::Kind;
    a.message("envoy.type.matcher.v3.ValueMatcher");
    const auto is = [&](const char *name, Kind kind) { return takesCase(a, name, kind, m.kind); };
    if (is("null_match", Kind::Null))
        a.group(
            "null_match", [](A &) {}, true);
    if (is("double_match", Kind::Number)) {
        a.group("double_match", [&](A &inner) {
            if (A::reading || !m.range)
                inner.always("exact", m.number);
            if (A::reading || m.range)
                inner.group(
                    "range",
                    [&](A &range) {
                        std::pair<double, double> both = m.range.value_or(std::pair<double, double>());
                        range.field("start", both.first);
                        range.field("end", both.second);
                        if constexpr (A::reading)
                            m.range = both;
                    },
                    true);
        });
    }
    if (is("string_match", Kind::String)) {
        a.always("string_match", m.string);
    }
    if (is("bool_match", Kind::Bool))
        a.always("bool_match", m.boolean);
    if (is("present_match", Kind::Present))
        a.always("present_match", m.boolean);
    if (is("list_match", Kind::List)) {
        a.group("list_match", [&](A &inner) {
            ValueMatcher one = m.nested.empty() ? ValueMatcher() : m.nested.front();
            inner.group("one_of", [&](A &element) { describe(element, one); });
            if constexpr (A::reading)
                m.nested = {one};
        });
    }
    if (is("or_match", Kind::Or))
        a.group(
            "or_match", [&](A &inner) { inner.field("value_matchers", m.nested); }, true);
}
SALLYPORT_DESCRIBED(ValueMatcher)

template<typename A>
void describeMetadataPath(A &a, std::vector<std::string> &path)
{
    if constexpr (A::reading) {
        const QJsonValue steps = a.take("path");
        for (const QJsonValue &step : steps.toArray())
            path.push_back(fromQt(step.toObject().value(QLatin1String("key")).toString()));
    } else {
        QJsonArray steps;
        for (const std::string &key : path)
            steps.append(QJsonObject{{QStringLiteral("key"), toQt(key)}});
        a.set("path", steps);
    }
}
template void describeMetadataPath(JsonReader &a, std::vector<std::string> &path);
template void describeMetadataPath(JsonWriter &a, std::vector<std::string> &path);

template<typename A>
void describe(A &a, MetadataMatcher &m)
{
    a.message("envoy.type.matcher.v3.MetadataMatcher");
    a.field("filter", m.filter);
    describeMetadataPath(a, m.path);
    a.always("value", m.value);
    a.field("invert", m.invert);
}
SALLYPORT_DESCRIBED(MetadataMatcher)

template<typename A>
void describe(A &a, RegexRewrite &m)
{
    a.message("envoy.type.matcher.v3.RegexMatchAndSubstitute");
    describeRegex(a, "pattern", m.pattern);
    a.field("substitution", m.substitution);
}
SALLYPORT_DESCRIBED(RegexRewrite)

} // namespace sallyport::dataplane
