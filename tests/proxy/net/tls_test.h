// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/tls_context.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/peers.h"
#include "tests/proxy/net/test_pki.h"

#include <QProcess>
#include <map>

/// What tests of TLS against programs that are not ours begin with.

using namespace sallyport;
using namespace sallyport::net;

/// What a transport told.
struct Counts final : TlsObserver
{
    void onTlsEvent(TlsEvent event) override { ++events[event]; }
    void onTlsNegotiated(std::string_view version, std::string_view cipher, std::string_view curve,
                         std::string_view sigalg) override
    {
        negotiated = std::string(version) + ' ' + std::string(cipher) + ' ' + std::string(curve) + ' ' +
                     std::string(sigalg);
    }
    std::map<TlsEvent, int> events;
    std::string negotiated;
};

/// A program that runs while the event loop of the test goes on.
struct Program
{
    Program(const QString &name, const QStringList &arguments)
    {
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(name, arguments);
    }
    ~Program()
    {
        process.kill();
        process.waitForFinished();
    }
    QByteArray finish()
    {
        process.closeWriteChannel();
        [this] { QTRY_COMPARE_WITH_TIMEOUT(process.state(), QProcess::NotRunning, 10'000); }();
        return output += process.readAll();
    }
    QProcess process;
    QByteArray output;
};

/// Configurations of the test PKI's files.
class TlsTest : public QObject
{
protected:
    std::unique_ptr<TestPki> m_pki = std::make_unique<TestPki>();

    dataplane::TlsCertificate certificate(const QString &name) const
    {
        dataplane::TlsCertificate certificate;
        certificate.certificateChain.filename = m_pki->file(name + ".pem");
        certificate.privateKey.filename = m_pki->file(name + ".key");
        return certificate;
    }
    dataplane::CertificateValidationContext trusting(const QString &ca) const
    {
        dataplane::CertificateValidationContext validation;
        validation.trustedCa.filename = m_pki->file(ca + ".pem");
        return validation;
    }
};
