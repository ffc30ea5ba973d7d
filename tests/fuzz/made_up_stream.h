// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/formatter.h"
#include "tests/fuzz/fuzz_input.h"

#include <QJsonDocument>

/// A TLS side that says what it is told.
class MadeUpTls final : public sallyport::net::TlsInfo
{
public:
    explicit MadeUpTls(FuzzInput &input)
        : m_version(input.part())
        , m_name(input.part())
    {
        m_facts.subject = m_name;
        m_facts.serial = m_version;
        m_facts.uriSans = {m_name, m_version};
        m_facts.dnsSans = {m_name};
        m_facts.notBefore = std::chrono::system_clock::time_point(std::chrono::seconds(input.byte()));
        m_facts.notAfter = std::chrono::system_clock::time_point::max();
    }
    const std::string &version() const override { return m_version; }
    const std::string &cipher() const override { return m_name; }
    const std::string &sni() const override { return m_name; }
    const std::string &alpn() const override { return m_name; }
    const std::string &sessionId() const override { return m_name; }
    std::string_view group() const override { return m_name; }
    bool peerPresented() const override { return true; }
    bool peerValidated() const override { return !m_name.empty(); }
    bool resumed() const override { return false; }
    const sallyport::net::CertificateFacts *peer() const override { return &m_facts; }
    const sallyport::net::CertificateFacts *issuer() const override { return own(); }
    const sallyport::net::CertificateFacts *own() const override
    {
        return m_version.empty() ? nullptr : &m_facts;
    }

private:
    std::string m_version;
    std::string m_name;
    sallyport::net::CertificateFacts m_facts;
};

/// A stream whose facts the input makes up, bytes that no codec would let through among them.
class MadeUpStream
{
public:
    explicit MadeUpStream(FuzzInput &input)
        : m_tls(std::make_shared<MadeUpTls>(input))
    {
        const unsigned char has = input.byte();
        sallyport::telemetry::StreamInfo &info = m_info;
        info.startWall = std::chrono::system_clock::time_point(
            std::chrono::nanoseconds(static_cast<std::int64_t>(input.byte()) << (input.byte() % 56U)));
        info.responseCode = input.byte() * 4U;
        info.attemptCount = input.byte();
        info.bytesSent = static_cast<std::uint64_t>(input.byte()) << (input.byte() % 64U);
        if ((has & 1U) != 0) {
            info.end = info.start + std::chrono::microseconds(input.byte());
            info.firstUpstreamRx = info.start - std::chrono::microseconds(input.byte());
            info.lastDownstreamTx = info.end;
        }
        if ((has & 2U) != 0) {
            info.downstreamTls = m_tls.get();
            info.upstreamTls = m_tls;
        }
        if ((has & 4U) != 0)
            info.upstreamHost = info.remoteAddress = sallyport::net::Address::v4(0x7F000001, 80);
        if ((has & 8U) != 0)
            info.flags.set(static_cast<sallyport::telemetry::ResponseFlag>(
                input.byte() % static_cast<unsigned>(sallyport::telemetry::ResponseFlag::Count)));
        info.protocol = static_cast<sallyport::http::Protocol>((has >> 6U) % 3U);
        m_text = input.part();
        info.responseCodeDetails = info.requestedServerName = info.upstreamTransportFailure =
            info.upstreamHostName = m_text;
        info.routeName = info.upstreamCluster = info.virtualHostName = m_text;
        info.dynamicMetadata =
            QJsonDocument::fromJson(QByteArray::fromStdString(std::string(input.part()))).object();
        using Kind = sallyport::http::HeaderMap::Kind;
        m_request = headers(Kind::Request, input);
        if ((has & 16U) != 0)
            m_response = headers(Kind::Response, input);
        if ((has & 32U) != 0)
            m_trailers = headers(Kind::Trailers, input);
    }
    sallyport::telemetry::LogContext context() const
    {
        return {m_info, m_request.get(), m_response.get(), m_trailers.get(), m_text};
    }

private:
    /// Up to a few lines: name, value, …; an empty name ends them.
    static sallyport::http::HeaderMapPtr headers(sallyport::http::HeaderMap::Kind kind, FuzzInput &input)
    {
        auto map = sallyport::http::HeaderMap::create(kind);
        for (int i = 0; i < 8; ++i) {
            std::string name(input.part());
            if (name.empty())
                break;
            for (char &c : name)
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c;
            map->add(name, input.part());
        }
        return map;
    }

    std::shared_ptr<MadeUpTls> m_tls;
    sallyport::telemetry::StreamInfo m_info;
    std::string m_text;
    sallyport::http::HeaderMapPtr m_request;
    sallyport::http::HeaderMapPtr m_response;
    sallyport::http::HeaderMapPtr m_trailers;
};
