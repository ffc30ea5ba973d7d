// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/proxy/net/child_program.h"
#include "tests/proxy/net/test_pki.h"

/// A filter chain that wants a certificate of the test's authority and speaks both versions of HTTP.
inline QString mutualTlsChain(const TestPki &pki, const QString &filters)
{
    return bootstrap_text::chain(
        filters, QStringLiteral(R"("transport_socket": {"name": "tls", "typed_config": {%1,
            "require_client_certificate": true, "common_tls_context": {"alpn_protocols": ["h2", "http/1.1"],
            "tls_certificates": [{"certificate_chain": {"filename": "%2"}, "private_key": {"filename": "%3"}}],
            "validation_context": {"trusted_ca": {"filename": "%4"}}}}})")
                     .arg(bootstrap_text::type("envoy.extensions.transport_sockets.tls.v3."
                                               "DownstreamTlsContext"),
                          pki.path("server.pem"), pki.path("server.key"), pki.path("ca.pem")));
}

/// An HTTP connection manager named `in` with nothing but `routes`; `more` are further fields.
inline QString managerWith(const QString &routes, const QString &more)
{
    return bootstrap_text::filter(
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        QStringLiteral(R"("stat_prefix": "in", "route_config": {"virtual_hosts": [{"name": "v",
            "domains": ["*"], "routes": [%1]}]}, "http_filters": [%2], %3)")
            .arg(routes, bootstrap_text::filter("envoy.extensions.filters.http.router.v3.Router", {}), more));
}

/// A script of this folder: another project's server and client, with the gateway between them. It says which
/// port its server has and is told the gateway's.
class ScriptOfPeers
{
public:
    explicit ScriptOfPeers(const char *name)
        : m_program({QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/e2e/clients/%1").arg(QLatin1String(name))})
    {
        while (!m_program.out.contains('\n')) {
            const qsizetype before = m_program.out.size();
            m_program.read(before + 1, 30000);
            if (m_program.out.size() == before)
                qFatal("%s does not begin: %s", name, m_program.err.constData());
        }
        serverPort = m_program.out.trimmed().toUShort();
        m_program.out.clear();
    }
    /// Plaintext without `pki`. What went well, one name a line; otherwise what was wrong.
    QByteArray outcome(quint16 gateway, const TestPki *pki)
    {
        QStringList words{QString::number(gateway)};
        if (pki != nullptr)
            words << pki->path("ca.pem") << pki->path("client.pem") << pki->path("client.key");
        else
            words << "plaintext";
        m_program.write(words.join(' ').toUtf8() + '\n');
        const int code = m_program.finish(120000);
        return code == 0 ? m_program.out : m_program.out + m_program.err;
    }

    quint16 serverPort = 0;

private:
    ChildProgram m_program;
};
