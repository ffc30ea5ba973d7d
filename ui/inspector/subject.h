// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"
#include "ui/session/selection.h"
#include "ui/theme/theme.h"
#include "ui/topology/chain.h"

namespace sallyport::inspector {

/// A short word on the head of the inspector.
struct SubjectChip
{
    theme::Role role = theme::Role::TextMuted;
    QString icon;
    QString text;
    QString why; ///< a sentence for its tip; may be empty
    bool operator==(const SubjectChip &) const = default;
};

/// What the inspector is about: the selected thing in words, and the resources that make it.
struct Subject
{
    enum class Kind { None, Node, Hop, Resource, Request };
    Kind kind = Kind::None;
    QString title;  ///< `Hop 2`
    QString detail; ///< `istio-egressgateway → test.com:443`
    std::vector<SubjectChip> chips;
    std::vector<topology::ResourceLink> resources; ///< the one that decides most first
    std::vector<topology::HopFlag> flags;
    QString node;                             ///< Node: the card's full name
    std::optional<session::HopSelection> hop; ///< Hop, and of a Request the hop that it ended at
    bool operator==(const Subject &) const;
};

/// What is known of a request in the table, for the head of the inspector.
struct RequestFacts
{
    QString title; ///< `GET test.com/status/418`
    int status = 0;
    QString sentence; ///< who decided it, `restrict-test-client @ istio-ingressgateway`
    std::optional<session::ResourceSelection> decided;
};

/// `request` belongs to the selection if that is a request.
Subject subjectOf(const session::SelectedThing &thing, const topology::Chain &chain,
                  const model::Project *project, const std::optional<RequestFacts> &request = {});

/// The resource that is selected; null if the project has none there.
const model::Resource *resourceOf(const model::Project &project, const session::ResourceSelection &where);

} // namespace sallyport::inspector
