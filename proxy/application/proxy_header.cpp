// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace sallyport::application {

namespace {

void appendPort(std::string &header, int port)
{
    header += static_cast<char>((port >> 8) & 0xff);
    header += static_cast<char>(port & 0xff);
}

} // namespace

std::string proxyHeader(const lab::SocketAddress &source, const lab::SocketAddress &destination)
{
    in_addr from = {};
    in_addr to = {};
    if (::inet_pton(AF_INET, source.address.c_str(), &from) != 1 ||
        ::inet_pton(AF_INET, destination.address.c_str(), &to) != 1)
        return {};
    std::string header("\r\n\r\n\0\r\nQUIT\n", 12);
    header += '\x21';       // version 2, command PROXY
    header += '\x11';       // TCP over IPv4
    appendPort(header, 12); // length of what follows
    header.append(reinterpret_cast<const char *>(&from), 4);
    header.append(reinterpret_cast<const char *>(&to), 4);
    appendPort(header, source.port);
    appendPort(header, destination.port);
    return header;
}

} // namespace sallyport::application
