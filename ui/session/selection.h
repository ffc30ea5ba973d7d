// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project_edit.h"

#include <QObject>
#include <QString>
#include <optional>
#include <variant>

namespace sallyport::session {

/// A card on the canvas: a workload (all of its instances) or a host outside of every mesh.
struct NodeSelection
{
    QString name; ///< full name, `primary:default/sleep`
    bool operator==(const NodeSelection &) const = default;
};

/// A hop between two cards.
struct HopSelection
{
    QString from; ///< full names
    QString to;
    QString cluster; ///< `outbound|443||test.com`, as the sender's log says
    bool operator==(const HopSelection &) const = default;
};

/// One resource of the project's YAML, perhaps a field of it.
struct ResourceSelection
{
    QString file; ///< below the project folder
    int document = 0;
    int listItem = -1;
    QString fieldPath; ///< `spec.http[0].timeout`; empty: the resource
    bool operator==(const ResourceSelection &) const = default;
};

/// One request of the traffic table, by its x-request-id.
struct RequestSelection
{
    QString requestId;
    bool operator==(const RequestSelection &) const = default;
};

/// An imported credential.
struct CredentialSelection
{
    QString mesh;
    QString nameSpace;
    QString name;
    bool operator==(const CredentialSelection &) const = default;
};

using SelectedThing = std::variant<std::monostate, NodeSelection, HopSelection, ResourceSelection,
                                   RequestSelection, CredentialSelection>;

/// The one selection of the window: whatever shows things follows it, whatever can be clicked sets it.
class Selection : public QObject
{
    Q_OBJECT

public:
    explicit Selection(QObject *parent = nullptr)
        : QObject(parent)
    {
    }

    const SelectedThing &current() const { return m_current; }
    void set(SelectedThing thing)
    {
        if (thing == m_current)
            return;
        m_current = std::move(thing);
        Q_EMIT changed(m_current);
    }
    void clear() { set(std::monostate()); }
    template<typename Kind>
    const Kind *as() const
    {
        return std::get_if<Kind>(&m_current);
    }

Q_SIGNALS:
    void changed(const sallyport::session::SelectedThing &thing);

private:
    SelectedThing m_current;
};

} // namespace sallyport::session
