// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_schema.h"
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describeStatus(A &a, std::optional<std::uint32_t> &code)
{
    if constexpr (A::reading) {
        const QString name = a.take("code").toString();
        const QHash<QString, int> &numbers =
            ApiSchema::envoy().enumeration("envoy.type.v3.StatusCode")->numbers;
        if (const auto number = numbers.constFind(name); number != numbers.constEnd())
            code = static_cast<std::uint32_t>(*number);
    } else {
        a.field("code", code);
    }
}
template void describeStatus(JsonReader &, std::optional<std::uint32_t> &);
template void describeStatus(JsonWriter &, std::optional<std::uint32_t> &);

} // namespace sallyport::dataplane
