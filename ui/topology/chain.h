// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compile/compile.h"
#include "core/lab/address_plan.h"
#include "core/model/project.h"
#include "ui/session/selection.h"

#include <QDateTime>
#include <QString>
#include <QStringList>
#include <vector>

/// The picture of a project: which workloads talk to which, as the compiled bootstraps say. Values only; no
/// widget, no network.
namespace sallyport::topology {

/// A resource of the YAML that has a part in something, for selecting it.
struct ResourceLink
{
    QString title; ///< `DestinationRule originate-mtls-for-test-com`
    session::ResourceSelection where;
    bool operator==(const ResourceLink &) const = default;
};

/// An AuthorizationPolicy in force at a workload.
struct PolicyMark
{
    QString action; ///< DENY, ALLOW, AUDIT, CUSTOM
    QString name;   ///< `istio-system/restrict-test-client`
    bool dryRun = false;
    ResourceLink resource;
    bool operator==(const PolicyMark &) const = default;
};

/// What stands at one place of the chain.
enum class NodeRole {
    Sidecar,     ///< an application with a sidecar
    Gateway,     ///< a gateway pod
    Application, ///< an application without a proxy
    External,    ///< a host outside of every mesh of the project
};

/// A certificate that the project gives to a workload.
struct GivenCertificate
{
    QString credential; ///< `test.client`
    QString subject;
    QDateTime notAfter; ///< invalid: the credential is missing
    bool operator==(const GivenCertificate &) const = default;
};

/// A workload, all of its instances.
struct ChainNode
{
    QString name;  ///< full name, `primary:default/sleep`; an external host: its own name
    QString title; ///< `sleep`
    QString mesh;
    QString nameSpace;
    NodeRole role = NodeRole::Sidecar;
    QString identity;   ///< `cluster.local/ns/default/sa/sleep`; empty without a proxy
    QStringList places; ///< where it is reached from outside, `203.0.113.10:443`
    int replicas = 1;
    bool client = false;      ///< requests begin here
    bool server = false;      ///< its application answers (httpbin)
    bool reached = false;     ///< on the way of some request
    QStringList refusedHosts; ///< hosts that its own proxy answers with an error: `other.com: 502`
    std::vector<PolicyMark> policies;
    std::vector<GivenCertificate> certificates; ///< servers' credentials of a gateway
    ResourceLink resource;                      ///< its Deployment
    bool operator==(const ChainNode &) const = default;
};

/// How a hop is secured.
enum class HopKind {
    MeshMtls,       ///< both ends show a mesh identity
    OriginatedMtls, ///< TLS with a client certificate that the project gives
    Tls,            ///< TLS, the client shows nothing
    Plaintext,
};

/// Something about a hop that a person should look at.
struct HopFlag
{
    QString text;        ///< `server name not verified`
    QString why;         ///< a sentence
    bool broken = false; ///< nothing can pass
    bool operator==(const HopFlag &) const = default;
};

/// One cluster's connections from one workload to another.
struct ChainHop
{
    QString from; ///< full names
    QString to;
    QString cluster;  ///< `outbound|443||test.com`; `-` where an application connects by itself
    QString statName; ///< the cluster's name in statistics, `outbound|443||test.com;`
    int number = 0;   ///< counted from 1 along the way
    HopKind kind = HopKind::Plaintext;
    int port = 0; ///< of the receiver, as the mesh knows it
    QString sni;
    QString clientCredential;  ///< OriginatedMtls: `test.client`
    QDateTime clientNotAfter;  ///< of that credential's certificate
    QStringList verifiedNames; ///< what the server's certificate must be for
    QStringList hosts;         ///< which hosts' requests pass here
    bool crossesMeshes = false;
    std::vector<HopFlag> flags;          ///< what is broken comes first
    std::vector<ResourceLink> resources; ///< that make it, the most telling first
    bool operator==(const ChainHop &) const = default;

    session::HopSelection selection() const { return {from, to, cluster}; }
    bool isBroken() const { return !flags.empty() && flags.front().broken; }
};

/// A lane of the picture.
struct ChainMesh
{
    QString name;
    QString trustDomain;
    bool operator==(const ChainMesh &) const = default;
};

/// The project's workloads and the hops between them.
struct Chain
{
    std::vector<ChainMesh> meshes; ///< in the project's order
    std::vector<ChainNode> nodes;  ///< clients first, then in the order of the way
    std::vector<ChainHop> hops;    ///< in the order of their numbers
    bool operator==(const Chain &) const = default;

    const ChainNode *findNode(const QString &name) const;
    const ChainHop *findHop(const session::HopSelection &hop) const;
};

/// Follows what HTTP requests of the project's client applications can do: from each client to every host
/// that it may know (`.sallyport/hosts`, ServiceEntries, VirtualServices, Services), through routes, clusters
/// and endpoints, to the workload at the other end, and on from there. `compiled` and `addresses` belong to
/// `project`. May take some milliseconds: not for the GUI thread.
Chain chainOf(const model::Project &project, const compile::CompiledProject &compiled,
              const lab::AddressPlan &addresses);

/// `DestinationRule default/x` as a link.
ResourceLink linkTo(const model::Resource &resource);

/// `mesh mTLS`, `mTLS`, `TLS`, `PLAINTEXT`
QString shortName(HopKind kind);

/// The workload of an instance: `primary:default/sleep#1` → `primary:default/sleep`.
QString workloadOf(const QString &instance);

} // namespace sallyport::topology
