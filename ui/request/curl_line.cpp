// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/request/curl_line.h"

#include "core/lab/plan.h"

#include <QRegularExpression>

namespace sallyport::request {

namespace {

QStringList arguments(const RequestDraft &draft)
{
    QStringList words;
    const QString method = draft.method.trimmed().toUpper();
    const bool body = draft.sendsBody();
    if (method == QLatin1String("HEAD"))
        words += QStringLiteral("-I");
    else
        words += QStringLiteral("-i");
    if (method != QLatin1String("HEAD") && method != (body ? QLatin1String("POST") : QLatin1String("GET")))
        words += {QStringLiteral("-X"), shellQuoted(draft.method.trimmed())};
    for (const Header &header : draft.headers) {
        const QString name = header.name.trimmed();
        if (!header.enabled || name.isEmpty())
            continue;
        const QString value = header.value.trimmed();
        words += {QStringLiteral("-H"), shellQuoted(value.isEmpty() ? name + QLatin1Char(';')
                                                                    : name + QLatin1String(": ") + value)};
    }
    if (body)
        words += {QStringLiteral("--data-raw"), shellQuoted(draft.body)};
    words += shellQuoted(draft.fullUrl());
    return words;
}

/// The Deployment of `primary:default/sleep#1`, and its namespace.
std::pair<QString, QString> deploymentOf(const QString &instance)
{
    const qsizetype slash = instance.indexOf(QLatin1Char('/'));
    const qsizetype colon = instance.lastIndexOf(QLatin1Char(':'), slash);
    return {instance.mid(slash + 1).section(QLatin1Char('#'), 0, 0),
            instance.mid(colon + 1, slash - colon - 1)};
}

} // namespace

QString shellQuoted(const QString &word)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./-]+$"));
    if (plain.match(word).hasMatch())
        return word;
    QString quoted = word;
    quoted.replace(QLatin1Char('\''), QLatin1String("'\\''"));
    return QLatin1Char('\'') + quoted + QLatin1Char('\'');
}

QString curlLine(const RequestDraft &draft)
{
    return QLatin1String("curl ") + arguments(draft).join(QLatin1Char(' '));
}

QString kubectlLine(const RequestDraft &draft)
{
    const auto [name, nameSpace] = deploymentOf(draft.instance);
    QStringList words{QStringLiteral("kubectl")};
    if (!nameSpace.isEmpty() && nameSpace != QLatin1String("default"))
        words += {QStringLiteral("-n"), shellQuoted(nameSpace)};
    words += {QStringLiteral("exec"), shellQuoted(QLatin1String("deploy/") + name), QStringLiteral("--"),
              QStringLiteral("curl")};
    return (words + arguments(draft)).join(QLatin1Char(' '));
}

QString localLine(const RequestDraft &draft, const lab::Instance &instance)
{
    if (!instance.forward.isSet())
        return {};
    const QString proxy = QLatin1String("http://") + QString::fromStdString(instance.forward.toString());
    QStringList words{QStringLiteral("curl"), QStringLiteral("-x"), shellQuoted(proxy)};
    return (words + arguments(draft)).join(QLatin1Char(' '));
}

} // namespace sallyport::request
