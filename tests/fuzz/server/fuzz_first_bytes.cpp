// SPDX-License-Identifier: GPL-3.0-or-later
// What listener filters look at before anybody has said who he is: a ClientHello, a request line, a PROXY
// header.
#include "proxy/net/proxy_protocol.h"
#include "proxy/server/client_hello.h"
#include "proxy/server/http_inspection.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace sallyport;
    const std::string_view bytes(reinterpret_cast<const char *>(data), size);

    const net::ProxyHeaderParse proxy = net::parseProxyHeader(bytes);
    if (proxy.status == net::ProxyHeaderParse::Status::Complete)
        require(proxy.length <= size && (proxy.header.version == 1 || proxy.header.version == 2));

    const server::ClientHello hello = server::inspectClientHello(bytes);
    const server::HttpInspection http = server::inspectHttp(bytes);
    // What has been decided is not taken back by more bytes.
    for (std::size_t i = 0; i < size && i < 64; ++i) {
        const std::string_view prefix = bytes.substr(0, i);
        const server::ClientHello before = server::inspectClientHello(prefix);
        require(before.status == server::ClientHello::Status::NeedMore || before.status == hello.status);
        const server::HttpInspection seen = server::inspectHttp(prefix);
        require(seen == server::HttpInspection::NeedMore || seen == http);
        const net::ProxyHeaderParse::Status status = net::parseProxyHeader(prefix).status;
        require(status == net::ProxyHeaderParse::Status::NeedMore || status == proxy.status);
    }
    return 0;
}
