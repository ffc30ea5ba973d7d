// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <map>
#include <string>
#include <vector>

namespace sallyport::lab {

/// What program a process of the lab runs.
enum class ProcessKind {
    Gateway, ///< a data plane: `sallyport-gateway -c FILE` or `envoy -c FILE`
    Httpbin, ///< an application: `sallyport-httpbin --listen ADDR:PORT…`
};

/// An address of this machine that a process binds, or that somebody connects to.
struct SocketAddress
{
    std::string address; ///< an IPv4 or IPv6 literal
    int port = 0;        ///< 0 in an optional address means "there is none"

    bool isSet() const { return port != 0; }
    /// `address:port`
    std::string toString() const { return address + ':' + std::to_string(port); }
    auto operator<=>(const SocketAddress &) const = default;
};

/// A file that must be in the run folder before the process starts. Contents may be key material: never log
/// them.
struct PlannedFile
{
    std::string path; ///< absolute, inside LabPlan::runFolder; its folder is made with mode 0700
    QByteArray
        content; ///< written to `path` through a temporary file and rename, so that a watcher sees it whole
    int mode = 0644; ///< 0600 for keys and secrets
    bool operator==(const PlannedFile &) const = default;
};

/// One address that a process listens on, and what the mesh calls it.
struct ListenAddress
{
    SocketAddress at; ///< what is bound on this machine
    std::string name; ///< `mesh:namespace/workload:port`, with the port as the mesh knows it
    bool tls = false; ///< an application port that speaks TLS itself (httpbin's 443 and 8443)
    bool operator==(const ListenAddress &) const = default;
};

/// One process of the lab. Everything in it is plain data: the supervisor needs no Istio.
struct Process
{
    std::string
        name; ///< full name of the workload instance, `mesh:namespace/name` or `…#1`; httpbin: the same
    std::string id; ///< unique among the plan's processes and fit for a file name
    ProcessKind kind = ProcessKind::Gateway;
    bool sidecar = false; ///< Gateway only: beside an application (false: a gateway pod)

    /// Gateway: where the bootstrap is written (JSON) and its text. Empty for httpbin.
    std::string bootstrapPath;
    QByteArray bootstrap;

    int concurrency = 1;            ///< Gateway: worker threads
    std::vector<PlannedFile> files; ///< SDS documents, keys, certificates; rewritten in place on rotation
    std::vector<ListenAddress>
        listen;          ///< what it serves; ready when all of them accept (gateways: and /ready says LIVE)
    SocketAddress admin; ///< Gateway: the admin listener
    SocketAddress outbound;    ///< sidecar: takes the application's connections with a PROXY v2 header
    std::string accessLogPath; ///< Gateway: the file that all of its access logs go to; empty: logging is off
    std::string accessLogFormat; ///< the format string of a text log; empty: one JSON object per line

