// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/topology/chain.h"
#include "ui/topology/chain_layout.h"

namespace sallyport::topology {

enum class Step { Onward, Back, Up, Down };

/// Where an arrow key leads on the picture: onward and back along the way, workload, hop, workload; up and
/// down to the nearest workload, or among the hops of one sender. From nothing to the first workload.
session::SelectedThing stepFrom(const session::SelectedThing &thing, Step step, const Chain &chain,
                                const ChainLayout &layout);

} // namespace sallyport::topology
