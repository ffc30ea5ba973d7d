// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/health_check.h"
#include "proxy/upstream/http_probe.h"

#include <algorithm>

namespace sallyport::upstream {

namespace {

using http::Known;

bool holds(const std::vector<dataplane::StatusRange> &ranges, std::int64_t status)
{
    return std::any_of(ranges.begin(), ranges.end(), [status](const dataplane::StatusRange &range) {
        return status >= range.start && status < range.end;
    });
}

class HttpHealthProbe final : public HttpProbe
{
public:
    HttpHealthProbe(net::EpollDispatcher &dispatcher, const ClusterInfoPtr &cluster,
                    CompiledHealthCheck &check, const HostPtr &host, OnResult onResult)
        : HttpProbe(dispatcher, cluster, check, host,
                    check.usesHttp2() ? http::Protocol::Http2 : http::Protocol::Http11, std::move(onResult))
        , m_check(std::get<dataplane::HttpHealthCheck>(check.configuration().probe))
    {
    }

    void giveUp() override { dropConnection(); }

private:
    void sendRequest(http::RequestEncoder &encoder) override
    {
        m_body.clear();
        m_headers.reset();
        http::HeaderMapPtr headers = http::HeaderMap::create(http::HeaderMap::Kind::Request);
        headers->set(Known::Method, m_check.method);
        headers->set(Known::Authority, probeAuthority(*m_cluster, *m_host, m_check.host));
        headers->set(Known::Path, m_check.path);
        headers->set(Known::UserAgent, "Envoy/HC");
        headers->set(Known::Scheme, m_cluster->speaksTls(*m_host) ? "https" : "http");
        applyProbeHeaders(m_healthCheck, m_host, *headers);
        const bool hasBody = m_check.send && !m_check.send->bytes.empty();
        if (hasBody)
            headers->setNumber(Known::ContentLength, m_check.send->bytes.size());
        if (!encoder.encodeHeaders(*headers, !hasBody)) {
            conclude(ProbeResult::NetworkFailure, false, false);
            return;
        }
        if (hasBody) {
            net::Buffer body(m_check.send->bytes);
            encoder.encodeData(body, true);
        }
    }

    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override
    {
        m_headers = std::move(headers);
        if (endStream)
            judge();
    }
    void decodeData(net::Buffer &data, bool endStream) override
    {
        if (!m_check.receive.empty()) {
            const std::size_t most = m_check.responseBufferSize;
            m_body += data.toString();
            if (most != 0 && m_body.size() > most)
                m_body.resize(most);
        }
        data.clear();
        if (endStream)
            judge();
    }
    void decodeTrailers(http::HeaderMapPtr) override { judge(); }

    void judge()
    {
        if (!isAsked() || !m_headers)
            return;
        const bool keep = m_healthCheck.configuration().reuseConnection && !m_retires &&
                          m_headers->get(Known::Connection) != "close" &&
                          m_headers->get("proxy-connection") != "close";
        conclude(result(), true, keep);
    }

    ProbeResult result()
    {
        const std::int64_t status = m_headers->status();
        const bool expected =
            m_check.expectedStatuses.empty() ? status == 200 : holds(m_check.expectedStatuses, status);
        if (!expected || !holdsInOrder(m_body, m_check.receive)) {
            if (m_headers->has(Known::EnvoyImmediateHealthCheckFail))
                m_host->set(HealthFlag::ExcludedViaImmediateHcFail);
            return !expected && holds(m_check.retriableStatuses, status) ? ProbeResult::Retriable
                                                                         : ProbeResult::Refused;
        }
        if (const dataplane::CompiledString *name = m_healthCheck.serviceName()) {
            m_healthCheck.stats().verifyCluster.inc();
            if (!name->matches(m_headers->get(Known::EnvoyUpstreamHealthCheckedCluster)))
                return ProbeResult::Refused;
        }
        return m_headers->has(Known::EnvoyDegraded) ? ProbeResult::PassedDegraded : ProbeResult::Passed;
    }

    const dataplane::HttpHealthCheck &m_check;
    http::HeaderMapPtr m_headers;
    std::string m_body;
};

} // namespace

std::unique_ptr<HealthProbe> makeHttpHealthProbe(net::EpollDispatcher &dispatcher,
                                                 const ClusterInfoPtr &cluster, CompiledHealthCheck &check,
                                                 const HostPtr &host, HealthProbe::OnResult onResult)
{
    return std::make_unique<HttpHealthProbe>(dispatcher, cluster, check, host, std::move(onResult));
}

} // namespace sallyport::upstream
