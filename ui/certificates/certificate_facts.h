// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/certificate.h"

#include <QList>
#include <QString>
#include <QStringList>

namespace sallyport::certificates {

using pki::TimePoint;

/// How a certificate stands to the time of day.
enum class Validity { Unknown, Good, Soon, Expired, NotYet };

/// `Soon` are less than `soonDays` days before the end.
Validity validityOf(const pki::Certificate &certificate, TimePoint now, int soonDays);

/// Days before the end at which an imported certificate is worth a word; a lab's own are renewed by the lab.
inline constexpr int expirySoonDays = 30;

/// `71 days`, `23 h`, `expired 3 days ago`, `valid in 2 days`: what is left, in the largest unit that says
/// enough.
QString remainingText(const pki::Certificate &certificate, TimePoint now);

/// A URI or DNS name, else the common name, else the subject: what peers know it by.
QString identityOf(const pki::Certificate &certificate);

/// The principal that policies name, `test.client`; empty without exactly one spiffe:// URI.
QString principalOf(const pki::Certificate &certificate);

/// `RSA 2048`, `EC P-256`; empty without a key.
QString keyText(const pki::PrivateKey &key);

/// One line of what a certificate says.
struct Fact
{
    QString label; ///< `Subject`
    QString value; ///< names and numbers, fit for a fixed-width face
    bool operator==(const Fact &) const = default;
};

/// Subject, issuer, names, validity, key, signature, purposes, serial number, SHA-256 fingerprint.
QList<Fact> factsOf(const pki::Certificate &certificate, TimePoint now);

/// The facts of a certificate as lines of text, for the clipboard.
QString factsText(const pki::Certificate &certificate, TimePoint now);

/// A chain as a tree would show it: the root (or the highest that is known) first, the leaf last.
struct ChainLink
{
    enum class Role { Root, Intermediate, Leaf, Trusted };
    pki::Certificate certificate;
    Role role = Role::Leaf;
    int depth = 0;      ///< 0 for what hangs on nothing
    bool given = false; ///< part of the CAs to trust
};

/// `chain` leaf first; CAs of `trusted` that sign none of it follow as roots of their own.
std::vector<ChainLink> chainLinks(const std::vector<pki::Certificate> &chain,
                                  const std::vector<pki::Certificate> &trusted);

/// `Certificate`, `Intermediate CA`, `Root CA`, `Trusted CA`
QString roleText(ChainLink::Role role);

} // namespace sallyport::certificates
