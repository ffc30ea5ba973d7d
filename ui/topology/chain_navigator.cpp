// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/chain_navigator.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sallyport::topology {

namespace {

session::SelectedThing fromNode(const ChainNode &node, Step step, const Chain &chain,
                                const ChainLayout &layout)
{
    if (step == Step::Onward || step == Step::Back) {
        for (const ChainHop &hop : chain.hops) {
            if ((step == Step::Onward ? hop.from : hop.to) == node.name)
                return hop.selection();
        }
        return session::NodeSelection{node.name};
    }
    const QPointF here = layout.cards.value(node.name);
    const double direction = step == Step::Down ? 1 : -1;
    double best = std::numeric_limits<double>::max();
    QString nearest = node.name;
    for (const ChainNode &other : chain.nodes) {
        const QPointF way = layout.cards.value(other.name) - here;
        if (other.name == node.name || way.y() * direction <= 0)
            continue;
        const double distance = std::abs(way.y()) + 2 * std::abs(way.x());
        if (distance < best) {
            best = distance;
            nearest = other.name;
        }
    }
    return session::NodeSelection{nearest};
}

session::SelectedThing fromHop(const ChainHop &hop, Step step, const Chain &chain)
{
    if (step == Step::Onward)
        return session::NodeSelection{hop.to};
    if (step == Step::Back)
        return session::NodeSelection{hop.from};
    std::vector<const ChainHop *> siblings;
    for (const ChainHop &other : chain.hops) {
        if (other.from == hop.from)
            siblings.push_back(&other);
    }
    const auto here = std::find(siblings.begin(), siblings.end(), &hop);
    if (step == Step::Down)
        return std::next(here) == siblings.end() ? hop.selection() : (*std::next(here))->selection();
    return here == siblings.begin() ? hop.selection() : (*std::prev(here))->selection();
}

} // namespace

session::SelectedThing stepFrom(const session::SelectedThing &thing, Step step, const Chain &chain,
                                const ChainLayout &layout)
{
    if (const auto *selected = std::get_if<session::NodeSelection>(&thing)) {
        if (const ChainNode *node = chain.findNode(selected->name))
            return fromNode(*node, step, chain, layout);
    }
    if (const auto *selected = std::get_if<session::HopSelection>(&thing)) {
        if (const ChainHop *hop = chain.findHop(*selected))
            return fromHop(*hop, step, chain);
    }
    if (chain.nodes.empty())
        return std::monostate();
    return session::NodeSelection{chain.nodes.front().name};
}

} // namespace sallyport::topology
