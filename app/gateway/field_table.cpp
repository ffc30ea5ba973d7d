// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gateway/field_table.h"

#include "core/dataplane/known_field.h"

#include <algorithm>
#include <array>
#include <span>

namespace sallyport::gateway {

namespace {

constexpr std::array uses{dataplane::FieldUse::Supported, dataplane::FieldUse::Accepted,
                          dataplane::FieldUse::Refused};

/// One row: the message and, by use, its fields.
std::string row(const std::string &message, std::span<const dataplane::KnownField> fields)
{
    std::string text = "| `" + message + "` |";
    for (const dataplane::FieldUse use : uses) {
        const char *between = " `";
        for (const dataplane::KnownField &field : fields) {
            if (field.use != use)
                continue;
            text += between + field.name + '`';
            between = ", `";
        }
        text += " |";
    }
    return text + '\n';
}

} // namespace

std::string fieldTable()
{
    std::string text = "# Envoy v3 fields that the gateway knows\n"
                       "\n"
                       "Written by `sallyport-gateway --supported-fields`, which asks the decoders "
                       "themselves. A field that is\n"
                       "refused, or that is not named here, makes the gateway refuse the bootstrap with the "
                       "field's JSON path.\n"
                       "\n"
                       "Of tracers the headers are there that requests carry on (B3, W3C Trace Context), and "
                       "`%TRACE_ID%`: spans\n"
                       "are reported to no collector.\n"
                       "\n"
                       "| message | supported | accepted, changes nothing | refused when set |\n"
                       "| --- | --- | --- | --- |\n";
    const std::vector<dataplane::KnownField> fields = dataplane::knownFields();
    for (auto begin = fields.begin(); begin != fields.end();) {
        const auto end = std::find_if(begin, fields.end(),
                                      [&](const auto &field) { return field.message != begin->message; });
        text += row(begin->message, {begin, end});
        begin = end;
    }
    return text;
}

} // namespace sallyport::gateway