    /// httpbin: certificate and key (PEM files, absolute) of the ports that speak TLS; empty if none does.
    std::string tlsCertificatePath;
    std::string tlsKeyPath;
    std::string logPath; ///< standard output and standard error
    bool operator==(const Process &) const = default;
};

/// A workload instance as `send`, `curl -x` and the console address it.
struct Instance
{
    std::string name;       ///< full name
    std::string mesh;       ///< the mesh's name
    std::string nameSpace;  ///< its Kubernetes namespace
    std::string address;    ///< its own loopback address
    bool gateway = false;   ///< a gateway pod
    bool sidecar = false;   ///< an application with a sidecar
    SocketAddress outbound; ///< where its connections go in (PROXY v2), if it has a sidecar
    SocketAddress
        forward; ///< the forward proxy that stands for the application (`curl -x`); gateways have none
    std::string gatewayId; ///< Process::id of its data plane; empty if it has none
    std::string httpbinId; ///< Process::id of its application; empty for clients
    bool operator==(const Instance &) const = default;
};

/// What kube-proxy would do: where connections to a Service's address really go.
struct Route
{
    SocketAddress seen; ///< what an application or a proxy of the mesh connects to; nothing else binds it
    std::vector<SocketAddress> actual; ///< the pods' ports on this machine
    bool operator==(const Route &) const = default;
};

/// A place where bytes between workloads are looked at: connections to `seen` go on to `actual`, a pod's
/// port, from the client's own address.
struct Tap
{
    SocketAddress seen;
    SocketAddress actual;
    bool operator==(const Tap &) const = default;
};

/// Answers the data planes of one mesh about names that come with a request and are looked up while they run
/// (dynamic forward proxies): what the cluster's DNS would do.
struct NameServer
{
    SocketAddress at;                                          ///< UDP
    std::map<std::string, std::vector<std::string>> addresses; ///< name → addresses of this machine
    bool operator==(const NameServer &) const = default;
};

/// How addresses of the mesh (pods, Services, load balancers) lie on this machine's loopback network. A
/// pod's lab address has as many characters as its mesh address, so that bodies that show addresses keep
/// their length.
struct Overlay
{
    std::map<std::string, std::string> toLab; ///< mesh address → loopback address
    std::map<std::string, std::string> toMesh; ///< loopback address → the pod's or Service's own mesh address
    std::string nowhere;  ///< stands for every address that the project does not have: nothing listens
    int lowPortShift = 0; ///< added to ports below `firstFreePort`, where low ports cannot be bound
    int firstFreePort = 0;

    int labPort(int meshPort) const { return meshPort < firstFreePort ? meshPort + lowPortShift : meshPort; }
    int meshPort(int labPort) const
    {
        const int original = labPort - lowPortShift;
        return lowPortShift > 0 && original > 0 && original < firstFreePort ? original : labPort;
    }
    bool operator==(const Overlay &) const = default;
};

/// Names as the applications of one mesh see them.
struct MeshNames
{
    std::string domain;                                    ///< `cluster.local`
    std::map<std::string, std::vector<std::string>> hosts; ///< FQDN of a Service → its addresses in the mesh
    bool operator==(const MeshNames &) const = default;
};

/// What runs where on this machine: computed from a project, run by a supervisor. No key in it leaves the run
/// folder.
struct LabPlan
{
    std::string projectPath; ///< canonical
    std::string runFolder;   ///< 0700, one per project
    std::vector<Process> processes;
    std::vector<Instance> instances;
    std::vector<Route> routes;
    std::vector<Tap> taps;               ///< only where the plan asked for them
    std::vector<NameServer> nameServers; ///< one a mesh
    std::vector<SocketAddress>
        reserved; ///< bound by the supervisor while the lab runs: no second lab takes these addresses

    Overlay overlay;
    /// Loopback address → `mesh:namespace/workload`: whose address shows in a log.
    std::map<std::string, std::string> names;
    /// Every `ip:port` of this machine that is likely to show in an access log →
    /// `mesh:namespace/workload:port`.
    std::map<std::string, std::string> addresses;
    /// `.sallyport/hosts`: name → addresses of the mesh. Holds for all meshes, after the mesh's own names.
    std::map<std::string, std::vector<std::string>> hosts;
    std::map<std::string, MeshNames> meshes; ///< by mesh name
    /// What the plan had to leave out or change, one sentence each (a credential without a Secret, a moved
    /// port).
    std::vector<std::string> notes;
};

/// Files of a run folder.
namespace layout {
inline constexpr const char *state =
    "lab.json"; ///< LabPlan without keys and bootstraps, for `send` and the console
inline constexpr const char *bootstraps = "bootstrap"; ///< ID.json
inline constexpr const char *secrets = "sds";          ///< ID/NAME.json (0600)
inline constexpr const char *logs = "log";             ///< ID.access.log, ID.log
inline constexpr const char *control = "control";      ///< sockets of the gateways
inline constexpr const char *applications = "app";     ///< certificates of httpbin's TLS ports
} // namespace layout

} // namespace sallyport::lab
