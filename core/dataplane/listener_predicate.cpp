// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/listener.h"

#include <algorithm>

namespace sallyport::dataplane {

bool ListenerPredicate::holds(std::uint32_t destinationPort) const
{
    const auto holdsHere = [destinationPort](const ListenerPredicate &rule) {
        return rule.holds(destinationPort);
    };
    switch (kind) {
    case Kind::None:
        return false;
    case Kind::Or:
        return std::any_of(rules.begin(), rules.end(), holdsHere);
    case Kind::And:
        return std::all_of(rules.begin(), rules.end(), holdsHere);
    case Kind::Not:
        return std::none_of(rules.begin(), rules.end(), holdsHere);
    case Kind::Any:
        return true;
    case Kind::DestinationPorts:
        return destinationPort >= start && destinationPort < end;
    }
    return false;
}

} // namespace sallyport::dataplane
