// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "ui/inspector/live_record.h"
#include "ui/session/lab_session.h"
#include "ui/theme/theme.h"
#include "ui/topology/chain_model.h"

namespace sallyport::inspector {

/// One line of the Live tab.
struct LiveFact
{
    QString label;
    QString value;
    theme::Role role = theme::Role::Text;
    QString icon; ///< says the same as a status colour; empty for plain text
    bool operator==(const LiveFact &) const = default;
};

/// Facts under one title.
struct LiveGroup
{
    QString title;
    std::vector<LiveFact> facts;
    bool operator==(const LiveGroup &) const = default;
};

/// What the running lab tells of a card. `node.identity` and certificates only where there is a proxy.
std::vector<LiveGroup> liveOf(const topology::ChainNode &node, const topology::Flow &flow,
                              const QList<control::NodeStatus> &processes,
                              const QList<session::NodeCertificate> &certificates, const lab::LabPlan *plan,
                              const LiveRecord &record, const QDateTime &now);

/// The same of a hop.
std::vector<LiveGroup> liveOf(const topology::ChainHop &hop, const topology::HopLife &life,
                              const LiveRecord &record, const QDateTime &now);

/// `2 min`, `3 h 5 min`
QString ageText(qint64 seconds);

} // namespace sallyport::inspector
