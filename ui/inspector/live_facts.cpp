// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/live_facts.h"

#include "ui/traffic/tls_failure.h"

#include <QCoreApplication>
#include <QLocale>

namespace sallyport::inspector {

namespace {

using control::NodeState;
using theme::Role;

constexpr int soonHours = 1; ///< workload certificates are renewed at half of their validity

QString tr(const char *text)
{
    return QCoreApplication::translate("LiveFacts", text);
}

LiveFact stateFact(const control::NodeStatus &status)
{
    const QString label = tr("state");
    switch (status.state) {
    case NodeState::Ready:
        return {label, tr("ready"), Role::Good, QStringLiteral("disc")};
    case NodeState::Starting:
        return {label, tr("starting"), Role::TextMuted, QStringLiteral("clock")};
    case NodeState::Stopping:
        return {label, tr("draining"), Role::TextMuted, QStringLiteral("clock")};
    case NodeState::Stopped:
        return {label, tr("stopped"), Role::TextMuted, QStringLiteral("ring")};
    case NodeState::Exited:
        return {label, status.reason.isEmpty() ? tr("ended") : status.reason, Role::Bad,
                QStringLiteral("cross")};
    case NodeState::Failed:
        return {label, status.reason.isEmpty() ? tr("failed") : status.reason, Role::Bad,
                QStringLiteral("cross")};
    }
    return {};
}

QString count(qint64 number)
{
    return QLocale().toString(number);
}

void addFlow(LiveGroup &group, const topology::Flow &flow)
{
    const QString rate = topology::rateText(flow.perSecond);
    group.facts.push_back({tr("rate"), rate.isEmpty() ? tr("nothing passes now") : rate, Role::Text, {}});
    group.facts.push_back({tr("requests"), count(flow.requests), Role::Text, {}});
    if (flow.errorShare >= 0)
        group.facts.push_back({tr("errors"), topology::shareText(flow.errorShare),
                               flow.errorShare > 0 ? Role::Warning : Role::Good,
                               flow.errorShare > 0 ? QStringLiteral("warning") : QStringLiteral("check")});
    if (flow.denied > 0)
        group.facts.push_back({tr("denied"), count(flow.denied), Role::Warning, QStringLiteral("shield")});
    if (flow.p50Ms >= 0)
        group.facts.push_back(
            {tr("latency"),
             tr("p50 %1 · p99 %2")
                 .arg(topology::durationText(flow.p50Ms), topology::durationText(flow.p99Ms)),
             Role::Text,
             {}});
}

void addProcess(std::vector<LiveGroup> &groups, const control::NodeStatus &status, const lab::LabPlan *plan,
                const LiveRecord &record, const QDateTime &now)
{
    LiveGroup &group = groups.emplace_back();
    group.title = status.process.endsWith(QLatin1String(".app")) ? tr("Application") : tr("Proxy");
    if (const int at = static_cast<int>(status.proxy.indexOf(QLatin1Char('#'))); at >= 0)
        group.title += QLatin1Char(' ') + status.proxy.mid(at);
    group.facts.push_back(stateFact(status));
    if (status.pid > 0)
        group.facts.push_back({tr("process"), QString::number(status.pid), Role::Text, {}});
    const ProcessRecord process = record.process(status.process);
    if (process.since.isValid())
        group.facts.push_back({tr("up"), ageText(process.since.secsTo(now)), Role::Text, {}});
    if (process.restarts > 0)
        group.facts.push_back(
            {tr("restarts"), QString::number(process.restarts), Role::Warning, QStringLiteral("refresh")});
    for (const lab::Process &planned : plan ? plan->processes : std::vector<lab::Process>()) {
        if (QString::fromStdString(planned.id) != status.process)
            continue;
        for (const lab::ListenAddress &address : planned.listen) {
            const QString name = QString::fromStdString(address.name);
            group.facts.push_back(
                {tr("listens"),
                 tr("port %1 at %2")
                     .arg(name.section(QLatin1Char(':'), -1), QString::fromStdString(address.at.toString())),
                 Role::Text,
                 {}});
        }
        if (planned.admin.isSet())
            group.facts.push_back(
                {tr("admin"), QString::fromStdString(planned.admin.toString()), Role::Text, {}});
    }
}

LiveFact certificateFact(const session::NodeCertificate &certificate, const QDateTime &now)
{
    const qint64 hours = now.secsTo(certificate.notAfter) / 3600;
    const bool expired = certificate.notAfter <= now;
    const bool soon = hours < soonHours;
    LiveFact fact;
    fact.label = certificate.authority                            ? tr("trusts")
                 : certificate.secret == QLatin1String("default") ? tr("identity")
                                                                  : tr("credential");
    fact.value = tr("%1 · %2").arg(certificate.identity, topology::remainingText(certificate.notAfter));
    fact.role = expired ? Role::Bad : soon ? Role::Warning : Role::Text;
    fact.icon = expired ? QStringLiteral("cross") : soon ? QStringLiteral("clock") : QString();
    return fact;
}

QString timeText(const QDateTime &when, const QDateTime &now)
{
    return tr("%1 ago").arg(ageText(when.secsTo(now)));
}

void addHandshakes(std::vector<LiveGroup> &groups, const topology::ChainHop &hop,
                   const HandshakeCounts &counts)
{
    LiveGroup &group = groups.emplace_back();
    group.title = tr("Handshakes");
    if (hop.kind == topology::HopKind::Plaintext) {
        group.facts.push_back(
            {tr("protocol"), tr("none: plaintext"), Role::Plaintext, QStringLiteral("lock-open")});
        return;
    }
    if (!counts.versions.isEmpty()) {
        QString text = counts.versions.front();
        text.replace(QLatin1String("TLSv"), QLatin1String("TLS "));
        if (!counts.ciphers.isEmpty())
            text += QStringLiteral(" · ") + counts.ciphers.front();
        group.facts.push_back({tr("protocol"), text, Role::Text, {}});
    }
    if (!hop.sni.isEmpty())
        group.facts.push_back({tr("server name"), hop.sni, Role::Text, {}});
    if (!hop.clientCredential.isEmpty())
        group.facts.push_back(
            {tr("client"),
             hop.clientNotAfter.isValid()
                 ? tr("%1 · %2").arg(hop.clientCredential, topology::remainingText(hop.clientNotAfter))
                 : tr("%1 is missing").arg(hop.clientCredential),
             hop.clientNotAfter.isValid() ? Role::Text : Role::Bad,
             hop.clientNotAfter.isValid() ? QString() : QStringLiteral("cross")});
    const bool named = !hop.verifiedNames.isEmpty() || hop.kind == topology::HopKind::MeshMtls;
    group.facts.push_back({tr("verified"),
                           named ? tr("chain and name: %1").arg(hop.verifiedNames.join(QStringLiteral(", ")))
                                 : tr("chain only, no name asked for"),
                           named ? Role::Good : Role::Warning,
                           named ? QStringLiteral("check") : QStringLiteral("flag")});
    group.facts.push_back({tr("made"),
                           tr("%1, %2 of them resumed").arg(count(counts.handshakes), count(counts.resumed)),
                           Role::Text,
                           {}});
    group.facts.push_back({tr("failed"),
                           counts.notVerified > 0 ? tr("%1, %2 because of the server's certificate")
                                                        .arg(count(counts.errors), count(counts.notVerified))
                                                  : count(counts.errors),
                           counts.errors > 0 ? Role::Bad : Role::Text,
                           counts.errors > 0 ? QStringLiteral("cross") : QString()});
}

} // namespace

std::vector<LiveGroup> liveOf(const topology::ChainNode &node, const topology::Flow &flow,
                              const QList<control::NodeStatus> &processes,
                              const QList<session::NodeCertificate> &certificates, const lab::LabPlan *plan,
                              const LiveRecord &record, const QDateTime &now)
{
    std::vector<LiveGroup> groups;
    for (const control::NodeStatus &status : processes)
        addProcess(groups, status, plan, record, now);
    if (node.role == topology::NodeRole::Sidecar || node.role == topology::NodeRole::Gateway) {
        LiveGroup served;
        served.title = tr("Served");
        addFlow(served, flow);
        groups.push_back(std::move(served));
    }
    LiveGroup held;
    held.title = tr("Certificates");
    for (const control::NodeStatus &status : processes) {
        for (const session::NodeCertificate &certificate : certificates) {
            const LiveFact fact = certificateFact(certificate, now);
            const bool known = std::find(held.facts.begin(), held.facts.end(), fact) != held.facts.end();
            if (certificate.process == status.process && !known)
                held.facts.push_back(fact);
        }
    }
    if (!held.facts.empty())
        groups.push_back(std::move(held));
    return groups;
}

std::vector<LiveGroup> liveOf(const topology::ChainHop &hop, const topology::HopLife &life,
                              const LiveRecord &record, const QDateTime &now)
{
    std::vector<LiveGroup> groups;
    LiveGroup &passes = groups.emplace_back();
    passes.title = tr("Passing");
    if (!life.downText.isEmpty())
        passes.facts.push_back({tr("state"), life.downText, Role::Bad, QStringLiteral("error")});
    addFlow(passes, life.flow);
    addHandshakes(groups, hop, record.handshakes(hop.from, hop.statName));
    if (const LastSeen *last = record.last(hop.from, hop.cluster)) {
        LiveGroup &group = groups.emplace_back();
        group.title = tr("Last request");
        const QString status =
            last->status.isEmpty() || last->status == QLatin1String("0") ? tr("no answer") : last->status;
        const bool bad = status.toInt() == 0 || status.toInt() >= 500;
        group.facts.push_back({tr("answer"),
                               last->flags.isEmpty() ? status : status + QLatin1Char(' ') + last->flags,
                               bad ? Role::Bad : Role::Text, bad ? QStringLiteral("cross") : QString()});
        if (!last->server.isEmpty())
            group.facts.push_back({tr("server"), last->server, Role::Text, {}});
        group.facts.push_back({tr("when"), timeText(last->when, now), Role::Text, {}});
    }
    if (const LastSeen *failure = record.lastFailure(hop.from, hop.cluster)) {
        LiveGroup &group = groups.emplace_back();
        group.title = tr("Last TLS error");
        const auto words = traffic::explainTransportFailure(failure->failure);
        if (words)
            group.facts.push_back({tr("what"), words->cause, Role::Bad, QStringLiteral("cross")});
        group.facts.push_back({tr("in full"), failure->failure, Role::Text, {}});
        group.facts.push_back({tr("when"), timeText(failure->when, now), Role::Text, {}});
    }
    return groups;
}

QString ageText(qint64 seconds)
{
    seconds = std::max<qint64>(seconds, 0);
    if (seconds < 60)
        return tr("%1 s").arg(seconds);
    if (seconds < 3600)
        return tr("%1 min").arg(seconds / 60);
    return tr("%1 h %2 min").arg(seconds / 3600).arg(seconds % 3600 / 60);
}

} // namespace sallyport::inspector
