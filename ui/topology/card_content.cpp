// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/card_content.h"

#include <QCoreApplication>
#include <QLocale>

namespace sallyport::topology {

namespace {

using theme::Role;

struct Card
{
    Q_DECLARE_TR_FUNCTIONS(CardItem)
};

QString requestsText(const Flow &flow)
{
    const QString rate = rateText(flow.perSecond);
    const QString total = QLocale().toString(flow.requests);
    return rate.isEmpty() ? total : total + QStringLiteral("  ·  ") + rate;
}

} // namespace

QString roleText(const ChainNode &node)
{
    switch (node.role) {
    case NodeRole::Sidecar:
        return node.client ? Card::tr("client · sidecar") : Card::tr("server · sidecar");
    case NodeRole::Gateway:
        return Card::tr("gateway");
    case NodeRole::Application:
        return Card::tr("no proxy");
    case NodeRole::External:
        return Card::tr("outside");
    }
    return {};
}

QString roleIcon(const ChainNode &node)
{
    switch (node.role) {
    case NodeRole::Sidecar:
        return QStringLiteral("sidecar");
    case NodeRole::Gateway:
        return QStringLiteral("gateway");
    case NodeRole::Application:
        return QStringLiteral("application");
    case NodeRole::External:
        return QStringLiteral("globe");
    }
    return {};
}

QString shortIdentity(const ChainNode &node)
{
    if (node.role == NodeRole::Gateway && !node.places.isEmpty())
        return node.places.join(QStringLiteral(", "));
    const qsizetype slash = node.identity.indexOf(QLatin1Char('/'));
    if (slash >= 0)
        return node.identity.mid(slash + 1);
    return node.nameSpace.isEmpty() ? Card::tr("no workload of this project") : node.nameSpace;
}

QString stateIcon(const NodeLife &life)
{
    if (life.processes == 0)
        return QStringLiteral("ring");
    switch (life.state) {
    case control::NodeState::Ready:
        return QStringLiteral("disc");
    case control::NodeState::Exited:
    case control::NodeState::Failed:
        return QStringLiteral("error");
    default:
        return QStringLiteral("ring");
    }
}

Role stateRole(const NodeLife &life)
{
    if (life.processes == 0)
        return Role::TextFaint;
    switch (life.state) {
    case control::NodeState::Ready:
        return Role::Good;
    case control::NodeState::Exited:
    case control::NodeState::Failed:
        return Role::Bad;
    case control::NodeState::Starting:
        return Role::Accent;
    default:
        return Role::TextFaint;
    }
}

std::vector<CardRow> cardRows(const ChainModel &model, const ChainNode &node)
{
    const Flow flow = model.flowAt(node);
    const bool running = model.isLabRunning();
    const QString nothing = QStringLiteral("–");
    std::vector<CardRow> rows;
    rows.push_back({Card::tr("requests"), running ? requestsText(flow) : nothing,
                    running ? Role::Text : Role::TextFaint});
    const Role errors = !running || flow.errorShare < 0 ? Role::TextFaint
                        : flow.errorShare == 0          ? Role::Good
                                                        : Role::Warning;
    rows.push_back({Card::tr("errors"), running ? shareText(flow.errorShare) : nothing, errors});
    if (!node.policies.empty()) {
        const QString rate = rateText(flow.deniedPerSecond);
        const QString denied =
            QLocale().toString(flow.denied) + (rate.isEmpty() ? QString() : QStringLiteral("  ·  ") + rate);
        rows.push_back({Card::tr("denied"), running ? denied : nothing,
                        !running          ? Role::TextFaint
                        : flow.denied > 0 ? Role::Warning
                                          : Role::Text});
    }
    rows.push_back({Card::tr("p99"), running ? durationText(flow.p99Ms) : nothing,
                    running && flow.p99Ms >= 0 ? Role::Text : Role::TextFaint});
    CardRow certificate{Card::tr("certificate"), nothing, Role::TextFaint};
    const QDateTime own = model.certificateEnd(node);
    if (!node.certificates.empty()) {
        const GivenCertificate &given = node.certificates.front();
        certificate.label = given.credential;
        certificate.value = given.notAfter.isValid() ? remainingText(given.notAfter) : Card::tr("missing");
        const bool soon = given.notAfter < QDateTime::currentDateTimeUtc().addDays(14);
        certificate.role = !given.notAfter.isValid() ? Role::Bad : soon ? Role::Warning : Role::Text;
    } else if (own.isValid()) {
        certificate.value = remainingText(own);
        certificate.role = own < QDateTime::currentDateTimeUtc().addSecs(3600) ? Role::Warning : Role::Text;
    }
    rows.push_back(certificate);
    return rows;
}

QString cardDescription(const ChainModel &model, const ChainNode &node)
{
    QString text = node.name;
    if (!node.identity.isEmpty())
        text += QLatin1Char('\n') + QStringLiteral("spiffe://") + node.identity;
    if (node.replicas > 1)
        text += QLatin1Char('\n') + Card::tr("%1 instances").arg(node.replicas);
    const NodeLife life = model.lifeOf(node);
    if (!life.reason.isEmpty())
        text += QLatin1Char('\n') + life.reason;
    for (const PolicyMark &policy : node.policies)
        text += QLatin1Char('\n') + policy.action + QLatin1Char(' ') + policy.name +
                (policy.dryRun ? Card::tr(" (dry run)") : QString());
    for (const GivenCertificate &certificate : node.certificates) {
        text += QLatin1Char('\n') + Card::tr("Serves %1").arg(certificate.credential);
        text += certificate.notAfter.isValid()
                    ? Card::tr(", good for %1").arg(remainingText(certificate.notAfter))
                    : Card::tr(", which is missing");
    }
    if (!node.refusedHosts.isEmpty())
        text += QLatin1Char('\n') +
                Card::tr("Refused here: %1").arg(node.refusedHosts.join(QStringLiteral(", ")));
    if (!node.reached && !node.client)
        text += QLatin1Char('\n') + Card::tr("No request of this project's clients comes here.");
    return text;
}

} // namespace sallyport::topology
