// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/grpc_health_message.h"
#include "proxy/upstream/health_check.h"
#include "proxy/upstream/http_probe.h"

namespace sallyport::upstream {

namespace {

using http::Known;

bool isGrpc(std::string_view contentType)
{
    constexpr std::string_view type = "application/grpc";
    return contentType == type || (contentType.starts_with(type) && contentType[type.size()] == '+');
}

class GrpcHealthProbe final : public HttpProbe
{
public:
    GrpcHealthProbe(net::EpollDispatcher &dispatcher, const ClusterInfoPtr &cluster,
                    CompiledHealthCheck &check, const HostPtr &host, OnResult onResult)
        : HttpProbe(dispatcher, cluster, check, host, http::Protocol::Http2, std::move(onResult))
        , m_check(std::get<dataplane::GrpcHealthCheck>(check.configuration().probe))
    {
    }

    void giveUp() override
    {
        if (keepsConnection())
            dropStream();
        else
            dropConnection();
    }

private:
    bool keepsConnection() const { return m_healthCheck.configuration().reuseConnection && !m_retires; }

    void sendRequest(http::RequestEncoder &encoder) override
    {
        m_answer = {};
        http::HeaderMapPtr headers = http::HeaderMap::create(http::HeaderMap::Kind::Request);
        headers->set(Known::Method, "POST");
        headers->set(Known::Path, "/grpc.health.v1.Health/Check");
        headers->set(Known::Authority, probeAuthority(*m_cluster, *m_host, m_check.authority));
        headers->set(Known::Te, "trailers");
        headers->set(Known::ContentType, "application/grpc");
        headers->set(Known::UserAgent, "Envoy/HC");
        headers->set(Known::Scheme, m_cluster->speaksTls(*m_host) ? "https" : "http");
        applyProbeHeaders(m_healthCheck, m_host, *headers);
        if (!encoder.encodeHeaders(*headers, false)) {
            conclude(ProbeResult::NetworkFailure, false, false);
            return;
        }
        net::Buffer body(grpcHealthRequest(m_check.serviceName));
        encoder.encodeData(body, true);
    }

    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override
    {
        if (!isAsked())
            return;
        if (endStream)
            end(headers->get(Known::GrpcStatus), true);
        else if (headers->status() != 200 || !isGrpc(headers->get(Known::ContentType)))
            end({}, false);
    }
    void decodeData(net::Buffer &data, bool endStream) override
    {
        const std::string bytes = data.toString();
        data.clear();
        if (!isAsked())
            return;
        if (!m_answer.read(bytes).empty())
            end({}, endStream);
        else if (endStream)
            end({}, true);
    }
    void decodeTrailers(http::HeaderMapPtr trailers) override
    {
        if (isAsked())
            end(trailers->get(Known::GrpcStatus), true);
    }

    /// `status`: what gRPC says of the call; empty: it says nothing.
    void end(std::string_view status, bool complete)
    {
        const bool passed = status == "0" && m_answer.isServing();
        conclude(passed ? ProbeResult::Passed : ProbeResult::Refused, complete, keepsConnection());
    }

    const dataplane::GrpcHealthCheck &m_check;
    GrpcHealthAnswer m_answer;
};

} // namespace

std::unique_ptr<HealthProbe> makeGrpcHealthProbe(net::EpollDispatcher &dispatcher,
                                                 const ClusterInfoPtr &cluster, CompiledHealthCheck &check,
                                                 const HostPtr &host, HealthProbe::OnResult onResult)
{
    return std::make_unique<GrpcHealthProbe>(dispatcher, cluster, check, host, std::move(onResult));
}

} // namespace sallyport::upstream
