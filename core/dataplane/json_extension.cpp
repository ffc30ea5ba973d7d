// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include <algorithm>

namespace sallyport::dataplane {

template<typename A>
void describeNeutralExtension(A &a, const char *name, std::initializer_list<const char *> types)
{
    if constexpr (A::reading) {
        a.group(name, [&](A &extension) {
            extension.ignored({"name"});
            extension.any("typed_config", [&](A &config, const std::string &type) {
                const bool known = std::find(types.begin(), types.end(), type) != types.end();
                config.check(known || config.state().asked != nullptr, "@type",
                             "this field of Envoy's is not supported by this gateway with such a type");
                config.ignoreRest();
            });
        });
    }
}

template void describeNeutralExtension(JsonReader &, const char *, std::initializer_list<const char *>);
template void describeNeutralExtension(JsonWriter &, const char *, std::initializer_list<const char *>);

} // namespace sallyport::dataplane
