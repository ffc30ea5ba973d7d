// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <tuple>
#include <vector>

namespace sallyport::dataplane {

/// What becomes of a field of Envoy's API in a bootstrap.
enum class FieldUse {
    Supported, ///< it does what Envoy does with it
    Accepted,  ///< it may stand there and changes nothing
    Refused,   ///< the bootstrap is refused if it is set
};

/// A field that some decoder asks for.
struct KnownField
{
    std::string message; ///< `envoy.config.route.v3.RouteAction`; `.group` behind it for a message inside
    std::string name;
    FieldUse use = FieldUse::Supported;

    auto operator<=>(const KnownField &) const = default;
};

/// Every field that the decoders know, by message and name, each once. The decoders themselves are asked.
std::vector<KnownField> knownFields();

} // namespace sallyport::dataplane
