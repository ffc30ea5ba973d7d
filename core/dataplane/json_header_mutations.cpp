// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/access_log_format.h"
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, HeaderValueOption &m)
{
    a.message("envoy.config.core.v3.HeaderValueOption");
    if constexpr (A::reading)
        a.check(!a.has("append") || !a.has("append_action"), "append",
                "Both append and append_action are set and it's not allowed");
    a.group("header", [&](A &inner) {
        inner.field("key", m.key);
        inner.field("value", m.value);
        // Envoy does not look at it where headers are changed.
        inner.ignored({"raw_value"});
        if (const Result<std::vector<FormatCommand>> parsed = parseFormat(m.value); !parsed)
            inner.check(false, "value", parsed.error().what.c_str());
    });
    // Envoy takes one of the two.
    if (A::reading || !m.append)
        a.word("append_action", m.action,
               {"APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD",
                "OVERWRITE_IF_EXISTS"});
    a.field("append", m.append);
    a.field("keep_empty_value", m.keepEmptyValue);
    // The deprecated flag overrides the default of the action that replaced it.
    if (A::reading && m.append)
        m.action =
            *m.append ? HeaderAppendAction::AppendIfExistsOrAdd : HeaderAppendAction::OverwriteIfExistsOrAdd;
}
SALLYPORT_DESCRIBED(HeaderValueOption)

template<typename A>
void describe(A &a, HeaderMutation &m)
{
    a.message("envoy.config.common.mutation_rules.v3.HeaderMutation");
    a.field("remove", m.remove);
    a.field("append", m.append);
    a.refused({"remove_on_match"});
    if (m.append) {
        const std::string &key = m.append->key;
        a.check(!key.starts_with(':') && key != "host" && key != "Host", "append",
                ":-prefixed or host headers may not be modified");
    }
}
SALLYPORT_DESCRIBED(HeaderMutation)

template<typename A>
void describeHeaderMutations(A &a, HeaderMutations &m)
{
    a.field("request_headers_to_add", m.requestAdd);
    a.field("request_headers_to_remove", m.requestRemove);
    a.field("response_headers_to_add", m.responseAdd);
    a.field("response_headers_to_remove", m.responseRemove);
    const auto pseudo = [](std::string_view name) {
        return name.starts_with(':') || name == "host" || name == "Host";
    };
    for (const std::string &name : m.requestRemove)
        a.check(!pseudo(name), "request_headers_to_remove", ":-prefixed or host headers may not be removed");
    checkAddedHeaders(a, "request_headers_to_add", m.requestAdd);
    for (const std::string &name : m.responseRemove)
        a.check(!pseudo(name), "response_headers_to_remove", ":-prefixed or host headers may not be removed");
    checkAddedHeaders(a, "response_headers_to_add", m.responseAdd);
}
SALLYPORT_DESCRIBED_AS(describeHeaderMutations, HeaderMutations)

} // namespace sallyport::dataplane
