// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/request_table_model.h"

#include <QCoreApplication>
#include <QDateTime>

namespace sallyport::traffic {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(RequestTable)
};

QString orDash(const QString &text)
{
    return text.isEmpty() ? QStringLiteral("-") : text;
}

QString hopsText(const std::vector<HopMark> &hops)
{
    QStringList parts;
    for (const HopMark &hop : hops) {
        QString part = shortName(hop.proxy) + QLatin1Char(' ') + outcomeWord(hop.outcome);
        if (hop.attempts > 1)
            part += Words::tr(" (%1 attempts)").arg(hop.attempts);
        parts.append(part);
    }
    return parts.join(QLatin1String(", "));
}

} // namespace

QString outcomeWord(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Passed:
        return Words::tr("passed");
    case Outcome::Refused:
        return Words::tr("refused");
    case Outcome::Failed:
        return Words::tr("failed");
    case Outcome::NotReached:
        break;
    }
    return Words::tr("not reached");
}

QString columnTitle(Column column)
{
    switch (column) {
    case Column::Time:
        return Words::tr("Time");
    case Column::Hops:
        return Words::tr("Hops");
    case Column::Method:
        return Words::tr("Method");
    case Column::Host:
        return Words::tr("Host");
    case Column::Path:
        return Words::tr("Path");
    case Column::Status:
        return Words::tr("Status");
    case Column::Flags:
        return Words::tr("Flags");
    case Column::Decision:
        return Words::tr("Decided by");
    case Column::Cluster:
        return Words::tr("Upstream cluster");
    case Column::Duration:
        return Words::tr("ms");
    case Column::Source:
        return Words::tr("From");
    case Column::Protocol:
        return Words::tr("Protocol");
    case Column::Details:
        return Words::tr("Response code details");
    case Column::RequestId:
        return Words::tr("Request id");
    }
    return {};
}

QString cellText(const RequestRow &row, Column column)
{
    switch (column) {
    case Column::Time:
        return QDateTime::fromMSecsSinceEpoch(row.startUs / 1'000).toString(QStringLiteral("HH:mm:ss.zzz"));
    case Column::Hops:
        return hopsText(row.hops);
    case Column::Method:
        return orDash(row.method);
    case Column::Host:
        return orDash(row.host);
    case Column::Path:
        return orDash(row.path);
    case Column::Status:
        // A connection has no status, and a request that got no answer has none either.
        return row.status > 0 ? QString::number(row.status) : QStringLiteral("-");
    case Column::Flags:
        return orDash(row.flags);
    case Column::Decision:
        return row.decision();
    case Column::Cluster:
        return orDash(row.cluster);
    case Column::Duration:
        return QString::number(row.durationMs, 'f',
                               row.durationMs == static_cast<qint64>(row.durationMs) ? 0 : 1);
    case Column::Source:
        return shortName(row.source);
    case Column::Protocol:
        return orDash(row.protocol);
    case Column::Details:
        return orDash(row.details);
    case Column::RequestId:
        return row.requestId;
    }
    return {};
}

QString rowSentence(const RequestRow &row)
{
    const QString decision = row.decision();
    QString sentence =
        Words::tr("%1 %2%3 from %4: %5, status %6, after %7 ms")
            .arg(row.method, row.host, row.path, shortName(row.source), outcomeWord(row.outcome),
                 cellText(row, Column::Status), cellText(row, Column::Duration));
    if (!decision.isEmpty())
        sentence += Words::tr(", decided by %1").arg(decision);
    return sentence;
}

} // namespace sallyport::traffic
