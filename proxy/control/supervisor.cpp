// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/supervisor.h"

#include "core/lab/address_plan.h"
#include "proxy/application/forward_proxy.h"
#include "proxy/application/name_server.h"
#include "proxy/application/service_forwarder.h"
#include "proxy/control/node.h"

#include <QDateTime>
#include <QDir>
#include <QElapsedTimer>
#include <QHostAddress>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTimer>
#include <algorithm>

namespace sallyport::control {

namespace {

constexpr int flushInterval = 100;
constexpr int defaultStatsInterval = 500;
constexpr int stopLimit = 3000;
/// Lines that one flush hands on. More than that in a tenth of a second nobody can look at.
constexpr qsizetype mostEntries = 5000;

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

} // namespace

QString Programs::findEnvoy(const QString &preferred)
{
    if (!preferred.isEmpty())
        return preferred;
    const QString byEnvironment = qEnvironmentVariable("SALLYPORT_ENVOY");
    return byEnvironment.isEmpty() ? QStandardPaths::findExecutable(QStringLiteral("envoy")) : byEnvironment;
}

Supervisor::Supervisor(Programs programs, QObject *parent)
    : QObject(parent)
    , m_programs(std::move(programs))
    , m_flushTimer(new QTimer(this))
    , m_statsTimer(new QTimer(this))
{
    m_flushTimer->setSingleShot(true);
    m_flushTimer->setInterval(flushInterval);
    connect(m_flushTimer, &QTimer::timeout, this, &Supervisor::flush);
    m_statsTimer->setInterval(defaultStatsInterval);
    connect(m_statsTimer, &QTimer::timeout, this, [this] {
        for (const auto &[id, node] : m_nodes)
            node->askStats();
    });
}

Supervisor::~Supervisor()
{
    stop();
}

void Supervisor::setPrograms(const Programs &programs)
{
    if (!m_running)
        m_programs = programs;
}

void Supervisor::setStatsInterval(int milliseconds)
{
    m_statsTimer->setInterval(std::clamp(milliseconds, 200, 1000));
}

Result<lab::AddressBlock> Supervisor::reserve(const std::string &project, std::size_t meshes)
{
    m_reserved.clear();
    for (const lab::AddressBlock &block : lab::candidateBlocks(project, meshes)) {
        m_reserved.clear();
        bool free = true;
        for (const lab::SocketAddress &address : lab::reservations(block, meshes)) {
            m_reserved.push_back(std::make_unique<QTcpServer>());
            free = free && m_reserved.back()->listen(QHostAddress(text(address.address)),
                                                     static_cast<quint16>(address.port));
        }
        if (free)
            return block;
    }
    m_reserved.clear();
    return fail("no block of loopback addresses is free", {}, "stop other labs first");
}

Result<void> Supervisor::start(const lab::LabPlan &plan)
{
    if (m_running)
        return fail("the lab runs already");
    if (auto made = lab::makeRunFolder(plan.runFolder); !made)
        return made;
    auto claim = lab::RunFolderClaim::take(plan.runFolder);
    if (!claim)
        return fail(claim.error());
    m_claim = std::move(*claim);
    m_plan = plan;
    m_running = true;
    m_wasReady = false;
    m_network = std::make_unique<QNetworkAccessManager>();
    m_network->setProxy(QNetworkProxy::NoProxy);
    auto begun = [this]() -> Result<void> {
        // A supervisor that was killed left its files behind.
        if (auto emptied = lab::emptyRunFolder(m_plan.runFolder); !emptied)
            return emptied;
        for (const lab::Process &process : m_plan.processes) {
            if (auto written = writeFiles(process, nullptr); !written)
                return written;
        }
        return listen();
    }();
    if (!begun) {
        stop();
        return begun;
    }
    for (const lab::Process &process : m_plan.processes)
        add(process);
    for (const auto &[id, node] : m_nodes) {
        m_awaited.insert(id);
        node->start();
    }
    m_statsTimer->start();
    return {};
}

Result<void> Supervisor::apply(const lab::LabPlan &plan)
{
    if (!m_running)
        return fail("the lab does not run");
    if (plan.runFolder != m_plan.runFolder)
        return fail("this is the plan of another lab", {plan.runFolder});
    lab::LabPlan before = std::exchange(m_plan, plan);
    if (auto changed = changeFrom(before); !changed) {
        // The next plan is compared with what is surely there.
        m_plan = std::move(before);
        return changed;
    }
    return m_wasReady ? writeState() : Result<void>();
}

Result<void> Supervisor::changeFrom(const lab::LabPlan &before)
{
    const auto of = [](const lab::LabPlan &some, const std::string &id) -> const lab::Process * {
        const auto found = std::find_if(some.processes.begin(), some.processes.end(),
                                        [&id](const lab::Process &process) { return process.id == id; });
        return found == some.processes.end() ? nullptr : &*found;
    };
    for (const lab::Process &process : m_plan.processes) {
        if (auto written = writeFiles(process, of(before, process.id)); !written)
            return written;
    }
    for (auto it = m_nodes.begin(); it != m_nodes.end();) {
        if (of(m_plan, it->first.toStdString())) {
            ++it;
            continue;
        }
        it->second->stop();
        it->second->finish(stopLimit);
        it->second.release()->deleteLater();
        m_awaited.erase(it->first);
        it = m_nodes.erase(it);
    }
    if (auto listening = listen(); !listening)
        return listening;
    for (const lab::Process &process : m_plan.processes) {
        if (Node *node = find(text(process.id))) {
            node->change(process);
            continue;
        }
        add(process);
        find(text(process.id))->start();
    }
    for (const auto &[id, node] : m_nodes) {
        if (node->isStarting())
            m_awaited.insert(id);
    }
    return {};
}

void Supervisor::stop()
{
    if (!m_running)
        return;
    m_statsTimer->stop();
    for (const auto &[id, node] : m_nodes)
        node->stop();
    QElapsedTimer since;
    since.start();
    for (const auto &[id, node] : m_nodes)
        node->finish(std::max(0, stopLimit - static_cast<int>(since.elapsed())));
    flush();
    // One of them may have sent the signal that led here.
    for (auto &[id, node] : m_nodes)
        node.release()->deleteLater();
    m_nodes.clear();
    m_awaited.clear();
    m_services.reset();
    m_names.reset();
    m_forward.reset();
    m_network.reset();
    m_running = false;
    m_wasReady = false;
    QDir(text(m_plan.runFolder)).removeRecursively();
    m_claim.reset();
}

Result<void> Supervisor::listen()
{
    if (!m_services) {
        m_services = std::make_unique<application::ServiceForwarder>();
        m_names = std::make_unique<application::NameServer>();
        m_forward = std::make_unique<application::ForwardProxy>();
    }
    if (auto listening = m_services->setRoutes(m_plan.routes); !listening)
        return listening;
    if (auto listening = m_names->setServers(m_plan.nameServers); !listening)
        return listening;
    return m_forward->setPlan(m_plan);
}

void Supervisor::add(const lab::Process &process)
{
    auto node = std::make_unique<Node>(m_programs, text(m_plan.runFolder), m_network.get(), process);
    Node *own = node.get();
    connect(own, &Node::stateChanged, this, [this, own] { onNodeState(own); });
    connect(own, &Node::lines, this,
            [this, own](const QList<LogLine> &lines, quint64 dropped) { addLines(own, lines, dropped); });
    connect(own, &Node::stats, this,
            [this, own](const StatsSnapshot &snapshot) { addSnapshot(own, snapshot); });
    connect(own, &Node::applied, this, [this, own](const QString &error, const QString &path) {
        Q_EMIT applied(own->id(), error, path);
    });
    connect(own, &Node::problem, this, [this, own](const QString &what) { Q_EMIT problem(own->id(), what); });
    m_nodes.insert_or_assign(own->id(), std::move(node));
}

Node *Supervisor::find(const QString &process) const
{
    const auto found = m_nodes.find(process);
    return found == m_nodes.end() ? nullptr : found->second.get();
}

void Supervisor::startNode(const QString &process)
{
    if (Node *node = find(process))
        node->start();
}

void Supervisor::stopNode(const QString &process)
{
    if (Node *node = find(process))
        node->stop();
}

void Supervisor::killNode(const QString &process)
{
    if (Node *node = find(process))
        node->kill();
}

NodeStatus Supervisor::status(const QString &process) const
{
    const Node *node = find(process);
    return node ? node->status() : NodeStatus();
}

QList<NodeStatus> Supervisor::statuses() const
{
    QList<NodeStatus> all;
    for (const auto &[id, node] : m_nodes)
        all.append(node->status());
    return all;
}

void Supervisor::onNodeState(Node *node)
{
    // Who is told may change the node.
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
    const NodeStatus status = node->status();
    Q_EMIT nodeStateChanged(status);
    if (status.state == NodeState::Failed)
        Q_EMIT failed(status.process + QStringLiteral(": ") + status.reason);
    if (status.state != NodeState::Ready || m_awaited.erase(status.process) == 0 || !m_awaited.empty())
        return;
    m_wasReady = true;
    if (const auto written = writeState(); !written)
        Q_EMIT failed(text(written.error().toString()));
    else
        Q_EMIT ready();
}

void Supervisor::addLines(const Node *node, const QList<LogLine> &lines, quint64 dropped)
{
    const qint64 now = QDateTime::currentMSecsSinceEpoch() * 1000;
    for (const LogLine &line : lines) {
        if (m_entries.size() >= mostEntries) {
            ++dropped;
            continue;
        }
        LogEntry entry;
        entry.process = node->id();
        entry.proxy = node->status().proxy;
        entry.receivedUs = now;
        entry.fields = node->fieldsOf(line);
        m_entries.append(std::move(entry));
    }
    if (dropped > 0)
        m_dropped[node->id()] += dropped;
    flushLater();
}

void Supervisor::addSnapshot(const Node *node, StatsSnapshot snapshot)
{
    snapshot.process = node->id();
    snapshot.proxy = node->status().proxy;
    m_snapshots.append(std::move(snapshot));
    flushLater();
}

void Supervisor::flushLater()
{
    if (!m_flushTimer->isActive())
        m_flushTimer->start();
}

void Supervisor::flush()
{
    const QList<LogEntry> entries = std::exchange(m_entries, {});
    const QList<StatsSnapshot> snapshots = std::exchange(m_snapshots, {});
    const std::map<QString, quint64> dropped = std::exchange(m_dropped, {});
    if (!entries.isEmpty())
        Q_EMIT logEntries(entries);
    for (const auto &[process, count] : dropped)
        Q_EMIT logEntriesDropped(process, count);
    if (!snapshots.isEmpty())
        Q_EMIT statsChanged(snapshots);
}

} // namespace sallyport::control
