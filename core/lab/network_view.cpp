// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/network_view.h"

#include "core/result/ascii_case.h"

#include <QHostAddress>
#include <QString>
#include <algorithm>

namespace sallyport::lab {

namespace {

/// From here on ports are the system's for outgoing connections (net.ipv4.ip_local_port_range).
constexpr int firstEphemeralPort = 32768;

bool isAddress(const std::string &text)
{
    return !QHostAddress(QString::fromStdString(text)).isNull();
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// The length of a dotted IPv4 address at the beginning of `text`, 0 if there is none.
std::size_t addressLength(std::string_view text)
{
    std::size_t at = 0;
    for (int part = 0; part < 4; ++part) {
        std::size_t digits = 0;
        while (at + digits < text.size() && isDigit(text[at + digits]))
            ++digits;
        if (digits == 0 || digits > 3)
            return 0;
        at += digits;
        if (part < 3) {
            if (at >= text.size() || text[at] != '.')
                return 0;
            ++at;
        }
    }
    const bool goesOn =
        at < text.size() &&
        (isDigit(text[at]) || (text[at] == '.' && at + 1 < text.size() && isDigit(text[at + 1])));
    return goesOn ? 0 : at;
}

bool endsWithName(const std::string &full, std::string_view name)
{
    if (full == name)
        return true;
    if (full.size() <= name.size() || full.compare(full.size() - name.size(), name.size(), name) != 0)
        return false;
    const char before = full[full.size() - name.size() - 1];
    return before == ':' || before == '/';
}

} // namespace

Result<const Instance *> NetworkView::find(std::string_view name) const
{
    std::vector<const Instance *> found;
    for (const Instance &instance : m_plan.instances) {
        if (instance.name == name)
            return &instance;
        if (endsWithName(instance.name, name))
            found.push_back(&instance);
    }
    if (found.size() == 1)
        return found.front();
    std::string candidates;
    for (const Instance &instance : m_plan.instances) {
        if (found.empty() || std::find(found.begin(), found.end(), &instance) != found.end())
            candidates += (candidates.empty() ? "" : ", ") + instance.name;
    }
    const std::string what = found.empty() ? "there is no workload `" : "several workloads are called `";
    return fail(what + std::string(name) + '`', {}, "choose one of: " + candidates);
}

std::vector<std::string> NetworkView::resolve(const Instance &instance, const std::string &host) const
{
    if (isAddress(host))
        return {host};
    std::string name = asciiLowered(host);
    const bool absolute = !name.empty() && name.back() == '.';
    if (absolute)
        name.pop_back();
    const auto look = [this, &instance](const std::string &candidate) -> std::vector<std::string> {
        if (const auto mesh = m_plan.meshes.find(instance.mesh); mesh != m_plan.meshes.end()) {
            if (const auto it = mesh->second.hosts.find(candidate); it != mesh->second.hosts.end())
                return it->second;
        }
        if (const auto it = m_plan.hosts.find(candidate); it != m_plan.hosts.end())
            return it->second;
        return {};
    };
    if (!absolute) {
        // The pod's resolv.conf: search NS.svc.DOMAIN svc.DOMAIN DOMAIN, ndots 5.
        if (const auto mesh = m_plan.meshes.find(instance.mesh); mesh != m_plan.meshes.end()) {
            const std::string &domain = mesh->second.domain;
            for (const std::string &suffix :
                 {'.' + instance.nameSpace + ".svc." + domain, ".svc." + domain, '.' + domain}) {
                if (auto addresses = look(name + suffix); !addresses.empty())
                    return addresses;
            }
        }
    }
    return look(name);
}

Destination NetworkView::way(const Instance &instance, const std::string &address, int port,
                             unsigned pick) const
{
    Destination way;
    way.source = instance.address;
    const auto lab = m_plan.overlay.toLab.find(address);
    if (lab != m_plan.overlay.toLab.end()) {
        way.original.address = lab->second;
    } else {
        // Loopback addresses are this machine's own; everything else is the internet, which a lab has not.
        const bool own = address.compare(0, 4, "127.") == 0;
        way.original.address = own ? address : m_plan.overlay.nowhere;
    }
    way.original.port = m_plan.overlay.labPort(port);
    if (instance.sidecar) {
        way.connectTo = instance.outbound;
        way.proxied = true;
        return way;
    }
    way.connectTo = way.original;
    for (const Route &route : m_plan.routes) {
        if (route.seen == way.original && !route.actual.empty())
            way.connectTo = route.actual[pick % route.actual.size()];
    }
    return way;
}

std::optional<std::string> NetworkView::nameOf(std::string_view address, int port) const
{
    const auto it = m_plan.names.find(std::string(address));
    if (it == m_plan.names.end())
        return std::nullopt;
    if (port >= firstEphemeralPort)
        return it->second + ":*";
    return it->second + ':' + std::to_string(m_plan.overlay.meshPort(port));
}

std::string NetworkView::meshAddress(const std::string &labAddress) const
{
    const auto it = m_plan.overlay.toMesh.find(labAddress);
    return it == m_plan.overlay.toMesh.end() ? labAddress : it->second;
}

std::string NetworkView::translate(std::string_view text, bool names) const
{
    std::string result;
    result.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        const bool mayBegin =
            isDigit(text[at]) && (at == 0 || (!isDigit(text[at - 1]) && text[at - 1] != '.'));
        const std::size_t length = mayBegin ? addressLength(text.substr(at)) : 0;
        if (length == 0) {
            result += text[at++];
            continue;
        }
        const std::string address(text.substr(at, length));
        at += length;
        std::size_t digits = 0;
        if (names && at < text.size() && text[at] == ':') {
            while (at + 1 + digits < text.size() && isDigit(text[at + 1 + digits]))
                ++digits;
        }
        if (digits > 0 && digits <= 5) {
            const int port = std::stoi(std::string(text.substr(at + 1, digits)));
            if (const auto name = nameOf(address, port)) {
                result += *name;
                at += 1 + digits;
                continue;
            }
            if (port >= firstEphemeralPort) {
                result += meshAddress(address) + ":*";
                at += 1 + digits;
                continue;
            }
        }
        result += meshAddress(address);
    }
    return result;
}

std::string NetworkView::readableLog(std::string_view text) const
{
    return translate(text, true);
}

std::string NetworkView::meshText(std::string_view text) const
{
    return translate(text, false);
}

Result<std::map<std::string, std::vector<std::string>>> parseHosts(std::string_view text,
                                                                   const std::string &file)
{
    std::map<std::string, std::vector<std::string>> hosts;
    int line = 0;
    while (!text.empty()) {
        ++line;
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view rest = text.substr(0, std::min(end, text.substr(0, end).find('#')));
        text.remove_prefix(std::min(end + 1, text.size()));
        std::vector<std::string> words;
        while (true) {
            const std::size_t begin = rest.find_first_not_of(" \t\r");
            if (begin == std::string_view::npos)
                break;
            rest.remove_prefix(begin);
            const std::size_t stop = std::min(rest.find_first_of(" \t\r"), rest.size());
            words.emplace_back(rest.substr(0, stop));
            rest.remove_prefix(stop);
        }
        if (words.empty())
            continue;
        if (!isAddress(words[0]))
            return fail('`' + words[0] + "` is not an IP address", {file, line, 1},
                        "write `ADDRESS NAME…`, as in /etc/hosts");
        if (words.size() == 1)
            return fail("an address without a name", {file, line, 1},
                        "write `ADDRESS NAME…`, as in /etc/hosts");
        for (std::size_t i = 1; i < words.size(); ++i) {
            auto &list = hosts[asciiLowered(words[i])];
            if (std::find(list.begin(), list.end(), words[0]) == list.end())
                list.push_back(words[0]);
        }
    }
    return hosts;
}

} // namespace sallyport::lab
