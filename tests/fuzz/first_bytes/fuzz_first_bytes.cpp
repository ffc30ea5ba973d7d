// SPDX-License-Identifier: GPL-3.0-or-later
// What listener filters look at before anybody has said who he is: a ClientHello, a request line, a PROXY
// header. Bytes that come later change no decision.
#include "proxy/net/proxy_protocol.h"
#include "proxy/server/client_hello.h"
#include "proxy/server/http_inspection.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>

using namespace sallyport;

namespace {

void tryProxyHeader(std::string_view bytes)
{
    using Status = net::ProxyHeaderParse::Status;
    const net::ProxyHeaderParse parse = net::parseProxyHeader(bytes);
    for (std::size_t i = 0; i < bytes.size() && i < 120; ++i) {
        const Status before = net::parseProxyHeader(bytes.substr(0, i)).status;
        // A line is known to be no header where more bytes show that there is no signature at all.
        const bool refused = before == Status::Invalid && parse.status == Status::NotProxy;
        check(before == Status::NeedMore || before == parse.status || refused);
    }
    if (parse.status != Status::Complete)
        return;
    const net::ProxyHeader &header = parse.header;
    check(parse.length <= bytes.size() && (header.version == 1 || header.version == 2));
    if (header.local)
        return;
    check(header.source.isIp() && header.destination.isIp());
    for (const std::string &text : {net::proxyHeaderV1(header.source, header.destination),
                                    net::proxyHeaderV2(header.source, header.destination)}) {
        const net::ProxyHeaderParse again = net::parseProxyHeader(text);
        check(again.status == Status::Complete && again.length == text.size() && !again.header.local);
        check(again.header.source == header.source && again.header.destination == header.destination);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    const std::string_view bytes = FuzzInput(data, size).rest();
    tryProxyHeader(bytes);

    using HelloStatus = server::ClientHello::Status;
    const server::ClientHello hello = server::inspectClientHello(bytes);
    const server::HttpInspection http = server::inspectHttp(bytes);
    check(hello.status == HelloStatus::Complete || hello.serverName.empty());
    check(std::none_of(hello.serverName.begin(), hello.serverName.end(),
                       [](char c) { return c >= 'A' && c <= 'Z'; }));
    // Every length of the beginning, then some.
    for (std::size_t i = 0; i < size; i += i < 64 ? 1 : 37) {
        const std::string_view prefix = bytes.substr(0, i);
        const HelloStatus before = server::inspectClientHello(prefix).status;
        check(before == HelloStatus::NeedMore || before == hello.status);
        const server::HttpInspection seen = server::inspectHttp(prefix);
        check(seen == server::HttpInspection::NeedMore || seen == http);
    }
    return 0;
}
