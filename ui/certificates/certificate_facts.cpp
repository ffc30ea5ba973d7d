// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/certificates/certificate_facts.h"

#include "core/pki/credential_checks.h"

#include <QCoreApplication>
#include <algorithm>

namespace sallyport::certificates {

namespace {

using namespace std::chrono_literals;

constexpr long daysInYear = 365;
constexpr long yearsWorthSaying = 3;
constexpr auto hoursWorthSaying = 48h;
const std::string spiffe = "spiffe://";

QString tr(const char *text, int number = -1)
{
    return QCoreApplication::translate("CertificateFacts", text, nullptr, number);
}

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

QString spanText(std::chrono::system_clock::duration span)
{
    if (span < 2min)
        return tr("a minute");
    if (span < 2h)
        return tr("%1 min").arg(std::chrono::duration_cast<std::chrono::minutes>(span).count());
    if (span < hoursWorthSaying)
        return tr("%1 h").arg(std::chrono::duration_cast<std::chrono::hours>(span).count());
    const long days = std::chrono::duration_cast<std::chrono::days>(span).count();
    if (days >= yearsWorthSaying * daysInYear)
        return tr("%1 years").arg(days / daysInYear);
    return tr("%1 days").arg(days);
}

/// `AB:CD:…`, as openssl and browsers print it.
QString colons(const std::string &hex)
{
    QString shown;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        if (i > 0 && i % 2 == 0)
            shown += QLatin1Char(':');
        shown += QChar(QLatin1Char(hex[i])).toUpper();
    }
    return shown;
}

QString purposesOf(const pki::Certificate &certificate)
{
    using pki::KeyPurpose;
    if (certificate.clientPurpose() == KeyPurpose::Unrestricted &&
        certificate.serverPurpose() == KeyPurpose::Unrestricted)
        return tr("any (no extended key usage)");
    QStringList purposes;
    if (certificate.serverPurpose() == KeyPurpose::Allowed)
        purposes.append(QStringLiteral("serverAuth"));
    if (certificate.clientPurpose() == KeyPurpose::Allowed)
        purposes.append(QStringLiteral("clientAuth"));
    return purposes.isEmpty() ? tr("neither serverAuth nor clientAuth") : purposes.join(QStringLiteral(", "));
}

bool contains(const std::vector<pki::Certificate> &list, const pki::Certificate &certificate)
{
    return std::find(list.begin(), list.end(), certificate) != list.end();
}

} // namespace

Validity validityOf(const pki::Certificate &certificate, TimePoint now, int soonDays)
{
    if (certificate.isNull())
        return Validity::Unknown;
    if (now < certificate.notBefore())
        return Validity::NotYet;
    if (now >= certificate.notAfter())
        return Validity::Expired;
    return pki::daysUntil(certificate.notAfter(), now) < soonDays ? Validity::Soon : Validity::Good;
}

QString remainingText(const pki::Certificate &certificate, TimePoint now)
{
    if (certificate.isNull())
        return {};
    if (now < certificate.notBefore())
        return tr("valid in %1").arg(spanText(certificate.notBefore() - now));
    if (now >= certificate.notAfter())
        return tr("expired %1 ago").arg(spanText(now - certificate.notAfter()));
    return spanText(certificate.notAfter() - now);
}

QString identityOf(const pki::Certificate &certificate)
{
    const pki::SubjectAltNames names = certificate.subjectAltNames();
    if (!names.uris.empty())
        return text(names.uris.front());
    if (!names.dns.empty())
        return text(names.dns.front());
    const std::string commonName = certificate.commonName();
    return text(commonName.empty() ? certificate.subject() : commonName);
}

QString principalOf(const pki::Certificate &certificate)
{
    QString principal;
    for (const std::string &uri : certificate.subjectAltNames().uris) {
        if (!uri.starts_with(spiffe))
            continue;
        if (!principal.isEmpty())
            return {};
        principal = text(uri.substr(spiffe.size()));
    }
    return principal;
}

