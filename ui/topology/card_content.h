// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"
#include "ui/topology/chain_model.h"

#include <vector>

/// What a workload's card says, and in which colours; how that is drawn is CardItem's business.
namespace sallyport::topology {

/// What a card says of its workload's role, and by which icon.
QString roleText(const ChainNode &node);
QString roleIcon(const ChainNode &node);
/// `cluster.local/ns/default/sa/sleep` → `ns/default/sa/sleep`: the lane says the trust domain.
QString shortIdentity(const ChainNode &node);
QString stateIcon(const NodeLife &life);
theme::Role stateRole(const NodeLife &life);

/// A line of a card.
struct CardRow
{
    QString label;
    QString value;
    theme::Role role = theme::Role::Text;
};

/// The numbers of a workload's proxy and the end of its certificate.
std::vector<CardRow> cardRows(const ChainModel &model, const ChainNode &node);

/// All of it in words, for the tooltip.
QString cardDescription(const ChainModel &model, const ChainNode &node);

} // namespace sallyport::topology
