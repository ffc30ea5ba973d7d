// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/upstream_facts.h"

#include "proxy/net/connection.h"

namespace sallyport::server {

void noteUpstreamConnection(telemetry::StreamInfo &info, upstream::StreamLease &lease)
{
    if (lease.speaksHttp())
        info.upstreamProtocol = lease.encoder().protocol();
    const net::Connection *connection = lease.connection();
    if (connection == nullptr)
        return;
    info.upstreamRemoteAddress = connection->addresses().remote;
    info.upstreamLocalAddress = connection->addresses().local;
    info.upstreamConnectionId = connection->id();
    info.upstreamConnectStart = connection->startTime();
    info.upstreamConnectEnd = connection->connectedTime();
    if (connection->tls() != nullptr)
        info.upstreamHandshakeEnd = connection->transportReadyTime();
    info.upstreamTls = connection->sharedTls();
}

void addUpstreamBytes(telemetry::StreamInfo &info, const http::BytesMeter &bytes)
{
    info.upstreamWireReceived += bytes.wireReceived;
    info.upstreamWireSent += bytes.wireSent;
    // Envoy's attempts go on with one meter, so that what earlier ones received counts again with each block.
    info.upstreamDecompressedHeaderReceived +=
        bytes.decompressedHeaderReceived + bytes.blocksReceived * info.upstreamHeaderReceived;
    info.upstreamHeaderReceived += bytes.headerReceived;
    info.upstreamHeaderSent += bytes.headerSent;
    info.upstreamDecompressedHeaderSent += bytes.decompressedHeaderSent;
}

} // namespace sallyport::server