QString keyText(const pki::PrivateKey &key)
{
    if (key.isNull())
        return {};
    const QString algorithm = text(key.algorithm());
    return algorithm == QLatin1String("RSA") ? algorithm + QLatin1Char(' ') + QString::number(key.bits())
                                             : algorithm;
}

QList<Fact> factsOf(const pki::Certificate &certificate, TimePoint now)
{
    if (certificate.isNull())
        return {};
    QList<Fact> facts;
    const auto add = [&facts](const QString &label, const QString &value) {
        if (!value.isEmpty())
            facts.append({label, value});
    };
    const pki::SubjectAltNames names = certificate.subjectAltNames();
    QStringList lines;
    const auto list = [&lines](const char *kind, const std::vector<std::string> &values) {
        for (const std::string &value : values)
            lines.append(QLatin1String(kind) + text(value));
    };
    list("URI:", names.uris);
    list("DNS:", names.dns);
    list("IP:", names.ips);
    list("email:", names.emails);
    add(tr("Subject"), text(certificate.subject()));
    add(tr("Issuer"), certificate.isSelfSigned() ? tr("itself (self-signed)") : text(certificate.issuer()));
    add(tr("Names"), lines.isEmpty() ? tr("none") : lines.join(QLatin1Char('\n')));
    add(tr("Valid from"), text(pki::formatTime(certificate.notBefore())));
    add(tr("Valid to"), text(pki::formatTime(certificate.notAfter())) + QStringLiteral("  (") +
                            remainingText(certificate, now) + QLatin1Char(')'));
    add(tr("Key"), tr("%1, %2 bits of security")
                       .arg(text(certificate.keyDescription()))
                       .arg(certificate.keySecurityBits()));
    add(tr("Signature"), text(certificate.signatureAlgorithm()));
    add(tr("Good for"), certificate.isCa() ? tr("signing certificates (CA)") : purposesOf(certificate));
    add(tr("Serial"), colons(certificate.serial()));
    add(tr("SHA-256"), colons(certificate.fingerprint()));
    return facts;
}

QString factsText(const pki::Certificate &certificate, TimePoint now)
{
    QString all;
    for (const Fact &fact : factsOf(certificate, now)) {
        QString value = fact.value;
        value.replace(QLatin1Char('\n'), QStringLiteral(", "));
        all += fact.label + QStringLiteral(": ") + value + QLatin1Char('\n');
    }
    return all;
}

std::vector<ChainLink> chainLinks(const std::vector<pki::Certificate> &chain,
                                  const std::vector<pki::Certificate> &trusted)
{
    std::vector<pki::Certificate> up = chain; // leaf first
    while (!up.empty() && !up.back().isSelfSigned()) {
        const auto issuer = std::find_if(trusted.begin(), trusted.end(), [&](const pki::Certificate &ca) {
            return !contains(up, ca) && up.back().isSignedBy(ca);
        });
        if (issuer == trusted.end())
            break;
        up.push_back(*issuer);
    }
    std::vector<ChainLink> links;
    int depth = 0;
    for (std::size_t i = up.size(); i-- > 0;) {
        // What did not sign the next one hangs on nothing.
        if (i + 1 < up.size() && !up[i].isSignedBy(up[i + 1]))
            depth = 0;
        const ChainLink::Role role = i == 0                 ? ChainLink::Role::Leaf
                                     : up[i].isSelfSigned() ? ChainLink::Role::Root
                                                            : ChainLink::Role::Intermediate;
        links.push_back({up[i], role, depth++, contains(trusted, up[i])});
    }
    for (const pki::Certificate &ca : trusted) {
        if (!contains(up, ca))
            links.push_back({ca, ChainLink::Role::Trusted, 0, true});
    }
    return links;
}

QString roleText(ChainLink::Role role)
{
    switch (role) {
    case ChainLink::Role::Root:
        return tr("Root CA");
    case ChainLink::Role::Intermediate:
        return tr("Intermediate CA");
    case ChainLink::Role::Leaf:
        return tr("Certificate");
    case ChainLink::Role::Trusted:
        break;
    }
    return tr("Trusted CA");
}

} // namespace sallyport::certificates
