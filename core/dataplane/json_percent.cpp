// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, FractionalPercent &m)
{
    a.message("envoy.type.v3.FractionalPercent");
    a.field("numerator", m.numerator);
    a.word("denominator", m.denominator, {"HUNDRED", "TEN_THOUSAND", "MILLION"});
}
SALLYPORT_DESCRIBED(FractionalPercent)

template<typename A>
void describe(A &a, RuntimeFractionalPercent &m)
{
    a.message("envoy.config.core.v3.RuntimeFractionalPercent");
    a.field("default_value", m.defaultValue);
    a.field("runtime_key", m.runtimeKey);
}
SALLYPORT_DESCRIBED(RuntimeFractionalPercent)

template<typename A>
void describePercentField(A &a, const char *name, double &percent, double standard)
{
    if (A::reading || percent != standard) {
        a.group(
            name,
            [&](A &inner) {
                if constexpr (A::reading)
                    percent = 0;
                inner.field("value", percent);
            },
            true);
    }
}
template void describePercentField(JsonReader &, const char *, double &, double);
template void describePercentField(JsonWriter &, const char *, double &, double);

} // namespace sallyport::dataplane
