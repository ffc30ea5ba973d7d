// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/tls_verifier.h"
#include "proxy/server/connection_handler.h"

namespace sallyport::server {

namespace {

/// Says its text and closes.
class DirectResponseHandler final : public ConnectionHandler
{
public:
    DirectResponseHandler(std::shared_ptr<const std::string> response, net::Connection &connection)
        : m_response(std::move(response))
        , m_connection(connection)
    {
        m_info.responseCodeDetails = "direct_response";
    }
    void onConnected() override
    {
        m_connection.write(*m_response);
        m_connection.close(net::CloseType::Flush);
    }
    void onData(net::Buffer &data, bool) override { data.clear(); }
    void onClosed(net::CloseEvent) override {}
    const telemetry::StreamInfo *streamInfo() const override { return &m_info; }

private:
    std::shared_ptr<const std::string> m_response;
    net::Connection &m_connection;
    telemetry::StreamInfo m_info;
};

class DirectResponseFilter final : public TerminalFilter
{
public:
    explicit DirectResponseFilter(std::string response)
        : m_response(std::make_shared<const std::string>(std::move(response)))
    {
    }
    std::unique_ptr<ConnectionHandler> create(const ConnectionContext &context) const override
    {
        return std::make_unique<DirectResponseHandler>(m_response, context.connection);
    }

private:
    std::shared_ptr<const std::string> m_response;
};

} // namespace

Result<std::shared_ptr<const TerminalFilter>>
makeDirectResponse(const dataplane::NetworkDirectResponse &configuration)
{
    Result<std::string> response = net::readDataSource(configuration.response);
    if (!response)
        return fail(response.error());
    return std::make_shared<const DirectResponseFilter>(std::move(*response));
}

} // namespace sallyport::server
